# SPDX-License-Identifier: Apache-2.0
"""SCSI devices of the management partition, below ``host_root``.

What the user of nova-compute may do itself is done so; the rest is done by
``nova_powervm.privsep``.
"""

import contextlib
import dataclasses
import glob
import os
import secrets
import socket
import stat
import threading
from typing import BinaryIO

from oslo_log import log as logging

from nova_powervm.privsep import devices as privileged
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import retry

LOG = logging.getLogger(__name__)

DISCOVERY = 300.0
"""Seconds that a device may take to appear."""
REMOVAL = 10.0
"""Seconds that a device may take to go."""

_ADAPTERS = 'sys/bus/vio/devices'
_BY_ID = 'dev/disk/by-id'
_TAIL = 32
"""NovaLink: so many characters of a unique device id, its last ones, are in
the name by which udev links the device."""
_TOKEN = 32
_PATIENCE = 60.0


@dataclasses.dataclass(frozen=True)
class Device:
    """A block device of the management partition.

    :param name: as the kernel calls it: sda
    :param node: path of its node
    """

    name: str
    node: str


class DeviceNotFound(errors.PlatformError):
    """A disk that was mapped to the management partition did not appear."""


class SeveralDevices(errors.PlatformError):
    """More than one device has the id of a disk."""


class DeviceStays(errors.PlatformError):
    """A device could not be removed."""


class HostDevices:
    """The SCSI devices of the management partition.

    :param root: ``host_root``
    :param policy: how often to look
    :param stop: ends all waiting
    """

    def __init__(
        self, root: str, policy: retry.RetryPolicy, stop: threading.Event
    ) -> None:
        self._root = root
        self._policy = policy
        self._stop = stop

    @property
    def present(self) -> bool:
        """Whether there is a virtual bus, as management partitions have."""
        return os.path.isdir(self._below(_ADAPTERS))

    def discover(self, slot: int | None, udid: str) -> Device:
        """Find the device of a disk that was mapped just now.

        :param slot: of the adapter that it is mapped to; None: look at all
        :param udid: unique device id of the disk
        :raises DeviceNotFound: it did not appear in time
        :raises SeveralDevices: the id is not unique
        """
        deadline = retry.Deadline(DISCOVERY)
        for delay in self._policy.endless():
            self._scan(slot)
            found = self.find(udid)
            if found is not None and os.path.exists(found.node):
                return found
            left = deadline.left()
            if not left:
                break
            retry.pause(self._stop, min(delay, left))
        raise DeviceNotFound(
            f'the disk with the id {udid} was mapped to the management '
            f'partition, but no device of it appeared below '
            f'{self._below(_BY_ID)} in {DISCOVERY:.0f} seconds. Check that '
            'host_root is the root of the management partition, and that udev '
            'runs there'
        )

    def find(self, udid: str) -> Device | None:
        """Find the device of a disk.

        :param udid: unique device id of the disk
        :raises SeveralDevices: the id is not unique
        """
        links = self._below(_BY_ID)
        found = glob.glob(f'*{glob.escape(udid[-_TAIL:])}', root_dir=links)
        names = sorted({_target(os.path.join(links, one)) for one in found})
        if len(names) > 1:
            raise SeveralDevices(
                f'devices {", ".join(names)} of the management partition have '
                f'the id {udid} of one disk; remove those that are left over: '
                'echo 1 > /sys/block/NAME/device/delete'
            )
        return self.device(names[0]) if names else None

    def device(self, name: str) -> Device:
        """Describe a device by its name."""
        return Device(name, self._below(f'dev/{name}'))

    def remove(self, device: Device) -> None:
        """Remove a device; one that is gone is fine.

        :raises DeviceStays: it is still there
        """
        path = self._below(f'sys/block/{device.name}/device/delete')
        deadline = retry.Deadline(REMOVAL)
        for delay in self._policy.endless():
            if not os.path.lexists(device.node):
                return
            _write(path, '1')
            left = deadline.left()
            if not left:
                break
            retry.pause(self._stop, min(delay, left))
        raise DeviceStays(
            f'device {device.name} of the management partition is still there '
            f'{REMOVAL:.0f} seconds after its removal; remove it by hand: '
            f'echo 1 > /sys/block/{device.name}/device/delete'
        )

    def open(self, path: str) -> BinaryIO:
        """Open a device or a file of the management partition for reading.

        :param path: of the node of a device, or what ``locate`` returned
        :raises OSError: it cannot be opened
        """
        try:
            return open(path, 'rb', buffering=0)
        except PermissionError:
            path = os.path.realpath(path)
            if not stat.S_ISBLK(os.stat(path).st_mode):
                raise
        LOG.debug('%s is opened by a process with more rights', path)
        return _handed_over(path)

    def locate(self, path: str) -> str:
        """Tell where a path of the management partition is for us."""
        return self._below(path)

    def _below(self, path: str) -> str:
        return os.path.join(self._root, path.lstrip('/'))

    def _scan(self, slot: int | None) -> None:
        adapter = '*' if slot is None else f'{0x30000000 | slot:x}'
        pattern = f'{_ADAPTERS}/{adapter}/host*/scsi_host/host*/scan'
        for path in glob.glob(pattern, root_dir=self._root):
            _write(self._below(path), '- - -')


def _target(link: str) -> str:
    """Tell the name of the device that a link of udev leads to."""
    with contextlib.suppress(OSError):
        # One step only: where the node leads is its own business.
        link = os.readlink(link)
    return os.path.basename(link)


def _write(path: str, text: str) -> None:
    """Write to a file of sysfs; one that is gone has nothing to do."""
    try:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC)
            with open(descriptor, 'w', encoding='ascii') as file:
                file.write(text)
        except PermissionError:
            if text == '1':
                privileged.delete(path)
            else:
                privileged.scan(path)
    except FileNotFoundError:
        LOG.debug('%s is gone', path)


def _handed_over(node: str) -> BinaryIO:
    """Have somebody with more rights open a device, and take it over."""
    address = f'nova-powervm-{secrets.token_hex(16)}'
    token = secrets.token_bytes(_TOKEN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(f'\0{address}')
        listener.listen(1)
        listener.settimeout(_PATIENCE)
        # The connection is queued: no thread has to wait for it.
        privileged.hand_over(node, address, token)
        return _received(listener, token)


def _received(listener: socket.socket, token: bytes) -> BinaryIO:
    while True:
        sender, _address = listener.accept()
        with sender:
            sender.settimeout(_PATIENCE)
            found, descriptors, _flags, _who = socket.recv_fds(
                sender, _TOKEN, 1
            )
        if secrets.compare_digest(found, token) and descriptors:
            return open(descriptors[0], 'rb', buffering=0)
        # Names of sockets are no secret: somebody else knocked.
        for descriptor in descriptors:
            os.close(descriptor)
