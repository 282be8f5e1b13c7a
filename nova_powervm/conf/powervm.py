# SPDX-License-Identifier: Apache-2.0
"""The options of the ``[powervm]`` group of nova.conf."""

from collections.abc import Sequence

from oslo_config import cfg

from nova_powervm.conf import services
from nova_powervm.conf import storage

# Longer waits are mistakes, and too long ones make Python fail.
_HOUR, _DAY = 3600, 86400

powervm_group = cfg.OptGroup(
    'powervm',
    title='PowerVM options',
    help="""
Options of the PowerVM compute driver. They are read when nova-compute is
started with ``compute_driver = powervm_ext.driver.PowerVMDriver`` on a
NovaLink management partition.
""",
)

endpoint_opts = [
    cfg.HostAddressOpt(
        'rest_host',
        default='localhost',
        help="""
Host name or address of the NovaLink REST API.

nova-compute normally runs on the management partition itself, where the
default is right. It is reached directly: proxies that the environment names
are not used.
""",
    ),
    cfg.StrOpt(
        'rest_protocol',
        choices=[
            ('http', 'Not encrypted; for local use.'),
            ('https', 'Encrypted; the certificate is always verified.'),
        ],
        help="""
Protocol of the NovaLink REST API.

By default it is http when no ``rest_password`` is set (logon by local file)
and https when one is set. http together with a password is refused unless
``rest_host`` is a loopback address.
""",
    ),
    cfg.PortOpt(
        'rest_port',
        help="""
TCP port of the NovaLink REST API. By default 12080 for http and 12443 for
https.
""",
    ),
    cfg.StrOpt(
        'rest_user',
        help="""
User of the NovaLink REST API. Required with ``rest_password``; without a
password it is only a label in the audit log of the platform.
""",
    ),
    cfg.StrOpt(
        'rest_password',
        secret=True,
        help="""
Password of ``rest_user``.

Leave it unset on a management partition: the service then proves itself by
reading a token file that members of the group ``pvm_admin`` may read.
""",
    ),
    cfg.IntOpt(
        'rest_timeout',
        default=1200,
        min=1,
        max=_DAY,
        help="""
Seconds to wait for the answer to one REST request. Requests that change a
Virtual I/O Server can take minutes on a loaded system.
""",
    ),
    cfg.StrOpt(
        'rest_ca_file',
        help="""
File with the certificates (PEM) that the certificate of the REST API is
verified against when the protocol is https. By default the certificates that
the system trusts are used. The variables REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE
of the environment change nothing.
""",
    ),
    cfg.IntOpt(
        'rest_start_timeout',
        default=600,
        min=0,
        max=_DAY,
        help="""
Seconds to wait at the start of the service for the REST API to answer. It
starts a while after the management partition does. When the time is over, the
service fails and says what to check.
""",
    ),
    cfg.IntOpt(
        'retry_attempts',
        default=8,
        min=1,
        max=1000,
        help="""
How often a request is made in all, when the platform answers that it is busy,
or that somebody else changed the object meanwhile, or when the connection was
lost and repeating the request does no harm.
""",
    ),
    cfg.FloatOpt(
        'retry_first_wait',
        default=0.5,
        min=0.001,
        max=_HOUR,
        help="""
Seconds to wait before a request is repeated for the first time, or before a
job or a partition is looked at again. Each further wait is twice as long, up
to ``retry_longest_wait``.
""",
    ),
    cfg.FloatOpt(
        'retry_longest_wait',
        default=15.0,
        min=0.001,
        max=_HOUR,
        help="""
Longest wait in seconds before a request is repeated, or before a job or a
partition is looked at again.
""",
    ),
    cfg.StrOpt(
        'host_root',
        default='/',
        help="""
Directory under which /sys, /dev and the tools of the management partition are
seen by nova-compute. Differs from / when nova-compute runs in a container or
against a simulated host. Snapshots, which read disks there, need the root of
the management partition here, and so will consoles, which the driver does not
have yet.
""",
    ),
]

