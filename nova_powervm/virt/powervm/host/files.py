# SPDX-License-Identifier: Apache-2.0
"""Files and block devices of the management partition that hold volumes.

A Virtual I/O Server opens what it is told to with all rights. So that nobody
gets a disk that leads elsewhere, a path must be written out, and what is there
must be a plain file, and no link to one. A block device is used below /dev
only: whoever can write to a shared file system could make a node of it which
is a disk of this host.
"""

import os
import queue
import stat
import threading
from collections.abc import Callable

from nova_powervm.virt.powervm.client import errors

_DEVICES = '/dev/'
PATIENCE = 30.0
"""Seconds that a file system has to answer."""


class UnusableFile(errors.PlatformError):
    """A path that cannot be given to a Virtual I/O Server."""


def check_path(path: object) -> str:
    """See that a path is one.

    :returns: the path
    :raises UnusableFile: it is not absolute, or not in its plain form
    """
    plain = (
        isinstance(path, str)
        and path.startswith('/')
        and path != '/'
        and not path.startswith('//')
        and path.isprintable()
        and os.path.normpath(path) == path
    )
    if not plain:
        raise UnusableFile(
            f'{path!r} is no absolute path of a file without "." and ".."'
        )
    return str(path)


def check(host_root: str, path: str, *, devices: bool = False) -> int | None:
    """See that there is a file, or a block device.

    :param host_root: directory under which the management partition is seen
    :param path: as the management partition has it
    :param devices: whether it may be a block device
    :returns: bytes of a file
    :raises UnusableFile: there is not
    """
    check_path(path)
    where = os.path.join(host_root, path.lstrip('/'))
    as_device = devices and path.startswith(_DEVICES)
    # Device managers give names to devices by links.
    found = _patiently(os.stat if as_device else os.lstat, where, path)
    is_right = stat.S_ISBLK if as_device else stat.S_ISREG
    if not is_right(found.st_mode):
        raise UnusableFile(
            f'{path} on the management partition is no plain file'
            + (', nor is it a block device below /dev' if devices else '')
        )
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _patiently(
    look: Callable[[str], os.stat_result], where: str, path: str
) -> os.stat_result:
    """Look at a file, but not for ever.

    Linux: while its server does not answer, a look at a file of an NFS export
    cannot be broken off. The thread stays until then, or until the service
    ends, for which it does not wait.

    :raises UnusableFile: there is none, or nobody answers
    """
    answers: queue.SimpleQueue[os.stat_result | OSError] = queue.SimpleQueue()

    def work() -> None:
        try:
            answers.put(look(where))
        except OSError as exc:
            answers.put(exc)

    threading.Thread(target=work, name='powervm-stat', daemon=True).start()
    try:
        found = answers.get(timeout=PATIENCE)
    except queue.Empty:
        raise UnusableFile(
            f'the file system of {path} does not answer within {PATIENCE:.0f} '
            'seconds; look at its server'
        ) from None
    if isinstance(found, OSError):
        raise UnusableFile(
            f'{path} cannot be used on the management partition: '
            f'{found.strerror}'
        ) from found
    return found
