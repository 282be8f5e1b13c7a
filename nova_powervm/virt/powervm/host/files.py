# SPDX-License-Identifier: Apache-2.0
"""Files and block devices of the management partition that hold volumes.

A Virtual I/O Server opens what it is told to with all rights. So that nobody
gets a disk that leads elsewhere, a path must be written out, and what is there
must be a plain file, and no link to one. A block device is used below /dev
only: whoever can write to a shared file system could make a node of it which
is a disk of this host.
"""

import os
import stat

from nova_powervm.virt.powervm.client import errors

_DEVICES = '/dev/'


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
    try:
        if devices and path.startswith(_DEVICES):
            # Device managers give names to devices by links.
            found = os.stat(where)
            usable = stat.S_ISBLK(found.st_mode)
        else:
            found = os.lstat(where)
            usable = stat.S_ISREG(found.st_mode)
    except OSError as exc:
        raise UnusableFile(
            f'{path} cannot be used on the management partition: '
            f'{exc.strerror}'
        ) from exc
    if not usable:
        raise UnusableFile(
            f'{path} on the management partition is no plain file'
            + (', nor is it a block device below /dev' if devices else '')
        )
    return found.st_size if stat.S_ISREG(found.st_mode) else None
