# SPDX-License-Identifier: Apache-2.0
"""Servers whose volumes have lost their mappings are started."""

from typing import Any

from nova import exception
from nova.compute import vm_states

from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import sweeps
from nova_powervm.tests.functional import volume_moves
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.vios import intents
from novalink_sim.control import faults

BOTH = ('vios1', 'vios2')


class TestStart(volume_moves.VolumeMoveTest):
    """A start and a hard reboot connect what is missing."""

    cinder: arrays.FibreChannel

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.built(2)
        self.assert_sees(self.guest)
        self.places_before = self.places(self.guest)
        self.context = nova_objects.context()

    def power_on(self) -> None:
        """Ask for a start."""
        self.driver.power_on(
            self.context,
            self.guest.instance,
            self.guest.network_info,
            dict(self.guest.devices),
        )

    def reboot(self, kind: str = 'HARD') -> None:
        """Ask for a reboot."""
        self.driver.reboot(
            self.context,
            self.guest.instance,
            self.guest.network_info,
            kind,
            block_device_info=dict(self.guest.devices),
        )

    def lose(self, count: int, *vioses: str) -> None:
        """Let VIOSes lose the mappings of the first volumes."""
        assert self.guest.volumes is not None
        names = self.guest.volumes.names[:count]
        refs = tuple(
            intents.StorageRef('pv', '', self.cinder.san.volume(name).udid)
            for name in names
        )
        uuid = identity.lpar_uuid(self.guest.instance.uuid)
        gone = intents.RemoveMappings(uuid, None, storages=refs)
        for name in vioses:
            target = intents.ViosTarget(self.host.vios('host1', name).uuid)
            self.driver.host.transactions.run(target, gone)

    def requests(self) -> list[Any]:
        """What was asked of the VIOSes, and told them."""
        return [
            entry
            for entry in self.host.sim.journal.entries()
            if '/VirtualIOServer/' in entry.path
        ]

    def test_nothing_is_missing(self) -> None:
        """One read for each VIOS, and no write."""
        self.driver.power_off(self.guest.instance)
        for start in (self.power_on, self.reboot):
            self.host.clear_journal()
            start()
            methods = [entry.method for entry in self.requests()]
            self.assertEqual(['GET', 'GET'], methods)
            self.assert_sees(self.guest)
        self.assertEqual(0, self.host.operations('LUARecovery'))

    def test_vios_that_cannot_be_asked(self) -> None:
        """The others do: it is no reason not to start the server."""
        self.driver.power_off(self.guest.instance)
        vios = self.host.vios('host1', 'vios2').uuid
        path = f'/rest/api/uom/VirtualIOServer/{vios}'
        rule = faults.http_500(method='GET', path=path, times=None)
        with self.host.fault(rule):
            self.power_on()
        self.assert_sees(self.guest)
        self.assertIn(f'VIOS {vios} cannot be asked', self.logs.output)

    def test_no_volumes(self) -> None:
        """Nobody looks."""
        plain = sweeps.Guest(self.instance(), self.image, self.network_info)
        self.harness.spawn(plain.instance, plain.image, plain.network_info)
        self.host.clear_journal()
        self.driver.reboot(
            self.context, plain.instance, plain.network_info, 'HARD'
        )
        self.assertEqual([], self.requests())

    def test_lost_by_all(self) -> None:
        """At its address as before; the other volume is left alone."""
        self.driver.power_off(self.guest.instance)
        self.lose(1, *BOTH)
        self.assertEqual(1, len(self.seen(self.guest)))
        self.power_on()
        self.assert_sees(self.guest)
        self.assertEqual(self.places_before, self.places(self.guest))
        self.assertIn('is connected again', self.logs.output)

    def test_lost_by_one(self) -> None:
        """A hard reboot connects it; a soft one is only a reboot."""
        self.lose(1, 'vios2')
        self.reboot('SOFT')
        paths = [len(disk.vioses) for disk in self.seen(self.guest)]
        self.assertEqual([1, 2], sorted(paths))
        self.reboot()
        self.assert_sees(self.guest)
        self.assertEqual(self.places_before, self.places(self.guest))

    def test_boot_volume_of_a_rescued_server(self) -> None:
        """The rescue has taken it out of some mappings, and wants that."""
        self.guest = self.built(1, from_volume=True)
        count = len(self.seen(self.guest))
        self.driver.power_off(self.guest.instance)
        self.lose(1, 'vios2')
        self.guest.instance.vm_state = vm_states.RESCUED
        self.driver.resume_state_on_host_boot(
            self.context,
            self.guest.instance,
            self.guest.network_info,
            None,
            dict(self.guest.devices),
        )
        paths = [disk.vioses for disk in self.seen(self.guest)]
        self.assertEqual(count, len(paths))
        self.assertIn(['vios1'], [sorted(vioses) for vioses in paths])
        self.guest.instance.vm_state = vm_states.ACTIVE
        self.reboot()
        self.assert_sees(self.guest)

    def test_new_connection(self) -> None:
        """The volumes were hidden and shown again, at other addresses."""
        self.driver.power_off(self.guest.instance)
        self.lose(2, *BOTH)
        assert self.guest.volumes is not None
        self.guest.volumes.end()
        self.built(1)
        self.guest.volumes.connect(self.harness, self.guest.instance)
        self.driver.resume_state_on_host_boot(
            self.context,
            self.guest.instance,
            self.guest.network_info,
            None,
            dict(self.guest.devices),
        )
        self.assert_sees(self.guest)

    def test_one_path_is_enough(self) -> None:
        """Nobody finds the other one: that is only a warning."""
        state = self.host.lpar('host1', self.guest.instance.uuid)
        self.lose(1, 'vios2')
        rule = faults.http_500(operation='LUARecovery', times=None)
        with self.host.fault(rule):
            self.reboot()
            self.assertEqual('running', state.state)
            self.driver.power_off(self.guest.instance)
            self.power_on()
        self.assertEqual('running', state.state)
        paths = [len(disk.vioses) for disk in self.seen(self.guest)]
        self.assertEqual([1, 2], sorted(paths))
        self.assertIn('keeps the paths to volume', self.logs.output)

    def test_hidden_volume_stops_nothing(self) -> None:
        """A server that cannot start again is not stopped by a reboot."""
        self.lose(1, *BOTH)
        assert self.guest.volumes is not None
        self.guest.volumes.end()
        self.assertRaises(exception.InstanceRebootFailure, self.reboot)
        state = self.host.lpar('host1', self.guest.instance.uuid).state
        self.assertEqual('running', state)

    def test_volume_that_is_hidden(self) -> None:
        """The server does not start without it."""
        self.driver.power_off(self.guest.instance)
        self.lose(1, *BOTH)
        assert self.guest.volumes is not None
        self.guest.volumes.end()
        error = self.assertRaises(
            exception.InstancePowerOnFailure, self.power_on
        )
        self.assertIn(self.guest.volumes.names[0], str(error))
