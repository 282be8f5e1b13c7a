# SPDX-License-Identifier: Apache-2.0
"""Whether the free space of a volume group holds anybody's bytes.

It does not once it was cleared as a whole, as long as disks are cleared
before they go. Whoever deletes a disk by hand, or adds a physical volume to
the group, adds space of which nobody knows what it holds, and nobody can tell
where the platform puts the next disk. So the group is compared with how it was
before.
"""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, Self

from oslo_log import log as logging

from nova_powervm.virt.powervm.records import journal as powervm_journal

LOG = logging.getLogger(__name__)

MIB_PER_GIB = 1024
_TOLERANCE = 2
"""MiB by which sums of sizes may be wrong: the platform rounds them."""


@dataclasses.dataclass(frozen=True)
class View:
    """A group at some moment; sizes in MiB.

    :param disks: unique device id and size of each disk, by name
    """

    disks: Mapping[str, tuple[str, int]]
    free: int

    @classmethod
    def from_wrapper(cls, group: Any) -> Self:
        """Read it from pypowervm's wrapper of the group."""
        disks = {
            disk.name: (disk.udid or '', _mib(disk.capacity))
            for disk in group.virtual_disks
        }
        return cls(disks, _mib(group.available_size))

    def without(self, other: View) -> dict[str, int]:
        """Tell the sizes of those disks that the other view lacks."""
        return {
            name: size
            for name, (udid, size) in self.disks.items()
            if other.disks.get(name, ('?', 0))[0] != udid
        }


def _mib(gib: float | None) -> int:
    return int(round((gib or 0.0) * MIB_PER_GIB, 3))


class FreeSpace:
    """What is known of the free space of one group.

    :param path: file that keeps the last view over restarts
    :param container: uuid of the group
    :param was_cleared: tells by name and unique device id whether a disk was
        cleared by us
    :param watched: whether anything is suspected at all
    """

    def __init__(
        self,
        path: str,
        container: str,
        was_cleared: Callable[[str, str], bool],
        watched: bool = True,
    ) -> None:
        self._path = path
        self._container = container
        self._was_cleared = was_cleared
        self._watched = watched
        self._lock = threading.Lock()
        self._known = _load(path)
        self._view = self._known.get(container)
        self._suspect = watched and self._view is None
        self._tainted: set[str] = set()
        self._useless = 0

    @property
    def is_suspect(self) -> bool:
        """Whether it may hold somebody's bytes."""
        return self._suspect

    @property
    def free(self) -> int:
        """MiB that were free when somebody looked last."""
        with self._lock:
            return self._view.free if self._view is not None else 0

    def size_of(self, name: str) -> int:
        """MiB of a disk, when somebody looked last; 0 if it was not there."""
        with self._lock:
            disks = self._view.disks if self._view is not None else {}
        return disks.get(name, ('', 0))[1]

    def taints(self, udid: str) -> bool:
        """Tell whether a disk was made of space that was suspect."""
        with self._lock:
            return udid in self._tainted

    def ignore(self, size: int) -> None:
        """Note that this much cannot be given out, so nobody will see it."""
        with self._lock:
            self._useless = size

    def drop(self) -> None:
        """Forget the group; it is suspect when the service starts again."""
        with self._lock:
            self._view = None
            self._keep()

    def look(self, group: Any) -> None:
        """Compare the group with how it was.

        :param group: pypowervm's wrapper; later calls have later ones
        """
        view = View.from_wrapper(group)
        with self._lock:
            before, self._view = self._view, view
            if before is not None and self._watched and not self._suspect:
                self._suspect = self._gained(before, view)
            made = view.without(before) if before is not None else {}
            self._tainted &= {udid for udid, _size in view.disks.values()}
            if self._suspect:
                self._tainted |= {view.disks[name][0] for name in made}
            if self._suspect and view.free <= self._useless:
                LOG.info('All free space of %s is known now', group.name)
                self._suspect = False
            self._keep()

    def _gained(self, before: View, view: View) -> bool:
        """Tell whether there is free space of which nothing is known."""
        gone, made = before.without(view), view.without(before)
        lost = [
            name
            for name in gone
            if not self._was_cleared(name, before.disks[name][0])
        ]
        grown = sum(
            size - before.disks[name][1]
            for name, (_udid, size) in view.disks.items()
            if name in before.disks and name not in made
        )
        expected = before.free + sum(gone.values()) - sum(made.values())
        surplus = view.free - (expected - grown)
        if not lost and surplus <= _TOLERANCE:
            return False
        LOG.warning(
            'Free space of the volume group came from outside (%s; %d MB '
            'that nothing explains): it is cleared before it is used',
            ', '.join(sorted(lost)) or 'no disk is missing',
            max(0, surplus),
        )
        return True

    def _keep(self) -> None:
        known = dict(self._known)
        if self._suspect or self._view is None or not self._watched:
            known.pop(self._container, None)
        else:
            known[self._container] = self._view
        if known != self._known:
            document = {
                name: {'free': view.free, 'disks': dict(view.disks)}
                for name, view in known.items()
            }
            self._write(document)
            self._known = known

    def _write(self, document: Any) -> None:
        try:
            powervm_journal.write_private(self._path, json.dumps(document))
        except OSError as error:
            # At worst it is cleared once more after the next start.
            LOG.warning('%s cannot be written: %s', self._path, error)


def _load(path: str) -> dict[str, View]:
    try:
        with open(path, encoding='utf-8') as file:
            document = json.load(file)
        return {
            name: View(
                {
                    disk: (str(udid), int(size))
                    for disk, (udid, size) in entry['disks'].items()
                },
                int(entry['free']),
            )
            for name, entry in document.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        LOG.warning('What was known of free space is lost: %s', error)
        return {}
