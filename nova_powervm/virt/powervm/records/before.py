# SPDX-License-Identifier: Apache-2.0
"""What a server was before it was resized on its host.

A resize may be taken back days later, and then the server is to be what it
was and not what its flavor would make of it today: an administrator may have
changed it by hand. So this is noted, as JSON in the system metadata of the
instance, before anything is changed.
"""

import dataclasses
import json
from collections.abc import Iterable
from typing import Self

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.lpar import configuration
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.records import sysmeta

LOG = logging.getLogger(__name__)

VERSION = 2
KEY = 'powervm_before_'
"""Begin of the keys in the system metadata; a number follows."""


@dataclasses.dataclass(frozen=True)
class Before:
    """A server before a resize.

    :param host: where this was noted; it means nothing on another one
    :param powered: whether it ran
    :param spec: its partition
    :param disks: names of its disks, if the resize changes any
    :param leaving: those of them that it has no longer afterwards
    :param new: names of those that the resize may make; None if that was not
        noted, as in version 1
    :param stuck: the resize failed, and not all of it could be undone
    """

    host: str
    powered: bool
    spec: flavor.LparSpec
    disks: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    new: tuple[str, ...] | None = ()
    stuck: bool = False

    @property
    def changes_disks(self) -> bool:
        """Whether the resize changes disks; there may have been none."""
        return bool(self.disks or self.new)

    def is_new(self, name: str) -> bool:
        """Tell whether a disk of the server was made by the resize."""
        return name not in self.disks and (
            self.new is None or name in self.new
        )

    def to_text(self) -> str:
        """Write it down."""
        record = {
            'v': VERSION,
            'host': self.host,
            'on': self.powered,
            'lpar': configuration.to_record(self.spec),
            'disks': list(self.disks),
            'leaving': list(self.leaving),
            'new': list(self.new or ()),
            'stuck': self.stuck,
        }
        return json.dumps(record, separators=(',', ':'))

    @classmethod
    def from_text(cls, text: str, instance_uuid: str) -> Self:
        """Read it.

        :raises ValueError: it is broken, or of a version that is not known
        """
        record = json.loads(text)
        try:
            if record['v'] not in (1, VERSION):
                raise ValueError(f'version {record["v"]} is not known')
            return cls(
                str(record['host']),
                bool(record['on']),
                configuration.from_record(record['lpar'], instance_uuid),
                _names(record['disks']),
                _names(record['leaving']),
                None if record['v'] == 1 else _names(record['new']),
                bool(record.get('stuck', False)),
            )
        except (TypeError, LookupError, AttributeError) as exc:
            raise ValueError(f'{type(exc).__name__}: {exc}') from exc


def _names(record: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(name) for name in record)


def note(instance: objects.Instance, before: Before) -> None:
    """Note it at the instance, and save that."""
    if sysmeta.store(instance, KEY, before.to_text()):
        sysmeta.save(instance)


def forget(instance: objects.Instance) -> None:
    """Take it out of the instance; whoever calls saves it."""
    sysmeta.store(instance, KEY, '')


def known(instance: objects.Instance, host: str) -> Before | None:
    """Read what was noted on a host.

    :returns: None if nothing was, or it cannot be read any more
    """
    text = sysmeta.load(instance, KEY)
    if text is None:
        return None
    try:
        found = Before.from_text(text, instance.uuid)
    except ValueError as exc:
        LOG.error(
            'What the server was before its resize cannot be read, so it '
            'will be what its flavor says: %s',
            exc,
            instance=instance,
        )
        return None
    return found if found.host == host else None
