# SPDX-License-Identifier: Apache-2.0
"""Everything that the driver reads from nova.conf, read once.

Configuration is global to a process, but the hosts of a test may share one:
no other module of the driver looks at it.
"""

import dataclasses
import ipaddress
import math
import os
import socket
import stat
from typing import Any, Self

import nova.conf
import pypowervm  # noqa: F401  (registers pypowervm_job_request_timeout)
from nova import exception
from oslo_config import cfg
from oslo_log import log as logging

from nova_powervm.conf import powervm as conf
from nova_powervm.virt.powervm import fabrics as powervm_fabrics

LOG = logging.getLogger(__name__)

CONF = nova.conf.CONF
conf.register_opts(CONF)

DEFAULT_PORTS = {'http': 12080, 'https': 12443}

_FROM_DEFAULT = (
    'my_ip',
    'my_block_storage_ip',
    'state_path',
    'vif_plugging_timeout',
    'vif_plugging_is_fatal',
    'reserved_host_memory_mb',
    'reserved_host_disk_mb',
    'reserved_host_cpus',
    'config_drive_format',
    'shutdown_timeout',
)
_FROM_CACHE = (
    'remove_unused_base_images',
    'remove_unused_original_minimum_age_seconds',
)


def invalid(key: str, value: object, remedy: str) -> exception.NovaException:
    """Return the error for an option that the service cannot start with.

    :param key: the option as the operator writes it, with its group
    :param value: what it is set to
    :param remedy: what to do about it
    """
    return exception.InvalidConfiguration(
        f'{key} = {value!s} cannot be used: {remedy}'
    )


@dataclasses.dataclass(frozen=True)
class RestSettings:
    """Where and as whom to speak to the NovaLink REST API."""

    host: str
    protocol: str
    port: int
    user: str | None
    password: str | None = dataclasses.field(repr=False)
    timeout: int
    """Seconds to wait for the answer to one request."""
    ca_file: str | None
    start_timeout: int = 600
    """Seconds to wait for the REST API at the start of the service."""

    @property
    def local_auth(self) -> bool:
        """Whether the logon is proven by a local token file."""
        return not self.password


