# SPDX-License-Identifier: Apache-2.0
"""What root does for nova-compute, and what it refuses."""

import os
import pathlib
import socket
from unittest import mock

import fixtures
import testtools

from nova_powervm import privsep
from nova_powervm.privsep import devices


class DevicesTest(testtools.TestCase):
    """Here it is done by this process, with the rights that it has."""

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(
            fixtures.MockPatchObject(privsep.pctxt, 'client_mode', False)
        )
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def file(self, path: str) -> pathlib.Path:
        """Make an empty file below the root."""
        found = self.root / path
        found.parent.mkdir(parents=True, exist_ok=True)
        found.touch()
        return found

    def test_no_capabilities(self) -> None:
        self.assertEqual([], privsep.pctxt.conf.capabilities)

    def test_scan(self) -> None:
        path = self.file(
            'sys/bus/vio/devices/30000005/host3/scsi_host/host3/scan'
        )
        devices.scan(str(path))
        self.assertEqual('- - -', path.read_text())

    def test_delete(self) -> None:
        path = self.file('sys/block/sdb/device/delete')
        devices.delete(str(path))
        self.assertEqual('1', path.read_text())

    def test_other_files_are_refused(self) -> None:
        for path in (
            'etc/passwd',
            'sys/bus/vio/devices/30000005/host3/scsi_host/host3/scan/x',
            'sys/block/../../etc/sys/block/sdb/device/delete/..',
            'sys/block/nvme0n1/device/delete',
        ):
            for func in (devices.scan, devices.delete):
                self.assertRaises(ValueError, func, str(self.root / path))

    def test_links_are_not_followed(self) -> None:
        path = self.file('sys/block/sdb/device/delete')
        other = self.file('shadow')
        path.unlink()
        path.symlink_to(other)
        self.assertRaises(OSError, devices.delete, str(path))
        self.assertEqual('', other.read_text())

    def test_only_block_devices_are_handed_over(self) -> None:
        path = self.file('dev/sda')
        self.assertRaises(
            ValueError, devices.hand_over, str(path), 'nobody', b'token'
        )
        for name in ('dev/sda1', 'dev/mem', 'dev/sda/../mem'):
            self.assertRaises(
                ValueError,
                devices.hand_over,
                str(self.root / name),
                'nobody',
                b'token',
            )

    def test_hand_over(self) -> None:
        path = self.file('dev/sda')
        path.write_bytes(b'content')
        address = f'test-{os.getpid()}-{self.root.name}'
        with (
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener,
            mock.patch('stat.S_ISBLK', autospec=True, return_value=True),
        ):
            listener.bind(f'\0{address}')
            listener.listen(1)
            devices.hand_over(str(path), address, b'token')
            sender, _address = listener.accept()
            with sender:
                token, (descriptor,), *_rest = socket.recv_fds(sender, 9, 1)
        self.assertEqual(b'token', token)
        with open(descriptor, 'rb') as disk:
            self.assertEqual(b'content', disk.read())
