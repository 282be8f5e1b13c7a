# SPDX-License-Identifier: Apache-2.0
"""Disks of instances in a pool: whose they are, and how they go."""

from typing import Any

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import waits
from nova_powervm.tests.unit.virt.powervm.disk import poolcase
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import pool as powervm_pool
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import intents
from novalink_sim.model import extents


class DisksCase(poolcase.PoolCase):
    """An instance with a blank boot disk."""

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(waits.QuickWaits())
        self.guest = self.instance()
        self.name = 'boot_' + self.guest.uuid.replace('-', '')

    def make(self, size_gb: int = 1, source: Any = None) -> base.Disk:
        (disk,) = self.adapter.create(
            self.guest, [base.Wanted(roles.BOOT, size_gb, source)]
        )
        return disk

    def entries(self) -> list[tuple[str, str]]:
        """Names and states in the journal."""
        found = self.adapter._parts.journal.entries(journal.DISK)
        return sorted((entry.name, entry.state) for entry in found)

    def lose_journal(self) -> None:
        """Start as a host that has made nothing."""
        for entry in self.adapter._parts.journal.entries():
            self.adapter._parts.journal.forget(*entry.key)

    def found(self, *mapped: intents.StorageRef) -> list[str | None]:
        return [d.udid for d in self.adapter.find(self.guest, mapped)]


