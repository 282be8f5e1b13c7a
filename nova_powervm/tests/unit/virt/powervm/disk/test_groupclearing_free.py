# SPDX-License-Identifier: Apache-2.0
"""Disks that take free space in are cleared once they are known to be ours."""

from __future__ import annotations

import os
from typing import Any

from nova_powervm.tests.unit.virt.powervm.disk import case
from nova_powervm.tests.unit.virt.powervm.disk import test_groupclearing
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import groupclearing
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import transactions
from novalink_sim.model import extents


class TakingInTest(test_groupclearing.ClearingCase):
    """A group that was used by others before, up to its last byte."""

    def anew(self, **rule: Any) -> None:
        """Start anew with nothing known of the free space."""
        self.settle()
        self.disk.close()
        os.remove(os.path.join(self.host.host_state_path, 'freespace.json'))
        if rule:
            self.fault(method='POST', path=case.GROUP, **rule)
        self.again()

    def test_free_space_is_not_looked_for_before_it_is_in_a_disk(self) -> None:
        """Else the disk would be forgotten before it is there."""
        seen: list[list[journal.Entry]] = []
        submit = transactions.Transactions.submit

        def watching(changes: Any, target: Any, intent: Any) -> Any:
            if isinstance(intent, intents.CreateDisk):
                seen.append(self.leaving())
            return submit(changes, target, intent)

        self.patch(transactions.Transactions, 'submit', watching)
        self.anew()
        self.settle()
        self.assertTrue(seen)
        self.assertFalse(any(seen))
        self.assertEqual({}, self.platform_disks())

    def test_somebody_takes_the_name(self) -> None:
        """A disk of somebody appears after the group was looked at."""
        container = self.data_group().uuid
        name = identity.free_disk_name(container, 0)
        pieces = groupclearing.pieces

        def meanwhile(free: int) -> list[int]:
            if name not in self.platform_disks():
                self.foreign_disk(name, test_groupclearing.LITTLE)
                self.write(base.Disk(name, '', 60 << 20, '', ()))
            return pieces(free)

        self.patch(groupclearing, 'pieces', meanwhile)
        self.anew()
        disk = self.create(test_groupclearing.LITTLE)
        self.settle()
        self.assertTrue(self.holds(name))
        self.assertFalse(self.holds(disk.name, extents.EARLIER_OWNER))

    def test_nobody_knows_whether_the_disk_is_there(self) -> None:
        self.anew(drop='before', times=None)
        self.assertRaises(errors.PlatformError, self.create)
        self.assertEqual([], self.leaving())
        self.sim.faults.clear()
        self.disk.close()
        self.again()
        self.settle()
        self.assertEqual({}, self.platform_disks())
        self.assertEqual([], self.journal.entries())

    def test_the_service_ends_before_it_knows_of_the_disk(self) -> None:
        self.settle()
        self.disk.close()
        container = self.data_group().uuid
        name = identity.free_disk_name(container, 0)
        entry = journal.Entry(
            journal.FREE, name, container, container, journal.UPLOADING
        )
        self.journal.record(entry)
        self.foreign_disk(name, test_groupclearing.LITTLE)
        self.again()
        self.create()
        self.settle()
        self.assertEqual([self.name], list(self.platform_disks()))
