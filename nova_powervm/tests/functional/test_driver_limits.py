# SPDX-License-Identifier: Apache-2.0
"""Flavors limit what servers may do with their disks in a second."""

from typing import Any

from nova import exception
from nova.compute import vm_states

from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.functional import driver_base
from nova_powervm.tests.functional import sweeps

READS, WRITES = 'quota:disk_read_iops_sec', 'quota:disk_write_iops_sec'


class LimitsTest(driver_base.DriverTest):
    """Words for what the VIOS knows of disks."""

    def limited(self, **specs: str) -> Any:
        """An instance whose flavor has limits."""
        return self.instance(nova_objects.flavor(extra_specs=specs))

    def limits(self) -> list[tuple[int | None, int | None]]:
        """The limits of all disks that are mapped."""
        dump = self.host.dump('host1')
        mapped = {
            device['key']
            for vios in views.entries(dump['vioses'])
            for bus in vios['buses']
            for device in bus['devices']
        }
        return [
            (disk['read_iops'], disk['write_iops'])
            for group in views.volume_groups(dump)
            for disk in group['disks']
            if disk['udid'] in mapped
        ]


class TestLocalDisks(LimitsTest):
    """Disks in a volume group can be limited."""

    def test_built_and_rebuilt(self) -> None:
        """Disks that take the place of others have their limits, too."""
        guest = self.spawn(self.limited(**{READS: '500', WRITES: '200'}))
        self.assertEqual([(500, 200)], self.limits())
        guest.vm_state = vm_states.ACTIVE
        other = self.harness.glance.make(1)
        self.assertTrue(self.harness.rebuild(guest, other, self.network_info))
        self.assertEqual([(500, 200)], self.limits())
        self.network_info = nova_objects.network_info()
        self.spawn(self.limited(**{READS: '7'}))
        self.assertEqual({(500, 200), (7, None)}, set(self.limits()))

    def test_resized_and_reverted(self) -> None:
        """With disks that stay, and with one that gets a larger copy."""
        built = self.spawn(self.limited(**{READS: '500'}))
        guest = sweeps.Guest(built, self.image, self.network_info)
        moves = self.useFixture(mover.Mover(self.harness))
        for root_gb in (1, 2):
            for specs, expected in (
                ({READS: '9', WRITES: '8'}, (9, 8)),
                ({}, (None, None)),
            ):
                flavor = nova_objects.flavor(
                    root_gb=root_gb, extra_specs=specs
                )
                moves.move(guest, flavor)
                self.assertEqual([expected], self.limits())
                moves.revert(guest)
                self.assertEqual([(500, None)], self.limits())

    def test_what_is_no_limit(self) -> None:
        for key, value, remedy in (
            (READS, 'many', 'use a whole number from 1 up'),
            (WRITES, '0', 'use a whole number from 1 up'),
            ('quota:disk_total_iops_sec', '9', f'use {READS} and {WRITES}'),
            ('quota:disk_read_bytes_sec', '9', f'use {READS} and {WRITES}'),
        ):
            text = self.failure(
                exception.BuildAbortException, self.limited(**{key: value})
            )
            self.assertIn(f'{key}={value}', text)
            self.assertIn(remedy, text)
        self.assert_unchanged()


class TestPool(LimitsTest):
    """Logical units cannot be limited."""

    PRESET = 'ssp-pair'
    OPTIONS = {'disk_driver': 'ssp'}

    def test_it_is_for_other_hosts(self) -> None:
        text = self.failure(
            exception.ComputeResourcesUnavailable,
            self.limited(**{READS: '500'}),
        )
        self.assertIn(f'{READS}=500', text)
        self.assertIn('disk_driver localdisk', text)
