# SPDX-License-Identifier: Apache-2.0
"""Servers with volumes are resized on their host."""

from nova import exception

from nova_powervm.tests.fixtures import connected
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import sweeps
from nova_powervm.tests.functional import volume_moves
from nova_powervm.virt.powervm import identity
from novalink_sim.control import faults
from novalink_sim.model import guest as guests

LIMITS = {
    'powervm:max_mem': '8192',
    'powervm:max_vcpu': '8',
    'powervm:max_proc_units': '4',
}


class TestResize(volume_moves.VolumeMoveTest):
    """Nova ends the connections in the middle, and makes new ones."""

    def test_there_back_and_for_good(self) -> None:
        guest = self.built(2)
        places = self.places(guest)
        moves = self.moves()
        larger = nova_objects.flavor(memory_mb=4096, root_gb=2)
        moves.begin(guest, larger)
        self.assertEqual([], self.seen(guest))
        moves.finish(guest)
        self.assert_sees(guest)
        self.assertEqual(places, self.places(guest))
        moves.leave_target(guest)
        # Nova has ended the connections again.
        self.assertEqual([], self.seen(guest))
        moves.recover(guest)
        self.assert_sees(guest)
        self.assertEqual(places, self.places(guest))
        moves.move(guest, larger)
        moves.confirm(guest)
        self.assert_sees(guest)
        self.assertEqual(places, self.places(guest))
        self.remove(guest, 'host1')

    def test_volume_that_has_grown_unnoticed(self) -> None:
        """Cinder extended it while nova-compute was down."""
        guest = self.built(1)
        assert guest.volumes is not None
        (name,) = guest.volumes.names
        self.cinder.resize(name, 3 << 30)
        self.moves().move(guest, nova_objects.flavor(memory_mb=4096))
        self.assert_sees(guest)

    def test_flavor_for_which_it_could_run_on(self) -> None:
        guest = self.built(type_=nova_objects.flavor(extra_specs=LIMITS))
        more = nova_objects.flavor(memory_mb=4096, extra_specs=LIMITS)
        moves = self.moves()
        moves.move(guest, more)
        self.assert_sees(guest)
        reason = 'since Nova disconnects its volumes for a while'
        told = [x for x in self.logs.output.splitlines() if reason in x]
        self.assertEqual(1, len(told))
        moves.revert(guest)
        self.assert_sees(guest)

    def test_boot_from_volume(self) -> None:
        """What the flavors say of the root disk means nothing."""
        guest = self.built(
            2, from_volume=True, type_=nova_objects.flavor(root_gb=4)
        )
        places = self.places(guest)
        moves = self.moves()
        moves.move(guest, nova_objects.flavor(root_gb=1, swap=64))
        self.assert_sees(guest)
        self.assertEqual(places, self.places(guest))
        disks = self.host.lpar('host1', guest.instance.uuid).disks
        self.assertEqual([64], [disk.size >> 20 for disk in disks])
        moves.revert(guest)
        self.assert_sees(guest)
        disks = self.host.lpar('host1', guest.instance.uuid).disks
        self.assertEqual((), disks)
        self.assertEqual(places, self.places(guest))
        self.remove(guest, 'host1')

    def test_refusal_after_it_was_stopped(self) -> None:
        """The volumes come back before the server starts."""
        guest = self.built(2)
        places = self.places(guest)
        moves = self.moves()
        # It refuses to let both volumes go, and then either of them.
        vios = self.host.vios('host1', 'vios2').uuid
        path = f'/rest/api/uom/VirtualIOServer/{vios}'
        rule = faults.http_500(method='POST', path=path, times=3)
        with self.host.fault(rule) as hits:
            self.assertRaises(
                exception.InstanceFaultRollback,
                moves.begin,
                guest,
                nova_objects.flavor(memory_mb=4096),
            )
            self.assertEqual(3, hits())
        self.assert_sees(guest)
        self.assertEqual(places, self.places(guest))
        self.assertNotIn('may not be what it was', self.logs.output)


class TestWithoutVios(volume_moves.VolumeMoveTest):
    """A VIOS is down meanwhile, and still has its mappings afterwards."""

    def test_address_that_is_given_to_another_volume(self) -> None:
        """What the VIOS maps must not become a way to that one."""
        guest = self.built()
        moves = self.moves()
        self.host.power_off_vios('host1', 'vios2')
        self.driver.host.vios.invalidate()
        moves.begin(guest, nova_objects.flavor(memory_mb=4096))
        other = self.built()
        moves.finish(guest)
        self.assertEqual(['vios1'], self.paths(guest))
        self.host.power_on_vios('host1', 'vios2')
        self.driver.host.vios.invalidate()
        self.driver.get_available_resource('host1')
        self.assertEqual(['vios1'], self.paths(guest))
        self.assertEqual(['vios1'], self.paths(other))
        # The volume was not shown to that VIOS; a new connection mends it.
        self.driver.power_off(guest.instance)
        assert guest.volumes is not None
        guest.volumes.end()
        guest.volumes.connect(self.harness, guest.instance)
        self.driver.power_on(
            nova_objects.context(),
            guest.instance,
            guest.network_info,
            dict(guest.devices),
        )
        self.assert_sees(guest)

    def paths(self, guest: sweeps.Guest) -> list[str]:
        """The VIOSes through which a server has what is not its disk."""
        uuid = identity.lpar_uuid(guest.instance.uuid)
        part = self.host.model('host1').partition(uuid)
        volumes = [d for d in guests.disks(part) if d.kind == 'pv']
        assert guest.volumes is not None
        self.assertEqual(
            guest.volumes.contents,
            [disk.read(connected.BEGIN) for disk in volumes],
        )
        return sorted(name for disk in volumes for name in disk.vioses)
