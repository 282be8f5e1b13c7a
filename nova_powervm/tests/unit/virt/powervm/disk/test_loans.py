# SPDX-License-Identifier: Apache-2.0
"""Disks that are lent to the management partition."""

import os
from typing import Any
from unittest import mock

from nova_powervm.tests.unit.virt.powervm.disk import case
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import loans
from nova_powervm.virt.powervm.host import devices
from nova_powervm.virt.powervm.lpar import cache
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import intents
from novalink_sim.model import power
from novalink_sim.model import switches

OWNER = '1d3f5c3e-6c80-4d9f-9b63-7d8a0e0c5b1a'
GET = 'GET VirtualIOServer/{}'
POST = 'POST VirtualIOServer/{}'


class LoansCase(case.StorageCase):
    """A partition with a disk in datavg."""

    SECOND: Any = 'allow'

    def setUp(self) -> None:
        self.SIMULATOR = {
            'switches': switches.Switches(second_mapping=self.SECOND)
        }
        super().setUp()
        self.foreign_disk('boot')
        disk = self.platform_disks()['boot']
        self.ref = intents.StorageRef('disk', disk.name, disk.udid)
        lpar = self.create_lpar()
        self.cache = cache.LparCache(self.client)
        self.cache.load()
        found = self.cache.get(lpar.uuid)
        assert found is not None
        self.lpar = found
        (management,) = (r for r in self.cache.all() if r.is_management)
        self.management = management
        self.target = intents.ViosTarget(self.vios().uuid.upper())
        self.changes.run(self.target, self.adding(self.lpar, slot=9))
        self.loans = self.make()
        self.forget_requests()

    def make(self) -> loans.Loans:
        """What a start of the service makes."""
        host = devices.HostDevices(
            str(self.system.hostroot), self.client.policy, self.client.stop
        )
        return loans.Loans(self.parts(), self.cache, host)

    def adding(self, lpar: cache.LparRecord, **where: Any) -> Any:
        """Map the disk to a partition."""
        return intents.AddMapping(lpar.uuid, lpar.id, self.ref, **where)

    def lend(self) -> intents.MappingResult:
        """Lend the disk."""
        return self.loans.lend(OWNER, self.ref, self.lpar, [self.target.uuid])

    def users(self) -> set[str]:
        """Names of the partitions that have the disk."""
        vios = next(iter(self.model.vioses.values()))
        return {
            self.model.partition(uuid).name
            for uuid in vios.users_of(self.ref.udid)
        }

    def address(self) -> tuple[int, str]:
        """Slot and logical unit address of the disk in the partition."""
        vios = next(iter(self.model.vioses.values()))
        ((slot, lua),) = (
            (bus.client_slot, device.lua)
            for bus in vios.buses
            for device in bus.devices
            if bus.lpar_uuid == self.lpar.uuid
        )
        return slot, lua

    def noted(self) -> list[journal.Entry]:
        """What the journal says of loans."""
        return self.journal.entries(journal.MAPPING)


class SharedTest(LoansCase):
    """A VIOS lets the management partition have it as well."""

    def test_lent_and_given_back(self) -> None:
        result = self.lend()
        self.assertTrue(result.added)
        self.assertEqual({'vm', 'novalink'}, self.users())
        self.assertEqual(1, len(self.noted()))
        self.loans.release(OWNER)
        self.assertEqual({'vm'}, self.users())
        self.assertEqual([], self.noted())
        self.forget_requests()
        self.loans.release(OWNER)
        self.assertEqual([], self.requests())

    def test_noted_before_the_request(self) -> None:
        path = '/rest/api/uom/VirtualIOServer/{}'
        # Nobody can tell whether it had an effect.
        self.fault(method='POST', path=path, drop='after')
        self.fault(method='GET', path=path, times=99, status=500)
        self.assertRaises(errors.PlatformRefused, self.lend)
        self.assertEqual(1, len(self.noted()))
        self.sim.faults.clear()
        self.loans.release(OWNER)
        self.assertEqual({'vm'}, self.users())

    def test_left_over_is_collected(self) -> None:
        self.lend()
        self.loans.collect()
        self.assertEqual({'vm', 'novalink'}, self.users())
        again = self.make()
        again.collect()
        self.assertEqual({'vm'}, self.users())
        self.forget_requests()
        again.collect()
        self.assertEqual([], self.requests())

    def test_full_file_system_does_not_end_the_collection(self) -> None:
        self.lend()
        again = self.make()
        full = OSError(28, 'No space left on device')
        with mock.patch.object(os, 'replace', autospec=True, side_effect=full):
            again.collect()
        self.assertEqual({'vm'}, self.users())
        again.collect()
        self.assertEqual([], self.noted())

    def test_left_over_is_replaced(self) -> None:
        self.lend()
        self.loans = self.make()
        self.assertTrue(self.lend().added)
        self.loans.release(OWNER)
        self.assertEqual({'vm'}, self.users())

    def test_mapping_of_somebody_else_stays(self) -> None:
        self.changes.run(self.target, self.adding(self.management))
        self.assertFalse(self.lend().added)
        self.assertEqual([], self.noted())
        self.loans.release(OWNER)
        self.assertEqual({'vm', 'novalink'}, self.users())

    def test_no_active_vios(self) -> None:
        self.assertRaises(
            errors.NotReady, self.loans.lend, OWNER, self.ref, self.lpar, []
        )


class MappedOnceTest(LoansCase):
    """A VIOS maps it to one partition at a time."""

    SECOND = 'refuse'

    def start_lpar(self) -> None:
        """Let the partition run."""
        with self.model.lock:
            power.power_on(self.model.lpar(self.lpar.uuid))

    def test_partition_that_runs_keeps_it(self) -> None:
        self.start_lpar()
        error = self.assertRaises(loans.MappedOnce, self.lend)
        for word in ('boot', 'VIOS01050033', 'snapshot_stops_server'):
            self.assertIn(word, str(error))
        self.assertEqual({'vm'}, self.users())
        self.assertEqual([], self.noted())

    def test_taken_from_a_partition_that_is_off(self) -> None:
        before = self.address()
        self.lend()
        self.assertEqual({'novalink'}, self.users())
        self.loans.release(OWNER)
        self.assertEqual({'vm'}, self.users())
        self.assertEqual(before, self.address())

    def test_both_changes_share_one_reading(self) -> None:
        self.changes._gather = 0.05
        self.changes._workers.clear()
        self.lend()
        # The first one is refused; what is found then is read for itself.
        found = [word for word in self.requests() if 'VirtualIO' in word]
        self.assertEqual([GET, POST, GET, GET, POST, POST], found)

    def test_given_back_after_a_crash(self) -> None:
        before = self.address()
        self.lend()
        self.journal = journal.Journal.for_host(self.host)
        self.make().collect()
        self.assertEqual(before, self.address())

    def test_partition_that_was_deleted_meanwhile(self) -> None:
        self.lend()
        with self.model.lock:
            del self.model.lpars[self.lpar.uuid]
        self.loans.release(OWNER)
        self.assertEqual(set(), self.users())
