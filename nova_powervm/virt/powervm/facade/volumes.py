# SPDX-License-Identifier: Apache-2.0
"""Methods of the driver about volumes of Cinder."""

import contextlib
import platform
import sys
from collections.abc import Mapping
from typing import Any, cast

from cinderclient import exceptions as cinder_exc
from keystoneauth1 import exceptions as keystone_exc
from nova import exception as nova_exc
from nova import objects
from nova.volume import cinder
from oslo_concurrency import lockutils
from oslo_log import log as logging

from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm.facade import base
from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.flows import volume as flows
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.records import tags
from nova_powervm.virt.powervm.volume import base as volume_base
from nova_powervm.virt.powervm.volume import parsing

LOG = logging.getLogger(__name__)

_CINDER_FAILURES = (
    nova_exc.NovaException,
    cinder_exc.ClientException,
    keystone_exc.ClientException,
)
"""How Nova's client of Cinder fails; it translates some errors only."""


class Volumes(base.HostDriver):
    """Attaches volumes and tells Cinder about this host."""

    def get_volume_connector(
        self, instance: objects.Instance
    ) -> dict[str, Any]:
        """Tell Cinder what it has to know to export volumes to this host.

        :raises nova.exception.InvalidVolume: the platform cannot be asked
        """
        settings = self.host.settings
        connector = {
            'ip': settings.my_block_storage_ip,
            'host': settings.host,
            'multipath': settings.volume_use_multipath,
            'os_type': sys.platform,
            'platform': platform.machine(),
        }
        with (
            self._noting(instance),
            errors.translate(errors.for_connector, instance),
        ):
            connector.update(self.host.volumes.properties(instance))
        return connector

    def _noting(
        self, instance: objects.Instance | None
    ) -> contextlib.AbstractContextManager[Any]:
        """Serialize what is noted at an instance, such as ports that it gets.

        One may ask about the host alone, without an instance.
        """
        if not isinstance(instance, objects.Instance):
            return contextlib.nullcontext()
        host = self.host.settings.host
        name = instances.lock_name(host, instance.uuid)
        return cast(
            contextlib.AbstractContextManager[Any], lockutils.lock(name)
        )

    def attach_volume(
        self,
        context: Any,
        connection_info: dict[str, Any],
        instance: objects.Instance,
        mountpoint: str,
        disk_bus: str | None = None,
        device_type: str | None = None,
        encryption: Mapping[str, Any] | None = None,
    ) -> None:
        """Attach a volume; it is no error if the instance has it.

        PowerVM: the operating system names its devices, so the mountpoint
        is a name for Nova only.

        :raises nova.exception.VolumeAttachFailed: nothing has changed then
        """
        mapping = errors.for_attach(_id(connection_info))
        with self._working(instance, mapping):
            volume = parsing.volume(
                instance,
                connection_info,
                size_gb=_size_gb(context, connection_info),
                exported=True,
            )
            self.host.volumes.check(volume, encryption)
            store = {
                keys.INSTANCE: instance,
                keys.LPAR: self._require(instance),
                keys.VOLUMES: (volume,),
                keys.BLOCK_DEVICES: None,
            }
            found = tags.of_volume(context, instance, volume.id)
            engine.run(flows.attach(self.host, found), store, mapping)
            parsing.note_udid(instance, connection_info)
            _log_places(instance, volume, mountpoint)

    def detach_volume(
        self,
        context: Any,
        connection_info: Mapping[str, Any],
        instance: objects.Instance,
        mountpoint: str,
        encryption: Mapping[str, Any] | None = None,
    ) -> None:
        """Detach a volume; it is no error if the instance does not have it.

        :raises nova.exception.VolumeDetachFailed: it still has it
        """
        mapping = errors.for_detach(_id(connection_info))
        with self._working(instance, mapping):
            record = instances.find(self.host.cache, instance)
            store: dict[str, Any] = {
                keys.INSTANCE: instance,
                keys.VOLUMES: (parsing.volume(instance, connection_info),),
            }
            if record is not None:
                store[keys.LPAR] = record
            flow = flows.detach(self.host, exists=record is not None)
            engine.run(flow, store, mapping)

    def extend_volume(
        self,
        context: Any,
        connection_info: Mapping[str, Any],
        instance: objects.Instance,
        requested_size: int,
    ) -> None:
        """Let an instance see that a volume has grown.

        :param requested_size: bytes
        :raises nova.exception.VolumeExtendFailed: no VIOS sees it
        """
        mapping = errors.for_extend(_id(connection_info))
        with self._working(instance, mapping, records=False):
            store = {
                keys.INSTANCE: instance,
                keys.VOLUMES: (parsing.volume(instance, connection_info),),
            }
            engine.run(flows.extend(self.host, requested_size), store, mapping)


def _log_places(
    instance: objects.Instance, volume: volume_base.Volume, mountpoint: str
) -> None:
    """Tell where a volume is; its name says nothing of that."""
    places = [
        f'C{entry.address.slot}-L{entry.address.lua or "any"}'
        for entry in slots.known(instance).storage
        if entry.name == volume.slot_name
    ]
    LOG.info(
        'Volume %s is at %s of the server; its operating system may call it '
        'something else than %s',
        volume.id,
        ', '.join(places) or 'a port',
        mountpoint,
        instance=instance,
    )


def _id(connection_info: Mapping[str, Any]) -> str:
    """Tell whose failure it is; ``parsing`` refuses what is malformed."""
    data = connection_info.get('data')
    known = data.get('volume_id') if isinstance(data, Mapping) else None
    return str(connection_info.get('serial') or known)


def _size_gb(context: Any, connection_info: Mapping[str, Any]) -> int | None:
    """Ask Cinder how large a volume is; Nova does not tell."""
    volume_id = connection_info.get('serial')
    if not volume_id:
        return None
    try:
        found = cinder.API().get(context, volume_id)
    except _CINDER_FAILURES as exc:
        LOG.warning('The size of volume %s is not known: %s', volume_id, exc)
        return None
    return int(found['size']) if found.get('size') else None
