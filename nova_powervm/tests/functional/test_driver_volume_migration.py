# SPDX-License-Identifier: Apache-2.0
"""Servers with volumes go to another host, in one way or another."""

from typing import Any

from nova import exception
from nova.compute import task_states

from nova_powervm.tests.fixtures import connected
from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import sweeps
from nova_powervm.tests.functional import volume_moves
from novalink_sim.control import faults


class MigrationTest(volume_moves.VolumeMoveTest):
    """Words for migrations."""

    def setUp(self) -> None:
        super().setUp()
        self.move = self.moves(to_second=True)
        self.larger = nova_objects.flavor(memory_mb=4096, root_gb=2)

    def sent(self) -> set[str]:
        """Images by which disks went to the other host."""
        return set(self.second.glance.images) - {self.image.id}

    def there_and_for_good(self, guest: sweeps.Guest) -> None:
        """Migrate a server and confirm that."""
        self.move.move(guest, self.larger)
        self.assertEqual([], self.seen(guest, 'host1'))
        self.assert_sees(guest, 'host2')
        self.move.confirm(guest)
        self.assert_empty('host1')
        self.assert_sees(guest, 'host2')

    def there_and_back(self, guest: sweeps.Guest) -> None:
        """Migrate a server and take that back."""
        places = self.places(guest)
        self.move.move(guest, self.larger)
        self.move.leave_target(guest)
        self.assert_empty('host2')
        self.move.recover(guest)
        self.assert_sees(guest)
        self.assertEqual(places, self.places(guest))


class TestMigration(MigrationTest):
    """The disks are local to each host."""

    def test_disk_and_volumes(self) -> None:
        guest = self.built(2)
        places = self.places(guest)
        self.there_and_back(guest)
        self.there_and_for_good(guest)
        self.assertEqual(places, self.places(guest, 'host2'))
        self.remove(guest, 'host2')

    def test_boot_from_volume(self) -> None:
        """Nothing is sent, so nothing keeps it from that."""
        guest = self.built(2, from_volume=True)
        self.there_and_back(guest)
        self.move.begin(guest, self.larger)
        self.assertEqual(set(), self.sent())
        self.assertEqual([], self.seen(guest))
        self.move.finish(guest)
        self.assert_sees(guest, 'host2')
        self.assertEqual(
            (), self.host.lpar('host2', guest.instance.uuid).disks
        )
        self.move.confirm(guest)
        self.assert_empty('host1')
        self.remove(guest, 'host2')

    def test_boot_from_volume_with_swap(self) -> None:
        """Swap is made anew; the way back finds the earlier one."""
        guest = self.built(1, from_volume=True, swap_mb=64)
        self.larger = nova_objects.flavor(memory_mb=4096, swap=128)
        self.there_and_back(guest)
        (disk,) = self.host.lpar('host1', guest.instance.uuid).disks
        self.assertEqual(64, disk.size >> 20)
        self.there_and_for_good(guest)
        (disk,) = self.host.lpar('host2', guest.instance.uuid).disks
        self.assertEqual(128, disk.size >> 20)
        self.remove(guest, 'host2')

    def test_address_that_is_given_to_another_volume(self) -> None:
        """Between both halves; each server gets its own volume."""
        guest = self.built(1)
        self.move.begin(guest, self.larger)
        other = self.built(1)
        self.move.finish(guest)
        self.assert_sees(guest, 'host2')
        self.assert_sees(other, 'host1')
        self.move.revert(guest)
        self.assert_sees(guest, 'host1')
        self.assert_sees(other, 'host1')
        self.harness.destroy(other.instance, other.network_info, other.devices)
        self.assert_sees(guest, 'host1')
        self.remove(guest, 'host1')


class TestLeaving(MigrationTest):
    """A server does not arrive; Nova disconnects the target."""

    def test_what_is_noted_stays(self) -> None:
        guest = self.built(1)
        noted = dict(guest.instance.system_metadata)
        (device,) = guest.devices['block_device_mapping']
        self.second.driver.detach_volume(
            nova_objects.context(),
            device['connection_info'],
            guest.instance,
            '/dev/sdb',
        )
        self.assertEqual(noted, guest.instance.system_metadata)
        self.assert_sees(guest)
        self.assert_empty('host2')


class TestShared(MigrationTest):
    """Another server has the same volume (multiattach)."""

    def test_neighbour_keeps_it(self) -> None:
        volumes = connected.ConnectedVolumes.make(self.cinder, 1)
        self.neighbour = self.built(shared=volumes.share())
        guest = self.built(shared=volumes)
        self.check_steps(self.move, guest)
        within = self.moves()
        self.check_steps(within, guest)
        within.move(guest, self.larger)
        within.confirm(guest)
        self.assert_sees(guest)
        self.harness.destroy(guest.instance, guest.network_info, guest.devices)
        self.assert_sees(self.neighbour)
        self.remove(self.neighbour, 'host1')

    def check_steps(self, move: mover.Mover, guest: sweeps.Guest) -> None:
        """Move a server and back."""
        move.begin(guest, self.larger)
        for step in (move.finish, move.leave_target, move.recover):
            self.assert_sees(self.neighbour)
            step(guest)
        self.assert_sees(self.neighbour)
        self.assert_sees(guest)


