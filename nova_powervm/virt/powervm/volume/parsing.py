# SPDX-License-Identifier: Apache-2.0
"""Volumes as Nova and Cinder describe them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nova import objects
from nova.virt import driver
from oslo_log import log as logging

from nova_powervm.virt.powervm.disk import layout
from nova_powervm.virt.powervm.disk import limits
from nova_powervm.virt.powervm.records import ports
from nova_powervm.virt.powervm.records import volumes as records
from nova_powervm.virt.powervm.vios import identities
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import data

LOG = logging.getLogger(__name__)

GIB = 1024**3
UDID_KEY = 'target_UDID'
"""Where the driver notes the unique device id in the connection."""

_UNNAMED = 'without a known id'
_PAGE83_KEYS = ('pg83NAA', 'wwn', 'scsi_wwn')
"""Where Cinder's drivers tell the NAA identifier, if they do."""


def volumes(
    instance: objects.Instance, block_device_info: Mapping[str, Any] | None
) -> tuple[base.Volume, ...]:
    """List the volumes of an instance in the order of their addresses.

    That which it boots from comes first, then by the names that Nova or the
    user gave the devices.

    :param block_device_info: as Nova gives it to the driver
    :raises base.VolumeRefused: one of them says too little
    """
    mappings = sorted(
        driver.block_device_info_get_mapping(block_device_info),
        key=lambda mapping: layout.place_of(mapping.get('mount_device')),
    )
    found = [
        volume(
            instance,
            mapping['connection_info'],
            size_gb=mapping.volume_size,
            boot=mapping.get('boot_index') == 0,
            exported=True,
        )
        for mapping in mappings
    ]
    return tuple(sorted(found, key=lambda item: not item.boot))


def volume(
    instance: objects.Instance,
    connection_info: Mapping[str, Any] | None,
    *,
    size_gb: int | None = None,
    boot: bool = False,
    exported: bool = False,
) -> base.Volume:
    """Read the connection of one volume.

    :param size_gb: its size as Cinder tells it, if known
    :param boot: whether the instance boots from it
    :param exported: the connection may be a new one, for which Cinder has
        exported the volume in another way than the instance had it
    :raises base.VolumeRefused: it says too little
    """
    info = data.mapping(_UNNAMED, 'connection_info', connection_info)
    told = data.mapping(_UNNAMED, 'data', info.get('data'))
    volume_id = data.text(_UNNAMED, 'serial', info.get('serial'))
    volume_id = volume_id or data.text(
        _UNNAMED, 'volume_id', told.get('volume_id')
    )
    kind = data.text(
        volume_id or _UNNAMED,
        'driver_volume_type',
        info.get('driver_volume_type'),
    )
    if not volume_id or not kind:
        raise base.VolumeRefused(
            'Cinder tells neither the id nor the kind of a volume; see '
            'whether its attachment is complete'
        )
    known = records.known(instance).get(volume_id)
    noted = data.text(volume_id, UDID_KEY, told.get(UDID_KEY))
    return base.Volume(
        id=volume_id,
        kind=kind,
        data=told,
        size_bytes=size_gb * GIB if size_gb else None,
        udid=(known.udid if known else None) or noted,
        via=(exported and _exported_way(instance, volume_id, kind, told))
        or (known.connector if known else None)
        or _earlier_way(instance, volume_id, kind, told),
        boot=boot,
        shared=bool(info.get('multiattach')),
        limits=_limits(_qos(volume_id, told)),
    )


