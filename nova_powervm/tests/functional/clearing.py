# SPDX-License-Identifier: Apache-2.0
"""Words for tests in which disks are cleared."""

from typing import Any

SECRET = b'what nobody else may read'
OPTIONS = {'volume_clear': 'zero', 'volume_clear_free_space': False}
"""[powervm] options for a host whose free space is clean at first."""
_PIECE = 16 << 20


def settle(driver: Any) -> list[str]:
    """Wait until a driver has cleared what it can.

    :returns: names of the disks that are left
    """
    while driver.host.disk.wait_for_room():
        pass
    return [
        entry.name
        for entry in driver.host.journal.entries()
        if entry.is_leaving
    ]


def write(path: str) -> None:
    """Be a server that writes to its disk, here and at the end."""
    with open(path, 'r+b') as disk:
        disk.seek(5 << 20)
        disk.write(SECRET)
        disk.seek(-len(SECRET), 2)
        disk.write(SECRET)


def holds(path: str, word: bytes = SECRET) -> bool:
    """Tell whether somebody finds the bytes on a disk."""
    with open(path, 'rb') as disk:
        while piece := disk.read(_PIECE):
            if word in piece:
                return True
    return False
