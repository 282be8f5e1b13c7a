# SPDX-License-Identifier: Apache-2.0
"""Commands of the management partition, below ``host_root``."""

import pathlib

_PLACES = ('usr/bin', 'usr/sbin', 'bin', 'sbin', 'usr/local/bin')


def find(host_root: str, tool: str) -> pathlib.Path | None:
    """Find a command of the management partition.

    :param host_root: directory under which the management partition is seen
    :returns: None if it has no such command
    """
    for place in _PLACES:
        path = pathlib.Path(host_root, place, tool)
        if path.is_file():
            return path
    return None
