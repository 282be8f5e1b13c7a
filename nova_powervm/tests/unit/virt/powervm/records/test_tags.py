# SPDX-License-Identifier: Apache-2.0
"""Guests are told where the devices are that their users tagged."""

from typing import Any

import testtools
from nova import objects

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.records import tags

MAC = 'fa:16:3e:00:00:01'
ONE, TWO = 'A' * 36, 'B' * 36


class TagsTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.instance = nova_objects.instance()

    def note(self, found: tags.Tags, *entries: slots.Entry) -> list[Any]:
        tags.note(self.instance, found, slots.SlotMap(entries))
        return list(self.instance.device_metadata.devices)

    def entry(self, name: str, slot: int, lua: str | None) -> slots.Entry:
        return slots.Entry(name, ONE, slots.Address(slot, lua))

    def test_address_of_a_guest(self) -> None:
        for slot, lua, expected in (
            (2, '0x8100000000000000', '2:0:1:0'),
            (20, '0x8c00000000000000', '14:0:c:0'),
            (63, '0xbfff000000000000', '3f:7:3f:1f'),
        ):
            place = slots.Address(slot, lua)
            self.assertEqual(expected, tags.scsi_address(place))

    def test_disks_and_adapters(self) -> None:
        (disk, volume, nic) = self.note(
            tags.Tags(
                (
                    tags.TaggedDisk('swap', 'paging'),
                    tags.TaggedDisk('volume:v1', 'data', 'v1'),
                ),
                {MAC: 'public'},
            ),
            self.entry('volume:v1', 5, '0x8300000000000000'),
            self.entry('volume:v1', 4, '0x8200000000000000'),
            self.entry('swap', 4, '0x8100000000000000'),
        )
        self.assertEqual((['paging'], None), (disk.tags, disk.serial))
        self.assertEqual('4:0:1:0', disk.bus.address)
        self.assertEqual((['data'], 'v1'), (volume.tags, volume.serial))
        self.assertEqual('4:0:2:0', volume.bus.address)
        self.assertIsInstance(volume.bus, objects.SCSIDeviceBus)
        self.assertEqual((['public'], MAC), (nic.tags, nic.mac))

    def test_address_that_is_not_known(self) -> None:
        found = tags.Tags((tags.TaggedDisk('volume:v1', 'data', 'v1'),))
        for entries in ((), (self.entry('volume:v1', 5, None),)):
            (volume,) = self.note(found, *entries)
            self.assertNotIn('address', volume.bus)

    def test_later_devices(self) -> None:
        """One that is noted again takes the place of the earlier one."""
        one = tags.Tags((tags.TaggedDisk('volume:v1', 'data', 'v1'),))
        self.note(one)
        self.note(tags.Tags(adapters={MAC: 'public'}))
        self.assertEqual(2, len(self.note(one)))
        self.assertFalse(tags.forget(self.instance, ['v2'], ['fa:0']))
        self.assertTrue(tags.forget(self.instance, volume_ids=['v1']))
        self.assertTrue(tags.forget(self.instance, macs=[MAC.upper()]))
        self.assertEqual([], self.instance.device_metadata.devices)
