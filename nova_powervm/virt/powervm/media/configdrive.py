# SPDX-License-Identifier: Apache-2.0
"""The config drive: an ISO image with what an instance may know of itself."""

from __future__ import annotations

import contextlib
import copy
import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

from nova import objects
from nova.api.metadata import base as metadata
from nova.network import model
from nova.virt import configdrive
from oslo_concurrency import processutils
from oslo_log import log as logging
from oslo_utils import fileutils
from oslo_utils import netutils

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import settings as powervm_settings
from nova_powervm.virt.powervm.client import errors

LOG = logging.getLogger(__name__)

_MGMT_PREFIX = 'fe80::/64'
_MGMT_NAME = 'mgmt_vif'


class ConfigDriveFailed(errors.PlatformError):
    """This host could not build a config drive."""


class ConfigDrive:
    """Builds config drives.

    :param settings: of the host
    """

    def __init__(self, settings: powervm_settings.HostSettings) -> None:
        self._settings = settings

    @contextlib.contextmanager
    def build(
        self,
        instance: objects.Instance,
        injected_files: Sequence[tuple[str, Any]] | None,
        network_info: Any,
        context: Any,
        admin_pass: str | None,
        mgmt_vif: Any = None,
    ) -> Iterator[str]:
        """Build a config drive which is there while the block runs.

        :param injected_files: path and content of each personality file
        :param admin_pass: password for the operating system, if there is one
        :param mgmt_vif: the management adapter; its ``mac`` is used
        :returns: a context manager for the path of the ISO image, which only
            the service can read
        :raises ConfigDriveFailed: for example when mkisofs is missing
        """
        drive = metadata.InstanceMetadata(
            instance,
            content=injected_files,
            extra_md={'admin_pass': admin_pass} if admin_pass else {},
            network_info=self._network_info(network_info, mgmt_vif),
        )
        # The operating system finds this uuid in its device tree.
        drive.uuid = identity.lpar_uuid(instance.uuid).lower()
        with self._private_file(instance.uuid) as path:
            _make(drive, path)
            yield path

    def _network_info(self, network_info: Any, mgmt_vif: Any) -> Any:
        vifs = model.NetworkInfo(copy.deepcopy(list(network_info or ())))
        for vif in vifs:
            # cloud-init knows few types, and none of PowerVM's.
            if vif.get('type') != model.VIF_TYPE_OVS:
                vif['type'] = 'vif'
        if mgmt_vif is not None and self._settings.use_rmc_ipv6_scheme:
            vifs.append(_management_vif(mgmt_vif.mac))
        return vifs

    @contextlib.contextmanager
    def _private_file(self, instance_uuid: str) -> Iterator[str]:
        name = identity.config_drive_name(instance_uuid)
        with contextlib.ExitStack() as stack:
            try:
                path = os.path.join(
                    stack.enter_context(self._directory()), name
                )
                flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
                os.close(os.open(path, flags, 0o600))
            except OSError as error:
                raise ConfigDriveFailed(
                    f'there is no place to build the config drive: {error}. '
                    'Check that file system; [powervm]image_meta_local_path '
                    'names another one.'
                ) from error
            stack.callback(fileutils.delete_if_exists, path)
            yield path

    def _directory(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(
            prefix='powervm-cfg-',
            dir=self._settings.image_meta_local_path or None,
        )


def _make(drive: Any, path: str) -> None:
    """Try twice: the first failure may be a file system full for a moment."""
    with configdrive.ConfigDriveBuilder(instance_md=drive) as builder:
        try:
            builder.make_drive(path)
        except OSError as error:
            LOG.warning('Building a config drive failed, once more: %s', error)
            _make_again(builder, path)
        except processutils.ProcessExecutionError as error:
            raise _failed(error) from error


def _make_again(builder: Any, path: str) -> None:
    try:
        builder.make_drive(path)
    except (OSError, processutils.ProcessExecutionError) as error:
        raise _failed(error) from error


def _failed(error: Exception) -> ConfigDriveFailed:
    return ConfigDriveFailed(
        f'the config drive could not be built: {error}. Check the option '
        'mkisofs_cmd, that the program is installed, and that temporary '
        'directories have room.'
    )


def _management_vif(mac: str) -> Any:
    """Describe the management adapter with its link-local address.

    NovaLink: RMC reaches a partition by the address that IPv6 derives from
    the MAC address of its management adapter (EUI-64).
    """
    mac = identity.mac_to_nova(mac)
    address = str(netutils.get_ipv6_addr_by_EUI64(_MGMT_PREFIX, mac))
    subnet = model.Subnet(
        version=6,
        cidr=_MGMT_PREFIX,
        ips=[model.FixedIP(address=address, version=6)],
    )
    network = model.Network(
        id=_MGMT_NAME, label=_MGMT_NAME, subnets=[subnet], injected=True
    )
    return model.VIF(
        id=_MGMT_NAME,
        address=mac,
        network=network,
        type='vif',
        devname=_MGMT_NAME,
        active=True,
    )