class CreateTest(DisksCase):
    """New disks."""

    def test_blank(self) -> None:
        disk = self.make()
        self.assertEqual((self.name, 1 << 30), (disk.name, disk.size_bytes))
        self.assertEqual(2, len(disk.vios_uuids))
        self.assertEqual(
            intents.StorageRef('lu', self.name, disk.udid),
            self.adapter.storage_ref(disk),
        )
        self.assertEqual([(self.name, journal.READY)], self.entries())

    def test_several(self) -> None:
        wanted = [
            base.Wanted(key, 1)
            for key in (roles.BOOT, roles.SWAP, roles.ephemeral(1))
        ]
        made = self.adapter.create(self.guest, wanted)
        self.assertEqual(made, self.adapter.find(self.guest))
        self.adapter.delete_disks(self.guest, ())
        self.assertEqual([], self.names())

    def test_again_replaces_what_was_left(self) -> None:
        first, second = self.make(), self.make()
        self.assertNotEqual(first.udid, second.udid)
        self.assertEqual([self.name], self.names())

    def test_unique_names(self) -> None:
        """Somebody made a unit of our name since the pool was read."""
        self.adapter.find(self.guest)
        foreign = self.add_unit(self.name)
        with self.switched(unit_names='unique'):
            self.assertRaises(base.NotOurs, self.make)
        self.assertEqual([foreign.udid], [u.udid for u in self.pool.units])
        self.assertEqual([], self.entries())

    def test_repeated_names(self) -> None:
        """Another unit of our name is not taken for ours."""
        self.adapter.find(self.guest)
        foreign = self.add_unit(self.name)
        disk = self.make()
        self.assertEqual([disk.udid], self.found())
        self.adapter.delete_disks(self.guest, ())
        self.assertEqual([foreign.udid], [u.udid for u in self.pool.units])

    def test_no_space(self) -> None:
        self.conf.config(group='powervm', ssp_thin_disks=False)
        self.adapter = self.on('host1')
        self.pool.fill(leave=0.5)
        self.assertRaises(errors.NoSpace, self.make)
        self.assertEqual([], self.entries())

    def test_thick_blank_disks_are_cleared_before_use(self) -> None:
        for clear, dirty in (('zero', False), ('none', True)):
            self.conf.config(
                group='powervm', ssp_thin_disks=False, volume_clear=clear
            )
            self.adapter = self.on('host1')
            want = base.Wanted(roles.SWAP, 0.1)
            (disk,) = self.adapter.create(self.guest, [want])
            with open(self.pool.find(disk.udid).file, 'rb') as file:
                old = extents.EARLIER_OWNER in file.read()
            self.assertEqual(dirty, old)
        self.assertEqual(1, self.uploads())

    def test_lost_reply(self) -> None:
        for drop in ('before', 'after'):
            self.lose_reply(drop)
            self.make()
            self.assertEqual([self.name], self.names())

    def test_lost_reply_and_a_unit_of_somebody(self) -> None:
        """It was made since the pool was read, and is of another size."""
        for drop in ('before', 'after'):
            self.adapter.find(self.guest)
            foreign = self.add_unit(self.name, 2)
            self.lose_reply(drop)
            self.assertNotEqual(foreign.udid, self.make().udid)
            self.adapter.delete_disks(self.guest, ())
            self.assertEqual([foreign.udid], [u.udid for u in self.pool.units])
            self.delete_unit(foreign)

    def lose_reply(self, drop: str) -> None:
        """Let the connection break once while a unit is made."""
        self.fault(
            method='PUT',
            path='/rest/api/uom/Tier/{}/LogicalUnit',
            drop=drop,
            times=1,
        )

    def test_lost_reply_and_the_like_of_somebody(self) -> None:
        """Two of the kind: nobody can tell which is whose."""
        self.adapter.find(self.guest)
        self.add_unit(self.name)
        self.lose_reply('after')
        error = self.assertRaises(errors.PlatformError, self.make)
        self.assertIn('delete by hand', str(error))
        self.adapter.discard(self.guest, [base.Wanted(roles.BOOT, 1)])
        self.assertEqual([self.name] * 2, self.names())
        self.assertEqual([], self.found())
        self.assertIn('is left alone', self.log.output)

    def test_a_unit_of_somebody_is_seen_in_time(self) -> None:
        self.patch(powervm_pool, 'RECENT', 0.0)
        self.adapter.find(self.guest)
        self.add_unit(self.name)
        self.lose_reply('before')
        self.assertRaises(base.NotOurs, self.make)
        self.assertEqual([self.name], self.names())

    def test_discard(self) -> None:
        disk = self.make()
        wanted = [base.Wanted(roles.BOOT, 2, disk)]
        self.adapter.create(self.guest, wanted)
        self.adapter.discard(self.guest, wanted)
        self.assertEqual([disk.udid], self.found())
        self.adapter.discard(self.guest, [base.Wanted(roles.BOOT, 1)])
        self.assertEqual([], self.names())
        self.assertEqual([], self.entries())

    def test_discard_of_several(self) -> None:
        wanted = [
            base.Wanted(key, 1)
            for key in (roles.BOOT, roles.SWAP, roles.ephemeral(1))
        ]
        self.adapter.create(self.guest, wanted)
        self.adapter.discard(self.guest, wanted)
        self.assertEqual([], self.names())
        self.assertEqual([], self.entries())


class FindTest(DisksCase):
    """Whose disk is it?"""

    def test_of_another_host(self) -> None:
        disk = self.make()
        other = self.on('host2')
        (found,) = other.find(self.guest)
        self.assertEqual(disk.udid, found.udid)
        # To use it is one thing, to delete it another one.
        other.delete_disks(self.guest, ())
        other.delete(self.guest, [found])
        self.assertEqual([self.name], self.names())
        self.assertIn('is left alone', self.log.output)
        other.adopt(self.guest, [found])
        other.delete_disks(self.guest, ())
        self.assertEqual([], self.names())

    def test_tagged_otherwise(self) -> None:
        self.make()
        self.lose_journal()
        self.pool.units[0].tag = 'nova:somebody'
        self.assertEqual([], self.found())
        self.pool.units[0].tag = f'nova:{self.guest.uuid}'
        self.assertEqual(1, len(self.found()))

    def test_two_of_the_name(self) -> None:
        disk = self.make()
        self.lose_journal()
        self.add_unit(self.name)
        self.assertEqual([], self.found())
        ref = intents.StorageRef('lu', self.name, disk.udid)
        self.assertEqual([disk.udid], self.found(ref))

    def test_of_the_retired_driver(self) -> None:
        guest = nova_objects.instance()
        name = f'boot_{guest.name}'.replace('-', '_')
        unit = self.add_unit(name)
        self.assertEqual((), self.adapter.find(guest))
        ref = intents.StorageRef('lu', name, unit.udid)
        (found,) = self.adapter.find(guest, [ref])
        self.assertEqual((roles.BOOT, name), (found.key, found.name))
        self.adapter.delete_disks(guest, ())
        self.assertEqual([name], self.names())
        self.adapter.delete_disks(guest, [ref])
        self.assertEqual([], self.names())

    def test_released(self) -> None:
        self.make()
        self.adapter.release(self.guest)
        self.assertEqual([], self.entries())
        self.adapter.delete_disks(self.guest, ())
        self.assertEqual([self.name], self.names())


