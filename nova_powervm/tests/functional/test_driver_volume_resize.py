# SPDX-License-Identifier: Apache-2.0
"""Servers with volumes are resized on their host."""

from nova import exception

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import volume_moves
from novalink_sim.control import faults

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
