# SPDX-License-Identifier: Apache-2.0
"""Whether a physical volume of a VIOS is the one that it should be.

A VIOS finds a volume by its address: initiator, target and LUN. Storage gives
an address that became free to another volume, and a VIOS may still have the
hdisk of the former one there. Mapping that would give a server the data of
somebody else, so each hdisk is compared with all that is known of the volume.
"""

import base64
import binascii
from typing import Any

from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import reading

LOG = logging.getLogger(__name__)

MIB = 1024**2
ROUNDING = 1024 * MIB
"""Bytes that a volume may be larger than asked for: storage rounds up."""
_USABLE = 'active'
_SHARED = 'NoReserve'


def find_physical(vios: Any, udid: str | None, name: str | None) -> Any | None:
    """Find a physical volume of a VIOS; pypowervm's wrapper.

    :param vios: pypowervm's wrapper, with its storage
    :param udid: unique device id; decides when it is given
    :param name: name on the VIOS
    """
    for volume in vios.phys_vols:
        if udid and volume.udid:
            if volume.udid == udid:
                return volume
        elif name and volume.name == name:
            return volume
    return None


def page83(volume: Any) -> str | None:
    """Tell the NAA identifier of a physical volume, None if it has none.

    :param volume: pypowervm's wrapper. Its own property asks the VIOS when
        there is no identifier, and waits.
    :returns: hexadecimal digits in lower case
    """
    encoded = volume.element.findtext('DescriptorPage83')
    if not encoded:
        return None
    try:
        text = base64.b64decode(encoded, validate=True).decode('ascii')
    except (binascii.Error, UnicodeDecodeError):
        return None
    return normal_page83(text)


def normal_page83(text: str) -> str:
    """Write an NAA identifier in the one way that can be compared."""
    digits = text.strip().lower().removeprefix('0x').removeprefix('naa.')
    # SCSI: 3 before the 32 digits says that they are of type NAA.
    return digits[1:] if len(digits) in (17, 33) else digits


def is_healthy(volume: Any) -> bool:
    """Tell whether the VIOS can use a physical volume.

    :param volume: pypowervm's wrapper
    """
    return (volume.state or _USABLE).lower() == _USABLE


def users(vios: Any, storage: intents.StorageRef) -> set[str]:
    """Tell the partitions that have storage; '' for one without a client.

    :param vios: pypowervm's wrapper, with the mappings
    """
    return {
        reading.client_of(mapping) or ''
        for mapping in vios.scsi_mappings
        if (found := reading.storage_of(mapping)) is not None
        and storage.matches(found)
    }


def check(
    vios: Any, storage: intents.StorageRef, identity: intents.Identity
) -> None:
    """See that a VIOS has the right volume.

    :param vios: pypowervm's wrapper, with its storage
    :param storage: what is to be mapped
    :param identity: what it has to be
    :raises errors.WrongVolume: it is another one, or is not there; the text
        says what differs
    """
    volume = find_physical(vios, storage.udid, storage.name)
    wrong = (
        'it is not there'
        if volume is None
        else _difference(volume, storage, identity)
    )
    if wrong:
        raise errors.WrongVolume(
            f'{storage.name} of VIOS {vios.name} is not volume '
            f'{identity.volume_id}: {wrong}'
        )
    _warn_of_reservation(vios, volume)


def _warn_of_reservation(vios: Any, volume: Any) -> None:
    """Tell the operator if nobody else can use a physical volume.

    pypowervm's function for the policy fails if one volume of the VIOS lacks
    the id that it looks for.
    """
    policy = volume.element.findtext('ReservePolicy')
    if policy and policy != _SHARED:
        LOG.warning(
            'VIOS %s reserves %s (%s): neither another VIOS nor another '
            'server can use it. Set reserve_policy=no_reserve there for such '
            'disks, and attach the volume anew.',
            vios.name,
            volume.name,
            policy,
        )


def _difference(
    volume: Any, storage: intents.StorageRef, identity: intents.Identity
) -> str | None:
    if volume.name != storage.name:
        return f'that is {volume.name}'
    if identity.udid and volume.udid and volume.udid != identity.udid:
        return f'its UDID is {volume.udid}, expected was {identity.udid}'
    naa = page83(volume)
    if identity.page83 and naa and naa != identity.page83:
        return f'its NAA id is {naa}, expected was {identity.page83}'
    if volume.tag and volume.tag != identity.volume_id:
        return f'it is marked as volume {volume.tag}'
    if not is_healthy(volume):
        return f'its state is {volume.state}'
    proven = bool(identity.udid and volume.udid) or bool(
        identity.page83 and naa
    )
    return _wrong_size(volume, identity, proven)


def _wrong_size(
    volume: Any, identity: intents.Identity, proven: bool
) -> str | None:
    """Compare sizes; the VIOS tells whole MiB.

    Nova keeps the size that a volume had when it was attached, or when it was
    extended while nova-compute ran: what grew meanwhile is larger.

    :param proven: an id says that it is the volume
    """
    capacity, expected = volume.capacity, identity.size_bytes
    if capacity is None or expected is None:
        return None
    if expected - MIB < capacity * MIB <= expected + ROUNDING:
        return None
    said = f'it has {capacity} MiB, expected were {expected // MIB}'
    if proven and capacity * MIB > expected:
        LOG.warning('%s, volume %s: %s', volume.name, identity.volume_id, said)
        return None
    return said