class GrowTest(DisksCase):
    """Larger disks with the content of smaller ones."""

    def setUp(self) -> None:
        super().setUp()
        self.old = self.make()
        self.new = self.make(2, self.old)

    def test_the_older_one_comes_first(self) -> None:
        self.assertEqual([self.old.udid, self.new.udid], self.found())
        self.assertEqual(f'{self.name}_1', self.new.name)

    def test_the_old_one_stays_as_a_base(self) -> None:
        self.adapter.delete(self.guest, [self.old])
        self.assertEqual([self.new.udid], self.found())
        # Any host can tell, for the name says so.
        (found,) = self.on('host2').find(self.guest)
        self.assertEqual(self.new.udid, found.udid)
        self.adapter.delete(self.guest, [self.new])
        self.assertEqual([], self.names())
        self.assertEqual([], self.entries())

    def test_a_platform_that_does_not_rename(self) -> None:
        self.fault(
            method='POST',
            path='/rest/api/uom/Tier/{}/LogicalUnit/{}',
            status=500,
            times=None,
        )
        self.adapter.delete(self.guest, [self.old])
        self.assertEqual([self.new.udid], self.found())
        self.assertIn('keeps its name', self.log.output)
        for _again in range(3):
            self.adapter.collect()
        self.assertEqual(2, self.log.output.count('keeps its name'))
        self.adapter.delete_disks(self.guest, ())
        self.assertEqual([], self.names())

    def test_a_name_that_could_not_be_given_is_given_later(self) -> None:
        self.fault(
            method='POST',
            path='/rest/api/uom/Tier/{}/LogicalUnit/{}',
            status=500,
            times=1,
        )
        self.adapter.delete(self.guest, [self.old])
        self.assertEqual(2, len(self.on('host2').find(self.guest)))
        self.adapter.collect()
        (found,) = self.on('host2').find(self.guest)
        self.assertEqual(self.new.udid, found.udid)
        self.adapter.delete_disks(self.guest, ())
        self.assertEqual([], self.names())
        self.assertEqual([], self.entries())

    def test_all_go_with_the_instance(self) -> None:
        self.adapter.delete(self.guest, [self.old])
        last = self.make(3, self.new)
        self.adapter.delete(self.guest, [self.new])
        self.assertEqual(3, len(self.names()))
        self.lose_journal()
        ref = intents.StorageRef('lu', last.name, last.udid)
        self.adapter.delete_disks(self.guest, [ref])
        self.assertEqual([], self.names())

    def test_mapped_ones_become_no_bases(self) -> None:
        """The host that a server left keeps its disk for a revert."""
        self.pool.note_mapped('VIOS', frozenset([str(self.old.udid)]))
        self.fault(
            method='DELETE',
            path='/rest/api/uom/Tier/{}/LogicalUnit/{}',
            status=500,
            times=1,
        )
        self.assertRaises(
            errors.PlatformError, self.adapter.delete_disks, self.guest, ()
        )
        self.assertIn(self.name, self.names())

    def test_mapped(self) -> None:
        self.pool.note_mapped('VIOS', frozenset([str(self.new.udid)]))
        self.assertRaises(
            errors.PlatformError, self.adapter.delete, self.guest, [self.new]
        )
        self.assertEqual(2, len(self.names()))
