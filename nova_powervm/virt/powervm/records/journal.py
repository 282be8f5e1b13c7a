# SPDX-License-Identifier: Apache-2.0
"""The record of what this host made on the platform.

A name that looks like ours proves nothing, and a new disk may carry no tag. So
the driver notes every disk and medium here before it asks the platform for it,
and strikes it out after it is deleted. What is found on the platform under our
name and is neither mapped to our partition, nor tagged, nor in this journal
belongs to somebody else.
"""

import contextlib
import dataclasses
import json
import os
import tempfile
import threading
from collections.abc import Iterator
from typing import Self

from nova_powervm.virt.powervm import settings as powervm_settings
from nova_powervm.virt.powervm.client import errors

DISK = 'disk'
IMAGE = 'image'
MEDIA = 'media'
"""A medium of a repository; its container is the Virtual I/O Server."""
FILE = 'file'
"""A File object: the platform's record of a transfer."""
MAPPING = 'mapping'
"""A disk that is mapped to the management partition for a while; its container
is the Virtual I/O Server."""
FREE = 'free'
"""A disk that holds free space until it is cleared; owned by its group."""
HDISK = 'hdisk'
"""A volume of Cinder, its owner, that a Virtual I/O Server has found; its name
is the unique device id."""
VOLUME = 'volume'
"""A volume that is to be unmapped once its container, a Virtual I/O Server,
can be told; its name is that of volume and instance."""
PORTS = 'ports'
"""Fibre channel ports of an instance, its owner, that its container, a Virtual
I/O Server, may still have; its name is that of partition and instance."""

UPLOADING = 'uploading'
"""The object may exist, but it is not complete, or not known to be there."""
READY = 'ready'
BASE = 'base'
"""It was replaced, and stays only because others are clones of it."""
LEAVING = 'leaving'
"""It is to be deleted, as soon as that is possible; disks are cleared before.
Nobody owns it any more."""
CLEARED = 'cleared'
"""It is leaving, and nothing is left of its content."""

_VERSION = 1


@dataclasses.dataclass(frozen=True)
class Entry:
    """One object that we asked, or are about to ask, the platform for."""

    kind: str
    name: str
    container: str
    """Uuid of the volume group, pool or Virtual I/O Server that holds it."""
    owner: str
    """Uuid of the instance, id of the image, or name of the transfer."""
    state: str = READY
    udid: str | None = None
    """Unique device id, once known: one of that name with another is not
    ours."""
    detail: str | None = None
    """What else it takes to undo it, as JSON; of an image what tells its bytes
    from others."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What an entry is found by."""
        return self.kind, self.name, self.container

    @property
    def is_leaving(self) -> bool:
        """Whether the object is only there to be deleted."""
        return self.state in (LEAVING, CLEARED)


class JournalError(errors.PlatformError):
    """The journal cannot be read or written.

    To whoever works on the platform that is a failure like any other of a
    request: what was begun is taken back, and one disk of several that
    cannot be noted does not keep the others.
    """


class Journal:
    """Entries in a file that only the service can read.

    Every change is on the disk when the call returns and replaces the file as
    a whole, so that it survives a crash at any point. Safe for threads.

    :param path: the file; its directory is created (0700) when missing
    :raises JournalError: the file exists but cannot be understood
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._entries = _load(path)

    @classmethod
    def for_host(cls, settings: powervm_settings.HostSettings) -> Self:
        """Open the journal of a compute host."""
        return cls(os.path.join(settings.host_state_path, 'journal.json'))

    def record(self, entry: Entry) -> None:
        """Add an entry or replace the one with the same key."""
        with self._lock:
            self._store({**self._entries, entry.key: entry})

    def forget(self, kind: str, name: str, container: str) -> None:
        """Remove an entry; one that is not there is no error."""
        key = (kind, name, container)
        with self._lock:
            if key in self._entries:
                rest = {k: e for k, e in self._entries.items() if k != key}
                self._store(rest)

    def find(self, kind: str, name: str, container: str) -> Entry | None:
        """Return the entry with that key, if there is one."""
        with self._lock:
            return self._entries.get((kind, name, container))

    def entries(
        self, kind: str | None = None, owner: str | None = None
    ) -> list[Entry]:
        """Return the entries of a kind, of an owner, or all."""
        with self._lock:
            found = list(self._entries.values())
        return [
            entry
            for entry in found
            if kind in (None, entry.kind) and owner in (None, entry.owner)
        ]

    def _store(self, entries: dict[tuple[str, str, str], Entry]) -> None:
        rows = [dataclasses.asdict(entry) for entry in entries.values()]
        document = {'version': _VERSION, 'entries': rows}
        try:
            write_private(self.path, json.dumps(document, indent=1))
        except OSError as error:
            raise JournalError(
                f'{self.path} cannot be written ({error}); what is made on '
                'the platform has to be noted there. Check the file system '
                'below state_path.'
            ) from error
        self._entries = entries


def _load(path: str) -> dict[tuple[str, str, str], Entry]:
    try:
        with open(path, encoding='utf-8') as file:
            document = json.load(file)
        version = document['version']
        if version == _VERSION:
            return {
                entry.key: entry
                for entry in (_entry(row) for row in document['entries'])
            }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise JournalError(
            f'{path} cannot be read ({error}). Without it the driver cannot '
            'tell its own disks from others; restore the file, or move it '
            'away and clean up unmapped disks by hand.'
        ) from error
    raise JournalError(
        f'{path} is of version {version}, this release knows version '
        f'{_VERSION} only. Start the release that wrote it; without what is '
        'noted there the driver cannot tell its own disks from others.'
    )


def _entry(row: object) -> Entry:
    """Make an entry of a row of the file.

    :raises TypeError: it is none
    """
    if not isinstance(row, dict):
        raise TypeError(f'{row!r} is no entry')
    for name, value in row.items():
        if not isinstance(value, str | None):
            raise TypeError(f'{name} of an entry is {value!r}')
    entry = Entry(**row)
    if None in (*entry.key, entry.owner, entry.state):
        raise TypeError(f'an entry lacks something: {row}')
    return entry


def write_private(path: str, text: str) -> None:
    """Replace a file as a whole, readable by the service only (0600)."""
    directory = os.path.dirname(path)
    os.makedirs(directory, mode=0o700, exist_ok=True)
    with _temporary(directory) as (descriptor, name):
        with os.fdopen(descriptor, 'w', encoding='utf-8') as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    _sync_directory(directory)


@contextlib.contextmanager
def _temporary(directory: str) -> Iterator[tuple[int, str]]:
    descriptor, name = tempfile.mkstemp(prefix='.new-', dir=directory)
    try:
        yield descriptor, name
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def _sync_directory(directory: str) -> None:
    """Make the rename durable, not only the content."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
