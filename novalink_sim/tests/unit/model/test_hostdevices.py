# SPDX-License-Identifier: Apache-2.0
"""Disks that are mapped to the management partition."""

import json
import pathlib
from typing import Any

from novalink_sim.hostroot import scsi as sysfs
from novalink_sim.model import mappings
from novalink_sim.model import setup
from novalink_sim.model import system
from novalink_sim.tests.unit.model import base

CONTENT = b'bytes of the server'


def head(path: pathlib.Path) -> bytes:
    """The first bytes of a disk."""
    with path.open('rb') as disk:
        return disk.read(len(CONTENT))


class HostDevicesTest(base.ModelCase):
    """They appear and go as Linux has it."""

    switches = {'second_mapping': 'allow'}

    def setUp(self) -> None:
        super().setUp()
        self.management = setup.add_management_lpar(self.system)
        self.boot = self.disk('boot')
        with self.boot.file.open('r+b') as disk:
            disk.write(CONTENT)
        self.map(self.lpar(), self.boot)
        self.bus = self.map(self.management, self.boot).bus
        self.system.advance()

    @property
    def by_id(self) -> pathlib.Path:
        return self.system.hostroot / 'dev/disk/by-id'

    def links(self) -> list[pathlib.Path]:
        self.system.advance()
        return list(self.by_id.iterdir())

    def scan(self) -> None:
        slot = self.bus.client_slot
        sysfs.scan_file(self.system.hostroot, slot).write_text('- - -')

    def unmap(self) -> None:
        slot = self.bus.server_slot
        mappings.update(
            self.vios,
            [
                ask
                for ask, bus in zip(
                    self.wanted_mappings(), self.vios.buses, strict=True
                )
                if bus.server_slot != slot
            ],
        )

    def test_nothing_before_a_scan(self) -> None:
        self.assertEqual([], self.links())
        self.assertEqual(sysfs.LOOK, self.system.next_due())

    def test_scan(self) -> None:
        self.scan()
        (link,) = self.links()
        self.assertTrue(link.name.endswith(self.boot.udid[-32:]))
        self.assertEqual(CONTENT, head(link))
        (device,) = self.system.host_devices
        self.assertEqual(('sda', self.boot.udid), (device.name, device.key))
        self.scan()
        self.assertEqual([link], self.links())

    def test_removal(self) -> None:
        self.scan()
        self.links()
        sysfs.delete_file(self.system.hostroot, 'sda').write_text('1')
        self.assertEqual([], self.links())
        self.assertEqual([], self.system.host_devices)
        self.scan()
        self.assertEqual(1, len(self.links()))

    def test_device_outlives_its_mapping_without_its_bytes(self) -> None:
        self.scan()
        self.links()
        self.unmap()
        (link,) = self.links()
        self.assertFalse(link.exists())
        self.assertEqual(
            [], list((self.system.hostroot / sysfs.ADAPTERS).iterdir())
        )
        sysfs.delete_file(self.system.hostroot, 'sda').write_text('1')
        self.assertEqual([], self.links())
        self.assertIsNone(self.system.next_due())

    def test_what_a_new_scan_finds_beside_what_was_left(self) -> None:
        self.scan()
        self.links()
        self.unmap()
        # Another slot, as there is something else in the one before.
        slot = self.bus.client_slot + 1
        self.bus = self.map(self.management, self.boot, client_slot=slot).bus
        self.system.advance()
        self.scan()
        self.links()
        self.assertEqual(2, len(self.system.host_devices))

    def test_media_are_no_disks(self) -> None:
        self.map(self.management, self.media(), server_udid=self.bus.udid)
        self.scan()
        self.assertEqual(1, len(self.links()))

    def test_dump_and_load(self) -> None:
        self.scan()
        self.links()
        dump: Any = json.loads(json.dumps(self.system.to_dict()))
        other = system.ManagedSystem(
            'host1', 'seed', self.system.hostroot, self.clock
        )
        other.from_dict(dump)
        self.assertEqual(dump, other.to_dict())
        (link,) = self.by_id.iterdir()
        self.assertEqual(CONTENT, head(link))
        dump['host_devices'] = []
        other.from_dict(dump)
        self.assertEqual([], list(self.by_id.iterdir()))

    def test_no_client_partition_sees_any_of_it(self) -> None:
        self.management.is_management = False
        self.scan()
        self.assertEqual([], self.links())