@dataclasses.dataclass(frozen=True)
class HostSettings:
    """What one compute host was told by its nova.conf.

    An option of ``[powervm]`` is the attribute of the same name; its help text
    in ``nova_powervm.conf`` has the meaning and the units.
    """

    host: str
    """Name of the compute host and of its only node."""
    rest: RestSettings
    host_root: str
    my_ip: str
    my_block_storage_ip: str
    """Address for traffic to storage."""
    state_path: str
    job_timeout: int
    """Seconds that a job of the platform may take."""
    vif_plugging_timeout: int
    vif_plugging_is_fatal: bool
    reserved_host_memory_mb: int
    reserved_host_disk_mb: int
    reserved_host_cpus: int
    config_drive_format: str
    shutdown_timeout: int
    """Seconds that a guest gets to shut down, unless its image says more."""
    remove_unused_base_images: bool
    remove_unused_original_minimum_age_seconds: int
    deep_image_inspection: bool
    """Whether the content of images is checked, not only their metadata."""
    verify_image_signatures: bool
    """Whether Nova verifies images that no user asks it to verify."""
    trusted_certificates: tuple[str, ...]
    """Ids of those that are trusted if a user names none."""
    vnc_proxyclient_address: str

    proc_units_factor: float
    uncapped_proc_weight: int
    default_max_mem_factor: float
    default_min_mem_factor: float
    default_max_vcpu_factor: float
    default_min_vcpu_factor: float
    vios_active_wait_timeout: int
    lpar_start_timeout: int
    retry_attempts: int
    retry_first_wait: float
    retry_longest_wait: float
    disk_driver: str
    volume_group_name: str
    volume_clear: str
    volume_clear_rate: int
    volume_clear_free_space: bool
    cluster_name: str
    snapshot_stops_server: bool
    ssp_tier_name: str
    ssp_thin_disks: bool
    vopt_media_volume_group: str
    vopt_media_rep_size: int
    image_meta_local_path: str
    remove_vopt_media_on_boot: bool
    remove_vopt_media_time: int
    pvm_vswitch_for_novalink_io: str
    use_rmc_mgmt_vif: bool
    use_rmc_ipv6_scheme: bool
    fc_attach_strategy: str
    vscsi_vios_connections_required: int
    volume_use_multipath: bool
    iscsi_iface: str
    rbd_user: str
    rbd_cluster_name: str
    nfs_mount_point_base: str
    nfs_mount_options: str
    ports_per_fabric: int
    npiv_prelogin: bool
    fabrics: tuple[str, ...]
    fabric_port_wwpns: tuple[tuple[str, tuple[str, ...]], ...]
    """WWPNs of the physical ports of each fabric."""
    nvram_store: str
    swift_container: str
    swift_username: str
    swift_user_domain_name: str
    swift_password: str | None = dataclasses.field(repr=False)
    swift_project_name: str
    swift_project_domain_name: str
    swift_auth_version: str
    swift_auth_url: str | None
    swift_cacert: str | None
    swift_endpoint_type: str | None
    vnc_use_x509_auth: bool
    vnc_ca_certs: str | None
    vnc_server_cert: str | None
    vnc_server_key: str | None

    @classmethod
    def from_conf(cls, host: str) -> Self:
        """Read and check the configuration of the host.

        :param host: name of the compute host
        :raises nova.exception.InvalidConfiguration: with the option, its value
            and what to do, when the service cannot work with it
        """
        _warn_about_dropped()
        try:
            _check_values()
            settings = cls(host=host, **_read())
        except cfg.ConfigFileValueError as exc:
            # It names the option, the file, and what is allowed.
            raise exception.InvalidConfiguration(str(exc)) from exc
        _check_media(settings)
        return settings

    @property
    def on_management_partition(self) -> bool:
        """Whether the REST API is that of the machine we are on.

        Only then ``host_root`` can be the root of the management partition.
        """
        here = (self.my_ip, self.host, socket.gethostname())
        return is_loopback(self.rest.host) or self.rest.host in here

    @property
    def host_state_path(self) -> str:
        """Directory for files that the driver keeps for this host."""
        return os.path.join(self.state_path, 'powervm', self.host)


def _check_values() -> None:
    """Refuse what oslo.config takes for a value, but is none.

    It makes None of an option with nothing behind its name, and nan is within
    the limits of every number.
    """
    for opt in conf.ALL_OPTS:
        value = CONF.powervm[opt.dest]
        nan = isinstance(value, float) and math.isnan(value)
        if nan or (value is None and opt.default is not None):
            raise invalid(
                f'[powervm]{opt.name}',
                value if nan else "''",
                'give it a value, or remove it for its default, '
                f'{opt.default}.',
            )
    limit = CONF.pypowervm_job_request_timeout
    if limit is None or limit < 1:
        raise invalid(
            'pypowervm_job_request_timeout',
            limit,
            'jobs of the platform need time; use seconds from 1 up, or '
            'remove it for its default, 1800.',
        )


def _read() -> dict[str, Any]:
    group = CONF.powervm
    names = {opt.dest for opt in conf.ALL_OPTS}
    known = {field.name for field in dataclasses.fields(HostSettings)}
    values = {name: getattr(group, name) for name in names & known}
    values.update({name: getattr(CONF, name) for name in _FROM_DEFAULT})
    values.update({name: CONF.image_cache[name] for name in _FROM_CACHE})
    values.update(
        rest=_rest_settings(),
        host_root=_host_root(),
        job_timeout=CONF.pypowervm_job_request_timeout,
        deep_image_inspection=(
            not CONF.workarounds.disable_deep_image_inspection
        ),
        vnc_proxyclient_address=str(CONF.vnc.server_proxyclient_address),
        disk_driver=group.disk_driver.lower(),
        volume_clear=group.volume_clear.lower(),
        fc_attach_strategy=group.fc_attach_strategy.lower(),
        nvram_store=group.nvram_store.lower(),
    )
    values.update(_signatures())
    values.update(_fabrics())
    return values