def _qos(volume_id: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
    return data.mapping(volume_id, 'qos_specs', told.get('qos_specs'))


def _limits(specs: Mapping[str, Any]) -> intents.Limits:
    return intents.Limits(
        limits.number(specs.get(limits.READS)),
        limits.number(specs.get(limits.WRITES)),
    )


def check_limits(volume: base.Volume) -> None:
    """Refuse limits that PowerVM does not know.

    Cinder tells those that its volume types set for the front-end.

    :raises base.VolumeRefused: there is one
    """
    for key, value in _qos(volume.id, volume.data).items():
        if key not in (limits.READS, limits.WRITES):
            raise base.VolumeRefused(
                f'the type of volume {volume.id} sets {key}={value}, which '
                'PowerVM does not know; use a type whose QoS specs for the '
                f'front-end are {limits.READS} and {limits.WRITES} only'
            )
        if limits.number(value) is None:
            raise base.VolumeRefused(
                f'the type of volume {volume.id} sets {key}={value}; use a '
                'whole number from 1 up'
            )


def _exported_way(
    instance: objects.Instance,
    volume_id: str,
    kind: str,
    told: Mapping[str, Any],
) -> str | None:
    """Tell to whose ports Cinder has exported a fibre channel volume.

    :returns: None if it does not tell, or the instance has no ports
    """
    zoned = told.get('initiator_target_map')
    initiators = data.mapping(volume_id, 'initiator_target_map', zoned)
    own = ports.wwpns(instance)
    if kind != 'fibre_channel' or not initiators or not own:
        return None
    shown = any(ports.normal(wwpn) in own for wwpn in initiators)
    return 'npiv' if shown else 'vscsi'


def _earlier_way(
    instance: objects.Instance,
    volume_id: str,
    kind: str,
    told: Mapping[str, Any],
) -> str | None:
    """Tell which connector of fibre channel volumes attached one.

    The retired driver kept no record of that. It noted the unique device id
    of what a VIOS maps; with NPIV Cinder has shown a volume to the ports of
    the instance itself.
    """
    if kind != 'fibre_channel':
        return None
    if told.get(UDID_KEY):
        return 'vscsi'
    found = _exported_way(instance, volume_id, kind, told)
    return found if found == 'npiv' else None


def all_known(
    instance: objects.Instance, block_device_info: Mapping[str, Any] | None
) -> tuple[base.Volume, ...]:
    """List the volumes that an instance has, or had and nobody detached.

    Unlike ``volumes`` it goes on without what says too little, and adds what
    the driver noted: Nova does not always tell the volumes of an instance
    that is to be removed.
    """
    found: dict[str, base.Volume] = {}
    for mapping in driver.block_device_info_get_mapping(block_device_info):
        try:
            item = volume(instance, mapping.get('connection_info'))
        except base.VolumeRefused as exc:
            LOG.warning('%s', exc, instance=instance)
        else:
            found[item.id] = item
    for known in records.known(instance).values():
        found.setdefault(
            known.volume_id,
            base.Volume(
                known.volume_id,
                known.kind,
                {},
                udid=known.udid,
                via=known.connector,
            ),
        )
    return tuple(found.values())


def note_udid(
    instance: objects.Instance, connection_info: Mapping[str, Any]
) -> None:
    """Note the unique device id in a connection, which Nova saves."""
    found = volume(instance, connection_info)
    if found.udid:
        connection_info['data'][UDID_KEY] = found.udid


def page83(volume: base.Volume) -> str | None:
    """Return the NAA identifier that Cinder tells, None if it does not.

    :returns: hexadecimal digits in lower case
    :raises base.VolumeRefused: it is no text
    """
    for key in _PAGE83_KEYS:
        found = data.text(volume.id, key, volume.data.get(key))
        if found:
            return identities.normal_page83(found)
    return None


def check_access(volume: base.Volume) -> None:
    """Refuse read-only volumes: PowerVM maps disks for writing only.

    :raises base.VolumeRefused: it is one
    """
    mode = data.text(volume.id, 'access_mode', volume.data.get('access_mode'))
    if mode not in (None, 'rw'):
        raise base.VolumeRefused(
            f'volume {volume.id} has the access mode {mode}, but PowerVM '
            'gives servers only volumes that they can write (rw)'
        )


def check_encryption(
    volume: base.Volume, encryption: Mapping[str, Any] | None = None
) -> None:
    """Refuse encrypted volumes: the server would see what is on the disk.

    :param encryption: what Cinder tells of it
    :raises base.VolumeRefused: it is encrypted
    """
    if volume.data.get('encrypted') or encryption:
        raise base.VolumeRefused(
            f'volume {volume.id} is encrypted, which PowerVM cannot undo; '
            'use a volume type without encryption'
        )
