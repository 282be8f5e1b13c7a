# SPDX-License-Identifier: Apache-2.0
"""What an update of SCSI mappings does."""

import dataclasses

from novalink_sim import errors
from novalink_sim.model import lpar as lpars
from novalink_sim.model import mappings
from novalink_sim.model import power
from novalink_sim.model import scsi
from novalink_sim.tests.unit.model import base


class MappingsTest(base.ModelCase):
    """The meanings that NovaLink gives to a mapping."""

    def update(self, wanted: list[mappings.MappingRequest]) -> None:
        mappings.update(self.vios, wanted)

    def test_new_bus(self) -> None:
        lpar = self.lpar()
        found = self.map(lpar, self.disk('boot'))
        bus, device = found.bus, found.device
        assert device is not None
        self.assertEqual('vhost0', bus.adapter_name)
        self.assertEqual((2, 2), (bus.client_slot, bus.server_slot))
        self.assertEqual('0x8100000000000000', device.lua)
        self.assertEqual('vtscsi0', device.target_name)
        self.assertTrue(device.target_udid.startswith('09'))
        self.assertEqual(f'1e{self.vios.location(2)}', bus.udid)
        self.assertIn(
            ('MODIFY_URI', self.vios.path, 'VirtualSCSIMappings'),
            self.events,
        )
        self.assertIn(
            ('MODIFY_URI', lpar.path, 'VirtualSCSIClientAdapters'),
            self.events,
        )

    def test_unchanged(self) -> None:
        self.map(self.lpar(), self.disk('boot'))
        before = self.system.to_dict()
        self.events.clear()
        self.update(self.wanted_mappings())
        self.assertEqual(before, self.system.to_dict())
        self.assertEqual([], self.events)

    def test_same_bus(self) -> None:
        lpar = self.lpar()
        bus = self.map(lpar, self.disk('boot')).bus
        found = self.map(lpar, self.media(), server_udid=bus.udid)
        assert found.device is not None
        self.assertIs(self.vios.buses[0], found.bus)
        self.assertEqual('0x8200000000000000', found.device.lua)
        self.assertEqual('vtopt0', found.device.target_name)

    def test_second_bus(self) -> None:
        lpar = self.lpar()
        self.map(lpar, self.disk('a'))
        found = self.map(lpar, self.disk('b'))
        self.assertEqual('vhost1', found.bus.adapter_name)
        self.assertEqual(3, found.bus.client_slot)

    def test_wanted_slot_and_address(self) -> None:
        lpar = self.lpar()
        lua = '0x8500000000000000'
        found = self.map(lpar, self.disk('a'), client_slot=9, lua=lua)
        assert found.device is not None
        self.assertEqual(9, found.bus.client_slot)
        self.assertEqual(lua, found.device.lua)
        self.assertRaises(
            errors.ServerError,
            self.map,
            lpar,
            self.disk('b'),
            client_slot=9,
        )
        self.assertRaises(
            errors.ServerError,
            self.map,
            lpar,
            self.group.disks[1],
            server_udid=found.bus.udid,
            lua=lua,
        )

    def test_target_name(self) -> None:
        lpar = self.lpar()
        found = self.map(lpar, self.disk('a'), target_name='mine')
        assert found.device is not None
        self.assertEqual('mine', found.device.target_name)
        self.assertRaises(
            errors.ServerError,
            self.map,
            lpar,
            self.disk('b'),
            target_name='mine',
        )

    def test_removed(self) -> None:
        """What is not named goes; with the last device the bus goes."""
        lpar = self.lpar()
        bus = self.map(lpar, self.disk('a')).bus
        self.map(lpar, self.disk('b'), server_udid=bus.udid)
        first, second = self.wanted_mappings()
        self.update([second])
        (device,) = self.vios.buses[0].devices
        self.assertEqual(second.target_udid, device.target_udid)
        self.update([])
        self.assertEqual([], self.vios.buses)
        self.assertEqual(set(), lpar.used_slots())

    def test_bus_without_devices(self) -> None:
        """A mapping of adapters alone keeps the bus."""
        lpar = self.lpar()
        self.map(lpar, self.disk('a'))
        (old,) = self.wanted_mappings()
        bare = dataclasses.replace(old, storage=None, target_udid=None)
        self.update([bare])
        (found,) = self.vios.scsi_mappings
        self.assertIsNone(found.device)
        self.assertIsNone(found.storage)
        self.assertIsNone(found.backing_device)

    def test_other_media(self) -> None:
        """Media of a drive can change, disks cannot."""
        lpar = self.lpar()
        self.map(lpar, self.media('one', 0.2))
        self.media('two', 0.2)
        (old,) = self.wanted_mappings()
        other = mappings.StorageRequest(scsi.MEDIA, name='two')
        self.update([dataclasses.replace(old, storage=other)])
        (found,) = self.vios.scsi_mappings
        assert found.storage is not None
        self.assertEqual('two', found.storage.name)
        self.update([dataclasses.replace(old, storage=None)])
        (found,) = self.vios.scsi_mappings
        self.assertIsNotNone(found.target)
        self.assertIsNone(found.storage)

    def test_other_disk(self) -> None:
        self.map(self.lpar(), self.disk('a'))
        self.disk('b')
        (old,) = self.wanted_mappings()
        other = mappings.StorageRequest(scsi.DISK, name='b')
        self.assertRaises(
            errors.ServerError,
            self.update,
            [dataclasses.replace(old, storage=other)],
        )

    def test_refusals_change_nothing(self) -> None:
        lpar = self.lpar()
        disk = self.disk('a')
        self.map(lpar, disk)
        self.disk('free')
        before = self.system.to_dict()
        good = mappings.MappingRequest(
            lpar.uuid, storage=mappings.StorageRequest(scsi.DISK, 'free')
        )
        bad = (
            # In use.
            dataclasses.replace(
                good, storage=mappings.StorageRequest(scsi.DISK, 'a')
            ),
            # No such storage, adapter, target or partition.
            dataclasses.replace(
                good, storage=mappings.StorageRequest(scsi.DISK, 'no')
            ),
            dataclasses.replace(good, server_name='vhost9'),
            dataclasses.replace(
                good, server_name='vhost0', target_udid='09no'
            ),
            dataclasses.replace(good, lpar_uuid='no'),
        )
        for ask in bad:
            wanted = [*self.wanted_mappings(), good, ask]
            self.assertRaises(errors.SimError, self.update, wanted)
            self.assertEqual(before, self.system.to_dict())

    def test_limit_of_a_bus(self) -> None:
        lpar = self.lpar()
        bus = self.map(lpar, self.disk('d0', 0.1)).bus
        for number in range(1, scsi.MAX_PER_BUS):
            self.map(lpar, self.disk(f'd{number}', 0.1), server_udid=bus.udid)
        last = self.disk('d32', 0.1)
        self.assertRaises(
            errors.ServerError, self.map, lpar, last, server_udid=bus.udid
        )

    def test_running_without_rmc(self) -> None:
        self.switch_to(guest_rmc=False)
        lpar = self.lpar()
        power.power_on(lpar)
        self.assertRaises(errors.ServerError, self.map, lpar, self.disk('a'))
        self.switch_to(dlpar_needs_rmc=False)
        self.map(lpar, self.group.disks[0])

    def test_tag(self) -> None:
        lpar = self.lpar()
        self.map(lpar, self.disk('a', tag='early'), tag='late')
        self.assertEqual('late', self.group.disks[0].tag)
        self.switch_to(disk_tag='never')
        self.map(lpar, self.disk('b'), tag='late')
        self.assertIsNone(self.group.disks[1].tag)

    def test_second_mapping_of_a_disk(self) -> None:
        disk, medium = self.disk('a'), self.media()
        owner, other = self.lpar(), self.lpar('other')
        self.map(owner, disk)
        self.map(owner, medium)
        self.assertRaises(errors.ServerError, self.map, other, disk)
        self.switch_to(second_mapping='allow')
        self.map(other, disk)
        self.assertEqual(
            {owner.uuid, other.uuid}, self.vios.users_of(disk.key)
        )
        for partition, item in ((other, disk), (other, medium)):
            self.assertRaises(errors.ServerError, self.map, partition, item)

    def test_slots_are_shared_with_adapters(self) -> None:
        lpar = self.lpar(max_slots=4)
        self.map(lpar, self.disk('a'))
        self.map(lpar, self.disk('b'))
        exc = self.assertRaises(
            errors.ServerError, self.map, lpar, self.disk('c')
        )
        self.assertIn('no free virtual slot', exc.message)

    def test_management_vios_shows_paths(self) -> None:
        self.vios.is_management = True
        disk = self.disk('a')
        found = self.map(self.lpar(), disk)
        path = str(found.backing_device).removeprefix('/')
        self.assertEqual(disk.file, self.system.hostroot / path)

    def test_recycled_id(self) -> None:
        """A new partition starts without what an earlier one had."""
        lpar = self.lpar()
        self.map(lpar, self.disk('a'))
        lpars.delete(self.system, lpar)
        self.assertEqual(set(), self.lpar('next').used_slots())
