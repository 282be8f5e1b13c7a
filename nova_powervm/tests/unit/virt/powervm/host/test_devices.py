# SPDX-License-Identifier: Apache-2.0
"""Devices of a management partition, in a directory that looks like one."""

import os
import pathlib
import socket
import threading
from typing import Any

import fixtures
import testtools

from nova_powervm.tests.fixtures import waits
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import retry
from nova_powervm.virt.powervm.host import devices

UDID = '0300f8d6de00004b000000014a54555cd9.1'
SCAN = 'sys/bus/vio/devices/30000011/host2/scsi_host/host2/scan'


class DevicesCase(testtools.TestCase):
    """A root of which this user owns everything."""

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(waits.QuickWaits())
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (self.root / 'dev/disk/by-id').mkdir(parents=True)
        self.stop = threading.Event()
        self.devices = devices.HostDevices(
            str(self.root), retry.RetryPolicy(), self.stop
        )

    def file(self, path: str, text: str = '') -> pathlib.Path:
        """Make a file below the root."""
        found = self.root / path
        found.parent.mkdir(parents=True, exist_ok=True)
        found.write_text(text)
        return found

    def link(self, name: str, device: str) -> None:
        """Link a device by a name."""
        (self.root / 'dev/disk/by-id' / name).symlink_to(f'../../{device}')


class FindTest(DevicesCase):
    def test_by_the_end_of_its_id(self) -> None:
        self.link(f'scsi-S{UDID[-32:]}', 'sdc')
        self.link(f'scsi-S{UDID[-32:]}1', 'sdd')
        found = self.devices.find(UDID)
        self.assertEqual(
            devices.Device('sdc', str(self.root / 'dev/sdc')), found
        )

    def test_none(self) -> None:
        self.assertIsNone(self.devices.find(UDID))

    def test_several_names_of_one(self) -> None:
        for name in ('scsi-S', 'wwn-0x'):
            self.link(f'{name}{UDID[-32:]}', 'sdc')
        found = self.devices.find(UDID)
        assert found is not None
        self.assertEqual('sdc', found.name)

    def test_several(self) -> None:
        for number, name in enumerate(('scsi-S', 'wwn-0x')):
            self.link(f'{name}{UDID[-32:]}', f'sd{"ca"[number]}')
        error = self.assertRaises(
            devices.SeveralDevices, self.devices.find, UDID
        )
        self.assertIn('sda, sdc', str(error))

    def test_id_is_no_pattern(self) -> None:
        self.link(f'scsi-S{"x" * 32}', 'sdc')
        self.assertIsNone(self.devices.find('*' * 34))


class DiscoverTest(DevicesCase):
    def appears(self, after: int) -> Any:
        """Let udev link the device after some scans."""
        scans = []

        def write(path: str, text: str) -> None:
            scans.append((path, text))
            if len(scans) == after:
                self.file('dev/sdc')
                self.link(f'scsi-S{UDID[-32:]}', 'sdc')

        self.useFixture(
            fixtures.MonkeyPatch(f'{devices.__name__}._write', write)
        )
        return scans

    def test_scan_of_its_adapter(self) -> None:
        self.file(SCAN)
        self.file(SCAN.replace('11', '12'))
        scans = self.appears(after=1)
        found = self.devices.discover(0x11, UDID)
        self.assertEqual('sdc', found.name)
        self.assertEqual([(str(self.root / SCAN), '- - -')], scans)

    def test_scan_of_all_adapters(self) -> None:
        self.file(SCAN)
        self.file(SCAN.replace('11', '12'))
        scans = self.appears(after=2)
        self.devices.discover(None, UDID)
        self.assertEqual(2, len(scans))

    def test_it_takes_a_while(self) -> None:
        self.file(SCAN)
        scans = self.appears(after=5)
        self.devices.discover(0x11, UDID)
        self.assertEqual(5, len(scans))

    def test_link_without_its_node(self) -> None:
        self.link(f'scsi-S{UDID[-32:]}', 'sdc')
        self.assertRaises(
            devices.DeviceNotFound, self.devices.discover, 0x11, UDID
        )

    def test_never(self) -> None:
        self.file(SCAN)
        error = self.assertRaises(
            devices.DeviceNotFound, self.devices.discover, 0x11, UDID
        )
        for word in (UDID, '300 seconds', 'host_root'):
            self.assertIn(word, str(error))
        self.assertEqual('- - -', (self.root / SCAN).read_text())

    def test_service_stops(self) -> None:
        self.stop.set()
        self.assertRaises(errors.Stopped, self.devices.discover, 0x11, UDID)


class RemoveTest(DevicesCase):
    def test_gone_already(self) -> None:
        self.devices.remove(self.devices.device('sdc'))

    def test_stays(self) -> None:
        self.file('dev/sdc')
        path = self.file('sys/block/sdc/device/delete')
        error = self.assertRaises(
            devices.DeviceStays,
            self.devices.remove,
            self.devices.device('sdc'),
        )
        self.assertIn('sdc', str(error))
        self.assertEqual('1', path.read_text())


class PrivilegedTest(DevicesCase):
    """What this user may not do is done by another process."""

    def setUp(self) -> None:
        super().setUp()
        for name, original in (('builtins.open', open), ('os.open', os.open)):
            self.useFixture(
                fixtures.MonkeyPatch(name, self.refusing(original))
            )
        self.asked: list[tuple[str, ...]] = []
        for name in ('scan', 'delete'):
            self.useFixture(
                fixtures.MonkeyPatch(
                    f'nova_powervm.privsep.devices.{name}',
                    lambda path, name=name: self.asked.append((name, path)),
                )
            )
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova_powervm.privsep.devices.hand_over', self.hand_over
            )
        )

    def refusing(self, original: Any) -> Any:
        """Refuse what the driver opens, which it names by strings."""

        def refuse(path: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(path, str) and path.startswith(str(self.root)):
                raise PermissionError(path)
            return original(path, *args, **kwargs)

        return refuse

    def hand_over(self, path: str, address: str, token: bytes) -> None:
        """Do as root does, after somebody else has knocked."""
        for sent in (b'x' * len(token), token):
            descriptor = os.open(pathlib.Path(path), os.O_RDONLY)
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sender:
                sender.connect(f'\0{address}')
                socket.send_fds(sender, [sent], [descriptor])
            os.close(descriptor)

    def test_scan_and_delete(self) -> None:
        path = self.root / SCAN
        path.parent.mkdir(parents=True)
        path.touch()
        self.devices._scan(0x11)
        (self.root / 'dev/sdc').touch()
        self.assertRaises(
            devices.DeviceStays,
            self.devices.remove,
            self.devices.device('sdc'),
        )
        self.assertEqual(('scan', str(path)), self.asked[0])
        delete = str(self.root / 'sys/block/sdc/device/delete')
        self.assertEqual(('delete', delete), self.asked[1])

    def test_open(self) -> None:
        node = self.root / 'dev/sdc'
        os.close(os.open(node, os.O_CREAT))
        os.truncate(node, 7)
        self.useFixture(
            fixtures.MonkeyPatch('stat.S_ISBLK', lambda _mode: True)
        )
        with self.devices.open(str(node)) as disk:
            self.assertEqual(bytes(7), disk.read())

    def test_files_are_not_handed_over(self) -> None:
        node = self.root / 'dev/sdc'
        node.touch()
        self.assertRaises(PermissionError, self.devices.open, str(node))