compute_opts = [
    cfg.FloatOpt(
        'proc_units_factor',
        default=0.1,
        min=0.05,
        max=1,
        help="""
Processing units that one virtual processor is entitled to when the flavor does
not say (extra spec ``powervm:proc_units``). 0.1 entitles a server with four
virtual processors to 0.4 of a physical processor.
""",
    ),
    cfg.IntOpt(
        'uncapped_proc_weight',
        default=64,
        min=1,
        max=255,
        help="""
Weight of an uncapped server when servers compete for idle processor time. A
flavor overrides it with ``powervm:shared_weight``.
""",
    ),
    cfg.FloatOpt(
        'default_max_mem_factor',
        default=1.0,
        min=1.0,
        max=64.0,
        help="""
To how many times the memory of its flavor a server can grow without being
stopped, when the flavor does not say (``powervm:max_mem``). The product is
rounded up to the memory region size of the host.

The hypervisor reserves memory for the page table of what a partition can grow
to, 1/64 or 1/128 of it on most hosts. The driver counts it when it looks for
room, and Placement learns of it as reserved memory. Guests keep some, too.
""",
    ),
    cfg.FloatOpt(
        'default_min_mem_factor',
        default=1.0,
        min=0.01,
        max=1.0,
        help="""
To how many times the memory of its flavor a server can shrink without being
stopped, when the flavor does not say (``powervm:min_mem``). The product is
rounded down to the memory region size of the host, and is never below 128 MB.
""",
    ),
    cfg.FloatOpt(
        'default_max_vcpu_factor',
        default=1.0,
        min=1.0,
        max=64.0,
        help="""
To how many times the VCPUs of its flavor a server can grow without being
stopped, when the flavor does not say (``powervm:max_vcpu``), rounded up and
never beyond what the host allows. Its maximum of processing units is as many
times its entitlement (``powervm:max_proc_units``).
""",
    ),
    cfg.FloatOpt(
        'default_min_vcpu_factor',
        default=1.0,
        min=0.01,
        max=1.0,
        help="""
To how many times the VCPUs of its flavor a server can shrink without being
stopped, when the flavor does not say (``powervm:min_vcpu``), rounded down and
never below one. Its minimum of processing units is as many times its
entitlement (``powervm:min_proc_units``), as far as its virtual processors
can do with so few.
""",
    ),
    cfg.IntOpt(
        'vios_active_wait_timeout',
        default=300,
        min=0,
        max=_DAY,
        help="""
Seconds to wait at the start of the service for every powered-on Virtual I/O
Server to have an active RMC connection. When the time is over, the service
starts if at least one of them is usable and fails otherwise.
""",
    ),
    cfg.IntOpt(
        'lpar_start_timeout',
        default=300,
        min=1,
        max=_DAY,
        help="""
Seconds that a partition may take from power on until it runs. One that takes
longer makes the operation fail with its reference code. How long the platform
may take for the job itself is ``pypowervm_job_request_timeout``.
""",
    ),
]

network_opts = [
    cfg.StrOpt(
        'pvm_vswitch_for_novalink_io',
        default='NovaLinkVEABridge',
        help="""
Virtual switch that connects servers with Open vSwitch on the management
partition. Used by ports of type ovs.

It has no effect yet: the driver cannot plug ports of type ovs.
""",
    ),
    cfg.BoolOpt(
        'use_rmc_mgmt_vif',
        default=True,
        help="""
Give every server an extra network adapter on the virtual switch MGMTSWITCH,
through which the platform reaches the operating system (RMC)? Needed for
clean shutdowns and for changes of running servers. Ignored when there is no
such switch.
""",
    ),
    cfg.BoolOpt(
        'use_rmc_ipv6_scheme',
        default=True,
        help="""
Describe the management adapter with an IPv6 link-local address in the config
drive? Used only with ``use_rmc_mgmt_vif``.
""",
    ),
]

ALL_OPTS: Sequence[cfg.Opt] = (
    endpoint_opts
    + compute_opts
    + storage.storage_opts
    + network_opts
    + storage.volume_opts
    + storage.npiv_opts
    + services.swift_opts
    + services.vnc_opts
)

# Options of the retired driver that have no effect any more. They are known
# only so that a configuration that still sets them can be warned about.
DROPPED_OPTS: Sequence[cfg.Opt] = (
    cfg.StrOpt('fc_npiv_adapter_api'),
    cfg.StrOpt('fc_vscsi_adapter_api'),
)


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the ``[powervm]`` options known to a configuration."""
    conf.register_group(powervm_group)
    conf.register_opts(ALL_OPTS, group=powervm_group)
    conf.register_opts(DROPPED_OPTS, group=powervm_group)


def fabric_opt(fabric: str) -> cfg.Opt:
    """Return the option that lists the physical ports of a fabric."""
    return cfg.StrOpt(
        f'fabric_{fabric}_port_wwpns',
        default='',
        help="""
WWPNs of the physical Fibre Channel ports of the Virtual I/O Servers that
belong to the fabric, separated by commas. Ports of other hosts may be among
them. Used with ``fc_attach_strategy = npiv``.
""",
    )


def register_fabric_opts(conf: cfg.ConfigOpts) -> tuple[str, ...]:
    """Register the port option of each fabric and return the fabrics."""
    names = [name.strip() for name in conf.powervm.fabrics.split(',')]
    fabrics = tuple(name for name in names if name)
    for fabric in fabrics:
        conf.register_opt(fabric_opt(fabric), group=powervm_group)
    return fabrics


def list_opts() -> list[tuple[cfg.OptGroup, list[cfg.Opt]]]:
    """Return the options for oslo-config-generator."""
    return [(powervm_group, [*ALL_OPTS, fabric_opt('A')])]
