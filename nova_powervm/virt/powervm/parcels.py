# SPDX-License-Identifier: Apache-2.0
"""Disks on their way from one host to another, as images in Glance.

Both hosts reach Glance already, with the rights of whoever asked for the
migration, and it keeps a checksum: no further port, key or trust between hosts
is needed. The images are private and are gone when the server has arrived.
Until then the instance knows them, so that whoever works on it next can
delete them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from nova import exception as nova_exc
from nova import objects
from nova.image import glance
from oslo_log import log as logging

from nova_powervm.virt.powervm import sysmeta

LOG = logging.getLogger(__name__)

KEY = 'powervm_parcels_'
"""Begin of the keys in the system metadata; a number follows."""


@dataclasses.dataclass(frozen=True)
class Parcel:
    """One disk on its way.

    :param key: which disk of the instance, a DiskKey as text
    :param image_id: of the image that holds its bytes
    :param size_bytes: how many there are
    """

    key: str
    image_id: str
    size_bytes: int


def note(instance: objects.Instance, parcels: Sequence[Parcel]) -> None:
    """Note them at the instance, and save that if it changed."""
    rows = [dataclasses.asdict(parcel) for parcel in parcels]
    if sysmeta.store(instance, KEY, json.dumps(rows) if rows else ''):
        instance.save()


def known(instance: objects.Instance) -> tuple[Parcel, ...]:
    """Tell which disks of an instance are on their way."""
    text = sysmeta.load(instance, KEY)
    try:
        return tuple(Parcel(**row) for row in json.loads(text or '[]'))
    except (ValueError, TypeError) as exc:
        LOG.error(
            'The images of its disks cannot be found and may be left in '
            'Glance: %s',
            exc,
            instance=instance,
        )
        return ()


def create(context: Any, instance: objects.Instance, key: str) -> str:
    """Reserve an image for a disk.

    :returns: its id
    """
    meta = {
        'name': f'powervm-move-{instance.uuid}-{key}',
        'visibility': 'private',
        'disk_format': 'raw',
        'container_format': 'bare',
        'properties': {'powervm_move': instance.uuid},
    }
    return str(glance.API().create(context, meta)['id'])


def discard(context: Any, instance: objects.Instance) -> None:
    """Delete all images of an instance's disks; never raises."""
    left = []
    for parcel in known(instance):
        try:
            with contextlib.suppress(nova_exc.ImageNotFound):
                glance.API().delete(context, parcel.image_id)
        except Exception as exc:
            # Of Glance, its client or Keystone: the server is what counts.
            left.append(parcel)
            LOG.warning(
                'Image %s of a migration could not be deleted: %s',
                parcel.image_id,
                exc,
                instance=instance,
            )
    note(instance, left)
