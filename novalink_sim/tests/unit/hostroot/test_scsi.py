# SPDX-License-Identifier: Apache-2.0
"""The files of SCSI adapters and devices."""

import pathlib

import fixtures
import testtools

from novalink_sim.hostroot import scsi
from novalink_sim.hostroot import tree

UDID = '0300f8d6de00004b000000014a54555cd9.12'


class ScsiTest(testtools.TestCase):
    """They are where Linux has them."""

    def setUp(self) -> None:
        super().setUp()
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        tree.create(self.root)

    def test_adapters(self) -> None:
        scsi.set_adapters(self.root, {5, 0x11})
        scsi.set_adapters(self.root, {0x11, 0x12})
        found = self.root.glob('sys/bus/vio/devices/*/host*/scsi_host/*/scan')
        self.assertEqual(
            ['30000011', '30000012'],
            sorted(path.parents[3].name for path in found),
        )

    def test_scan_is_taken_once(self) -> None:
        self.assertFalse(scsi.take_scan(self.root, 5))
        scsi.set_adapters(self.root, {5})
        self.assertFalse(scsi.take_scan(self.root, 5))
        scsi.scan_file(self.root, 5).write_text('- - -')
        self.assertTrue(scsi.take_scan(self.root, 5))
        self.assertFalse(scsi.take_scan(self.root, 5))

    def test_devices(self) -> None:
        disk = self.root / 'disk'
        disk.write_bytes(b'content')
        scsi.set_devices(self.root, {'sda': (UDID, disk)})
        (link,) = (self.root / 'dev/disk/by-id').iterdir()
        self.assertTrue(link.name.endswith(UDID[-32:]))
        self.assertEqual('../../sda', str(link.readlink()))
        self.assertEqual(b'content', link.read_bytes())
        gone = self.root / 'gone'
        scsi.set_devices(self.root, {'sda': (UDID, gone)})
        self.assertTrue(link.is_symlink())
        self.assertFalse(link.exists())
        self.assertFalse(scsi.take_delete(self.root, 'sda'))
        scsi.delete_file(self.root, 'sda').write_text('1\n')
        self.assertTrue(scsi.take_delete(self.root, 'sda'))
        scsi.set_devices(self.root, {})
        for place in ('dev/disk/by-id', 'sys/block'):
            self.assertEqual([], list((self.root / place).iterdir()))
        self.assertFalse((self.root / 'dev/sda').is_symlink())

    def test_names(self) -> None:
        used: set[str] = set()
        for _ in range(28):
            used.add(scsi.free_name(used))
        self.assertEqual(28, len(used))
        for name in ('sda', 'sdz', 'sdaa', 'sdab'):
            self.assertIn(name, used)
