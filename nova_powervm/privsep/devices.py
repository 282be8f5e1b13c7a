# SPDX-License-Identifier: Apache-2.0
"""SCSI devices of the management partition.

Each function does one thing to one kind of file, and refuses others: whoever
can call them, that is the user of nova-compute, gains nothing beyond it.
"""

import os
import re
import socket
import stat

from nova_powervm import privsep

_SCAN = re.compile(
    r'/sys/bus/vio/devices/[0-9a-f]+/host\d+/scsi_host/host\d+/scan'
)
_DELETE = re.compile(r'/sys/block/sd[a-z]+/device/delete')
_NODE = re.compile(r'/dev/(sd[a-z]+|dm-\d+)')
_PATIENCE = 30.0


@privsep.pctxt.entrypoint
def scan(path: str) -> None:
    """Look for new devices of a virtual SCSI adapter.

    :param path: its file ``scan`` in sysfs, below whatever root
    :raises ValueError: it is none
    :raises OSError: it cannot be written
    """
    _write(path, _SCAN, b'- - -')


@privsep.pctxt.entrypoint
def delete(path: str) -> None:
    """Remove a SCSI device from the system.

    :param path: its file ``delete`` in sysfs, below whatever root
    :raises ValueError: it is none
    :raises OSError: it cannot be written
    """
    _write(path, _DELETE, b'1')


@privsep.pctxt.entrypoint
def hand_over(path: str, address: str, token: bytes) -> None:
    """Open a block device for reading and hand over the descriptor.

    The owner of the device stays as it is, and so do its permissions.

    :param path: the device node, below whatever root
    :param address: name of the socket to send to, see unix(7): abstract
    :param token: proves to the receiver who sends
    :raises ValueError: it is no block device
    :raises OSError: it cannot be opened
    """
    _check(path, _NODE)
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        if not stat.S_ISBLK(os.fstat(descriptor).st_mode):
            raise ValueError(f'{path} is no block device')
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as receiver:
            receiver.settimeout(_PATIENCE)
            receiver.connect(f'\0{address}')
            socket.send_fds(receiver, [token], [descriptor])
    finally:
        os.close(descriptor)


def _check(path: str, kind: re.Pattern[str]) -> None:
    found = kind.search(path)
    if found is None or found.end() != len(path) or '..' in path:
        raise ValueError(f'{path} is not what is worked on here')


def _write(path: str, kind: re.Pattern[str], content: bytes) -> None:
    _check(path, kind)
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)