def _signatures() -> dict[str, Any]:
    trusted: tuple[str, ...] = ()
    if CONF.glance.enable_certificate_validation:
        trusted = tuple(sorted(CONF.glance.default_trusted_certificate_ids))
    return {
        'verify_image_signatures': (
            CONF.glance.verify_glance_signatures or bool(trusted)
        ),
        'trusted_certificates': trusted,
    }


def _fabrics() -> dict[str, Any]:
    wrong = powervm_fabrics.problem_of_names(CONF.powervm.fabrics)
    fabrics = conf.register_fabric_opts(CONF) if wrong is None else ()
    ports = []
    for fabric in fabrics:
        text = CONF.powervm[f'fabric_{fabric}_port_wwpns']
        wwpns = tuple(w.strip() for w in text.split(',') if w.strip())
        ports.append((fabric, wwpns))
    strategy = CONF.powervm.fc_attach_strategy.lower()
    wrong = wrong or powervm_fabrics.problem(strategy, ports)
    if wrong:
        raise invalid(*wrong)
    return {'fabrics': fabrics, 'fabric_port_wwpns': tuple(ports)}


def _rest_settings() -> RestSettings:
    group = CONF.powervm
    protocol = group.rest_protocol
    if protocol is None:
        protocol = 'https' if group.rest_password else 'http'
    settings = RestSettings(
        host=group.rest_host,
        protocol=protocol,
        port=group.rest_port or DEFAULT_PORTS[protocol],
        user=group.rest_user,
        password=group.rest_password or None,
        timeout=group.rest_timeout,
        ca_file=group.rest_ca_file or None,
        start_timeout=group.rest_start_timeout,
    )
    _check_rest(settings)
    return settings


def _check_rest(rest: RestSettings) -> None:
    clear = rest.protocol == 'http' and rest.password
    if clear and not is_loopback(rest.host):
        raise invalid(
            '[powervm]rest_protocol',
            'http',
            f'rest_password would travel unencrypted to {rest.host}; use '
            'https, or remove rest_password to log on by local file.',
        )
    if rest.password and not rest.user:
        raise invalid(
            '[powervm]rest_user',
            "''",
            'rest_password is set; name the user it belongs to.',
        )
    if rest.ca_file and not os.path.isfile(rest.ca_file):
        raise invalid(
            '[powervm]rest_ca_file',
            rest.ca_file,
            'there is no such file; name a file of PEM certificates.',
        )


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address means this machine."""
    if host.rstrip('.').lower() in ('localhost', 'localhost.localdomain'):
        return True
    try:
        return ipaddress.ip_address(host.strip('[]')).is_loopback
    except ValueError:
        return False


def _host_root() -> str:
    root: str = CONF.powervm.host_root or '/'
    if not os.path.isabs(root) or not os.path.isdir(root):
        raise invalid(
            '[powervm]host_root',
            root,
            'it must be the absolute path of an existing directory.',
        )
    return root


def _check_media(settings: HostSettings) -> None:
    if settings.config_drive_format != 'iso9660':
        raise invalid(
            'config_drive_format',
            settings.config_drive_format,
            'config drives are virtual optical media on PowerVM; set it to '
            'iso9660 or remove it.',
        )
    path = settings.image_meta_local_path
    if path:
        _check_private(path)


def _check_private(path: str) -> None:
    """Config drives hold secrets: nobody else may read or swap them."""
    key = '[powervm]image_meta_local_path'
    try:
        status = os.lstat(path)
    except OSError as error:
        raise invalid(
            key, path, f'{error.strerror}; create it with mode 0700.'
        ) from error
    if not stat.S_ISDIR(status.st_mode):
        raise invalid(key, path, 'it is not a directory.')
    if status.st_uid != os.geteuid():
        raise invalid(
            key,
            path,
            f'it belongs to uid {status.st_uid}, not to the user of '
            f'nova-compute (uid {os.geteuid()}); run chown {os.geteuid()}.',
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise invalid(
            key, path, f'others have access to it; run chmod 0700 {path}.'
        )


def _warn_about_dropped() -> None:
    for opt in conf.DROPPED_OPTS:
        if getattr(CONF.powervm, opt.dest) is not None:
            LOG.warning(
                'Option [powervm]%s has no effect any more: adapters come '
                'from a registry. Remove it from nova.conf.',
                opt.dest,
            )
