# SPDX-License-Identifier: Apache-2.0
"""NFS exports that are mounted on the management partition.

A mount that somebody else made is used as it is, wherever it is. Our own are
below ``nfs_mount_point_base``, each in a directory that follows from the name
of its export; only those are ever unmounted.

It is done with the commands below ``host_root`` by whoever owns those, else by
``nova.privsep``.
"""

import collections
import contextlib
import dataclasses
import hashlib
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence

import nova.privsep.fs
from oslo_concurrency import processutils
from oslo_log import log as logging
from oslo_privsep import daemon

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.host import tools

LOG = logging.getLogger(__name__)

_TABLE = 'proc/1/mounts'
"""Linux: what is mounted where the partition's first process is. A service
manager may show nova-compute something else."""
_TYPES = ('nfs', 'nfs4')
_ESCAPE = re.compile(r'\\([0-7]{3})')
_SAFE = 'nosuid,nodev,noexec'
"""There is nothing but the content of volumes in exports."""
_PATIENCE = 300


class MountError(errors.PlatformError):
    """An export could not be mounted or unmounted; the text says why."""


@dataclasses.dataclass(frozen=True)
class _Mount:
    """A mounted export; ``point`` as the management partition has it."""

    export: str
    point: str


class NfsMounts:
    """The NFS exports of the management partition.

    :param root: ``host_root``
    :param base: ``nfs_mount_point_base``
    :param options: ``nfs_mount_options``
    """

    def __init__(self, root: str, base: str, options: str = '') -> None:
        self._root = root
        self._base = base.rstrip('/')
        self._options = options
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        #: Who is about to use a mount; the platform does not know yet.
        self._claims: dict[str, collections.Counter[str]] = {}

    def directory(self, export: str) -> str:
        """Tell where an export is mounted if we do it.

        The same as os-brick and Nova's libvirt driver have it.
        """
        digest = hashlib.md5(export.encode(), usedforsecurity=False)
        return f'{self._base}/{digest.hexdigest()}'

    def point(self, export: str) -> str:
        """Tell where an export is mounted, or would be.

        :raises MountError: what is mounted cannot be read
        """
        return self._find(export) or self.directory(export)

    def take(self, export: str, options: Sequence[str], user: str) -> str:
        """See that an export is mounted, and keep it so.

        :param export: ``host:/path``
        :param options: further options of the mount
        :param user: who needs it; stays until ``settle``
        :returns: the mount point, as the management partition has it
        :raises MountError: it cannot be mounted
        """
        own = self.directory(export)
        with self._locked(own):
            point = self._find(export)
            if point is None:
                self._mount(export, own, options)
                point = own
            self._claims.setdefault(own, collections.Counter())[user] += 1
        return point

    def settle(self, export: str, user: str) -> None:
        """Tell that the platform knows now whether a mount is in use."""
        own = self.directory(export)
        with self._locked(own):
            users = self._claims.get(own)
            if users is not None and users[user]:
                users[user] -= 1
                self._claims[own] = +users

    def ours(self) -> list[str]:
        """List the mount points that we have made.

        :raises MountError: what is mounted cannot be read
        """
        return [m.point for m in self._all() if self._is_ours(m)]

    def _is_ours(self, mount: _Mount) -> bool:
        return mount.point == self.directory(mount.export)

    def drop(self, own: str, used: Callable[[str], bool]) -> None:
        """Unmount an export, if it is ours and nothing needs it any more.

        :param own: where it is mounted
        :param used: tells whether something below a directory is in use;
            nobody begins to use it meanwhile
        :raises MountError: it cannot be unmounted
        """
        with self._locked(own):
            mount = self._at(own)
            if mount is None or not self._is_ours(mount):
                return
            if self._claims.get(own) or used(own):
                return
            LOG.info('Unmounting %s from %s', mount.export, own)
            self._run(
                'umount',
                [self._below(own)],
                lambda: nova.privsep.fs.umount(self._below(own)),
                f'{mount.export} cannot be unmounted from {own}',
            )
            with contextlib.suppress(OSError):
                os.rmdir(self._below(own))

    @contextlib.contextmanager
    def _locked(self, own: str) -> Iterator[None]:
        with self._guard:
            lock = self._locks.setdefault(own, threading.Lock())
        with lock:
            yield

    def _find(self, export: str) -> str | None:
        """Find where an export is mounted; our own mount comes first."""
        points = [m.point for m in self._all() if m.export == export]
        own = self.directory(export)
        return own if own in points else next(iter(points), None)

    def _at(self, point: str) -> _Mount | None:
        return next((m for m in self._all() if m.point == point), None)

    def _all(self) -> list[_Mount]:
        table = self._below(f'/{_TABLE}')
        try:
            with open(table, encoding='utf-8', errors='surrogateescape') as f:
                rows = [line.split() for line in f]
        except OSError as exc:
            raise MountError(
                f'what is mounted on the management partition cannot be read '
                f'from {table}: {exc.strerror}'
            ) from exc
        return [
            _Mount(_plain(row[0]), _plain(row[1]))
            for row in rows
            if len(row) > 2 and row[2] in _TYPES
        ]

    def _mount(self, export: str, own: str, options: Sequence[str]) -> None:
        where = self._below(own)
        try:
            os.makedirs(where, exist_ok=True)
        except OSError as exc:
            raise MountError(
                f'{export} cannot be mounted: {where} cannot be made: '
                f'{exc.strerror}; let {self._base} belong to the user of '
                'nova-compute, or change [powervm]nfs_mount_point_base'
            ) from exc
        # The last one of several that contradict each other counts.
        given = [one for one in (self._options, *options, _SAFE) if one]
        flags = ['-o', ','.join(given)]
        LOG.info('Mounting %s at %s', export, own)
        self._run(
            'mount',
            ['-t', 'nfs', *flags, export, where],
            lambda: nova.privsep.fs.mount('nfs', export, where, flags),
            f'{export} cannot be mounted at {own}',
        )

    def _run(
        self,
        name: str,
        args: Sequence[str],
        privileged: Callable[[], object],
        failure: str,
    ) -> None:
        """Run a command; if it is not ours, by a process with more rights.

        Who may mount is hard to tell from a mount that failed, so a command is
        run as it is by its owner only: root, or whoever runs a simulator.
        """
        tool = tools.find(self._root, name)
        try:
            if tool is not None and tool.stat().st_uid == os.geteuid():
                processutils.execute(str(tool), *args, timeout=_PATIENCE)
            else:
                privileged()
        except processutils.ProcessExecutionError as exc:
            reason = (exc.stderr or exc.stdout or str(exc)).strip()
            raise MountError(f'{failure}: {reason}') from exc
        except (
            OSError,
            subprocess.TimeoutExpired,
            daemon.FailedToDropPrivileges,
        ) as exc:
            raise MountError(f'{failure}: {exc}') from exc

    def _below(self, path: str) -> str:
        return os.path.join(self._root, path.lstrip('/'))


def _plain(text: str) -> str:
    """Read a field of the table, where blanks are written as numbers."""
    return _ESCAPE.sub(lambda code: chr(int(code[1], 8)), text)