class TestFailures(MigrationTest):
    """The volumes stay with the host that has the server then."""

    def refuse(self, host: str, times: int) -> Any:
        """Let the second VIOS of a host refuse to change its mappings."""
        vios = self.host.vios(host, 'vios2').uuid
        path = f'/rest/api/uom/VirtualIOServer/{vios}'
        return self.host.fault(
            faults.http_500(method='POST', path=path, times=times)
        )

    def test_first_half(self) -> None:
        guest = self.built(2)
        places = self.places(guest)
        with self.refuse('host1', 3):
            self.assertRaises(
                exception.InstanceFaultRollback,
                self.move.begin,
                guest,
                self.larger,
            )
        self.assert_sees(guest)
        self.assertEqual(places, self.places(guest))
        self.assertEqual(set(), self.sent())

    def test_first_half_that_cannot_be_undone(self) -> None:
        """The next try brings the volumes back first."""
        guest = self.built(2)
        places = self.places(guest)
        rule = faults.http_500(
            method='PUT', operation='LUARecovery', times=None
        )
        with self.refuse('host1', 3), self.host.fault(rule):
            self.assertRaises(
                exception.InstanceFaultRollback,
                self.move.begin,
                guest,
                self.larger,
            )
        self.assertIn('the next one brings it back', self.logs.output)
        self.move.begin(guest, self.larger)
        self.move.finish(guest)
        self.assert_sees(guest, 'host2')
        self.assertEqual(places, self.places(guest, 'host2'))

    def test_second_half(self) -> None:
        """Nova leaves the server to its user, who takes the move back."""
        guest = self.built(2)
        self.move.begin(guest, self.larger)
        rule = faults.http_500(
            system='host2', method='PUT', operation='PowerOn'
        )
        with self.host.fault(rule):
            self.assertRaises(exception.ResizeError, self.move.finish, guest)
        self.assert_empty('host2')
        self.move.revert(guest)
        self.assert_sees(guest)

    def test_target_that_does_not_see_the_volume(self) -> None:
        guest = self.built(1)
        self.move.begin(guest, self.larger)
        assert guest.volumes is not None
        guest.volumes.hidden = True
        error = self.assertRaises(
            exception.ResizeError, self.move.finish, guest
        )
        guest.volumes.hidden = False
        self.assertIn(guest.volumes.names[0], str(error))
        self.assert_empty('host2')
        self.move.revert(guest)
        self.assert_sees(guest)


class TestEvacuation(volume_moves.VolumeMoveTest):
    """The first host is lost, and comes back."""

    def evacuate(self, guest: sweeps.Guest) -> None:
        """Build a server on the second host, as Nova does."""
        instance = guest.instance
        instance.task_state = task_states.REBUILD_SPAWNING
        assert guest.volumes is not None
        guest.volumes.end()
        guest.volumes.connect(self.second, instance)
        self.second.spawn(
            instance,
            guest.image,
            guest.network_info,
            devices=guest.devices,
        )
        instance.host = instance.node = 'host2'
        instance.task_state = None

    def come_back(self, guest: sweeps.Guest) -> None:
        """Remove what the first host has, as Nova does when it is back."""
        self.harness.restart()
        self.harness.driver.destroy(
            nova_objects.context(),
            guest.instance,
            guest.network_info,
            dict(guest.devices),
            True,
        )

    def test_boot_from_volume(self) -> None:
        """What is only on the lost host is made anew."""
        guest = self.built(2, from_volume=True, swap_mb=64)
        other = self.built(1)
        places = self.places(guest)
        self.assertTrue(self.second.driver.instance_on_disk(guest.instance))
        self.evacuate(guest)
        self.assert_sees(guest, 'host2')
        self.assertEqual(places, self.places(guest, 'host2'))
        (swap,) = self.host.lpar('host2', guest.instance.uuid).disks
        self.assertEqual(64, swap.size >> 20)
        self.come_back(guest)
        self.assert_sees(guest, 'host2')
        self.assert_sees(other, 'host1')
        self.harness.destroy(other.instance, other.network_info, other.devices)
        self.assert_empty('host1')
        self.remove(guest, 'host2')

    def test_disk_that_is_lost(self) -> None:
        """The disk begins anew from the image, the volume does not."""
        guest = self.built(1)
        self.assertFalse(self.second.driver.instance_on_disk(guest.instance))
        self.evacuate(guest)
        self.assert_sees(guest, 'host2')
        self.come_back(guest)
        self.assert_empty('host1')
        self.assert_sees(guest, 'host2')
        self.remove(guest, 'host2')
