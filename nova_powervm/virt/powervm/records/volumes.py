# SPDX-License-Identifier: Apache-2.0
"""How an instance has its volumes: what Cinder does not tell again.

Nova reads the connection of a volume anew from Cinder whenever a server is
started, so what the driver added to it is lost. It is kept in the system
metadata of the instance, where the next host finds it as well.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.records import sysmeta

LOG = logging.getLogger(__name__)

KEY = 'powervm_volumes_'
"""Begin of the keys in the system metadata; a number follows."""


@dataclasses.dataclass(frozen=True)
class Attached:
    """How an instance has a volume.

    :param volume_id: Cinder's id
    :param kind: how it is reached (``driver_volume_type``)
    :param connector: name of the connector that attached it
    :param udid: unique device id on the Virtual I/O Servers, if it has one
    """

    volume_id: str
    kind: str
    connector: str
    udid: str | None = None


def known(instance: objects.Instance) -> dict[str, Attached]:
    """Read the records of an instance, by id of the volume.

    What cannot be read is as good as nothing: the volume is looked for.
    """
    text = sysmeta.load(instance, KEY)
    try:
        rows = json.loads(text) if text else []
        found = [Attached(*(map(_text, row))) for row in rows]
    except (TypeError, ValueError) as exc:
        LOG.warning(
            'The record of volumes cannot be read: %s', exc, instance=instance
        )
        return {}
    return {item.volume_id: item for item in found}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f'{value!r} is no text')
    return value


def note(instance: objects.Instance, items: Iterable[Attached]) -> bool:
    """Add records; saves nothing.

    :returns: whether that changed anything
    """
    new = {item.volume_id: item for item in items}
    with sysmeta.changing(instance):
        return _store(instance, {**known(instance), **new})


def strike(instance: objects.Instance, volume_ids: Iterable[str]) -> bool:
    """Remove records; saves nothing.

    :returns: whether that changed anything
    """
    gone = set(volume_ids)
    with sysmeta.changing(instance):
        kept = {k: v for k, v in known(instance).items() if k not in gone}
        return _store(instance, kept)


def _store(instance: objects.Instance, items: dict[str, Attached]) -> bool:
    rows = [
        [item.volume_id, item.kind, item.connector]
        + ([item.udid] if item.udid else [])
        for item in items.values()
    ]
    text = json.dumps(rows, separators=(',', ':')) if rows else ''
    return sysmeta.store(instance, KEY, text)
