# SPDX-License-Identifier: Apache-2.0
"""Servers that boot from volumes, on hosts that share a storage pool."""

import dataclasses

import fixtures
from nova import exception
from nova.compute import task_states

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import targets
from nova_powervm.tests.functional import sweeps
from nova_powervm.tests.functional import volume_moves
from novalink_sim.topology import load


class TestPool(volume_moves.VolumeMoveTest):
    """Swap is in the pool, and stays the same disk on the other host."""

    PRESET = dataclasses.replace(
        load.load_preset('ssp-pair'),
        arrays=load.load_preset('san-vscsi').arrays,
    )
    OPTIONS = {'disk_driver': 'ssp'}
    BACKEND = targets.Iscsi

    def setUp(self) -> None:
        super().setUp()
        self.larger = nova_objects.flavor(memory_mb=4096, swap=64)

    def swap(self, guest: sweeps.Guest, host: str) -> list[str]:
        """The names of the disks that a server has beside its volumes."""
        disks = self.host.lpar(host, guest.instance.uuid).disks
        return [disk.name for disk in disks]

    def test_migration(self) -> None:
        guest = self.built(1, from_volume=True, swap_mb=64)
        (swap,) = self.swap(guest, 'host1')
        move = self.moves(to_second=True)
        move.move(guest, self.larger)
        self.assert_sees(guest, 'host2')
        self.assertEqual([swap], self.swap(guest, 'host2'))
        move.revert(guest)
        self.assert_sees(guest)
        move.move(guest, self.larger)
        move.confirm(guest)
        self.assert_empty_but_pool('host1')
        self.assert_sees(guest, 'host2')
        self.assertEqual([swap], self.swap(guest, 'host2'))
        self.remove(guest, 'host2')

    def test_new_disk(self) -> None:
        """The first host makes it; a revert deletes it."""
        guest = self.built(1, from_volume=True)
        units = self.host.unit_names()
        for to_second in (False, True):
            move = self.moves(to_second=to_second)
            move.move(guest, self.larger)
            self.assertEqual(
                1, len(self.swap(guest, move.target.host)), move.target.host
            )
            move.revert(guest)
            self.assert_sees(guest)
            self.assertEqual([], self.swap(guest, 'host1'))
            self.assertEqual(units, self.host.unit_names())
        self.remove(guest, 'host1')

    def test_host_without_the_pool(self) -> None:
        """Only what is in the pool keeps a server there."""
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova_powervm.virt.powervm.records.moves.storage_of',
                lambda _context, _host: 'another pool',
            )
        )
        stays = self.built(1, from_volume=True, swap_mb=64)
        goes = self.built(1, from_volume=True)
        move = self.moves(to_second=True)
        error = self.assertRaises(
            exception.InstanceFaultRollback, move.begin, stays, self.larger
        )
        self.assertIn('which host2 does not have', str(error.inner_exception))
        self.assert_sees(stays)
        move.move(goes, self.larger)
        self.assert_sees(goes, 'host2')
        self.assertEqual(1, len(self.swap(goes, 'host2')))
        move.revert(goes)
        self.assert_sees(goes)
        self.assertEqual([], self.swap(goes, 'host1'))

    def test_evacuation(self) -> None:
        guest = self.built(1, from_volume=True, swap_mb=64)
        swap = self.swap(guest, 'host1')
        places = self.places(guest)
        self.evacuate(guest)
        self.assert_sees(guest, 'host2')
        self.assertEqual(places, self.places(guest, 'host2'))
        self.assertEqual(swap, self.swap(guest, 'host2'))
        self.harness.restart()
        self.harness.driver.destroy(
            nova_objects.context(),
            guest.instance,
            guest.network_info,
            dict(guest.devices),
            False,
        )
        self.assert_empty_but_pool('host1')
        self.assert_sees(guest, 'host2')
        self.remove(guest, 'host2')

    def evacuate(self, guest: sweeps.Guest) -> None:
        """Build a server on the second host, as Nova does."""
        instance = guest.instance
        instance.task_state = task_states.REBUILD_SPAWNING
        assert guest.volumes is not None
        guest.volumes.end()
        guest.volumes.connect(self.second, instance)
        self.second.spawn(
            instance, guest.image, guest.network_info, devices=guest.devices
        )
        instance.host = instance.node = 'host2'
        instance.task_state = None

    def assert_empty_but_pool(self, host: str) -> None:
        """Assert that a host has nothing; what is in the pool is shared."""
        changes = self.host.changes(host, self.empty[host], self.image)
        left = [line for line in changes if not line.startswith('/pools/')]
        self.assertEqual([], left)
