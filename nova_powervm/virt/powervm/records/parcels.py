# SPDX-License-Identifier: Apache-2.0
"""What an instance knows of its disks that are on their way to another host.

The disks are images in Glance (images/transfer.py). Whoever works on the
instance next, in whatever state it was left, finds them here and deletes them
when they are not needed any more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nova import objects
from nova.image import glance
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.images import transfer
from nova_powervm.virt.powervm.records import sysmeta

LOG = logging.getLogger(__name__)

Parcels = Mapping[str, transfer.TransferRef]
"""Disks on their way, by their DiskKey as text."""

KEY = 'powervm_parcels_'
"""Begin of the keys in the system metadata; a number follows."""
_BEGUN = 'begun'


def announce(context: Any, instance: objects.Instance) -> None:
    """Note that disks are going to be sent, and save that.

    What an earlier try left is deleted first, or nobody would know of it.

    :param context: with the rights of a user of the images
    """
    discard(context, instance)
    if sysmeta.store(instance, KEY, json.dumps(_BEGUN)):
        sysmeta.save(instance)


def note(instance: objects.Instance, parcels: Parcels) -> None:
    """Note that disks were sent, and save that."""
    if sysmeta.store(instance, KEY, json.dumps(to_record(parcels))):
        sysmeta.save(instance)


def to_record(parcels: Parcels) -> dict[str, Any]:
    """Write them down, as what JSON can hold."""
    return {key: ref.to_dict() for key, ref in parcels.items()}


def from_record(record: Mapping[str, Any]) -> Parcels:
    """Read them.

    :raises TransferFailed: they are not to be understood
    """
    return {
        str(key): transfer.TransferRef.from_dict(data)
        for key, data in record.items()
    }


def discard(context: Any, instance: objects.Instance) -> None:
    """Delete all images of an instance's disks; never raises.

    Without a note there are none, and nobody is asked. The note stays until
    all of them are gone: when the service starts, for example, Nova has no
    token of a user who may delete them.

    :param context: with the rights of a user of the images
    """
    text = sysmeta.load(instance, KEY)
    if text is None:
        return
    refs = _known(context, instance, text)
    if refs is None:
        return
    if not all([transfer.discard(context, ref) for ref in refs]):
        return
    sysmeta.store(instance, KEY, '')
    try:
        sysmeta.save(instance)
    except Exception as exc:
        # What follows is more important, such as the removal of an instance
        # that Nova has deleted already.
        LOG.warning('Disks on their way: %s', exc, instance=instance)


def _known(
    context: Any, instance: objects.Instance, text: str
) -> list[transfer.TransferRef] | None:
    try:
        record = json.loads(text)
        if record != _BEGUN:
            return list(from_record(record).values())
    except (ValueError, AttributeError, errors.PlatformError) as exc:
        LOG.warning('Disks on their way: %s', exc, instance=instance)
    return _searched(context, instance)


def _searched(
    context: Any, instance: objects.Instance
) -> list[transfer.TransferRef] | None:
    """Ask Glance: the service ended while it sent them.

    :returns: None when it does not tell
    """
    try:
        images = glance.API().get_all(
            context, filters={transfer.PROPERTY: instance.uuid}
        )
    except Exception as exc:
        # Of Glance's client or of Keystone: the server is what counts.
        LOG.warning(
            'Images of disks on their way may be left in Glance, with the '
            'property %s=%s. They are looked for again when the server is '
            'migrated or deleted: %s',
            transfer.PROPERTY,
            instance.uuid,
            exc,
            instance=instance,
        )
        return None
    return [
        transfer.TransferRef(str(image['id']), int(image.get('size') or 0))
        for image in images
        if (image.get('properties') or {}).get(transfer.PROPERTY)
        == instance.uuid
    ]
