# SPDX-License-Identifier: Apache-2.0
"""What administrators do by hand."""

from typing import Any

from novalink_sim import errors
from novalink_sim.control import actions
from novalink_sim.control import byhand
from novalink_sim.tests.unit.model import base


class ByHandTest(base.ModelCase):
    """Each action has its effect and tells of it."""

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.lpar()
        self.events.clear()

    def act(self, name: str, /, **args: Any) -> None:
        """Do an action; it must make an event."""
        self.events.clear()
        actions.run(self.system, name, args)
        self.assertNotEqual([], self.events)

    def test_power_and_crash(self) -> None:
        self.act('power-on', partition='vm')
        self.assertEqual('running', self.guest.state)
        self.act('crash', partition='vm', code='B2001234')
        self.assertEqual(
            ('error', 'B2001234', 'inactive'),
            (
                self.guest.state,
                self.guest.reference_code,
                self.guest.rmc_state,
            ),
        )
        self.act('power-off', partition=self.guest.uuid)
        self.assertEqual('not activated', self.guest.state)

    def test_states_and_rmc(self) -> None:
        self.act('set-state', partition='vm', state='hardware discovery')
        self.assertEqual('hardware discovery', self.guest.state)
        self.act('set-rmc', partition='vm', state='busy')
        self.assertEqual('busy', self.guest.rmc_state)
        self.assertRaises(
            ValueError, byhand.set_state, self.system, 'vm', 'happy'
        )

    def test_partitions_come_change_and_go(self) -> None:
        self.act('create-lpar', name='new', memory_mb=512, running=True)
        made = self.system.lpar('new')
        self.assertEqual(('running', 512), (made.state, made.memory.desired))
        self.act('rename-lpar', partition='new', name='newer')
        self.assertEqual('newer', made.name)
        self.assertRaises(
            errors.ServerError, byhand.delete_lpar, self.system, 'newer'
        )
        self.act('delete-lpar', partition='newer', force=True)
        self.assertRaises(errors.NotFound, self.system.lpar, 'newer')

    def test_memory(self) -> None:
        self.act('set-memory', partition='vm', memory_mb=4096)
        self.assertEqual(
            (4096, 4096),
            (self.guest.memory.desired, self.guest.memory.maximum),
        )
        byhand.power_on(self.system, 'vm')
        self.assertRaises(
            errors.SimError, byhand.set_memory, self.system, 'vm', 8192
        )

    def test_disks(self) -> None:
        self.act(
            'create-disk', vios='vios1', group='datavg', disk='d', size_gb=1
        )
        self.act('map-disk', partition='vm', disk='d')
        (bus,) = self.vios.buses
        self.assertEqual(self.guest.uuid, bus.lpar_uuid)
        self.assertRaises(
            errors.ServerError, byhand.delete_disk, self.system, 'd'
        )
        self.act('unmap-disk', partition='vm', disk='d')
        self.assertEqual([], self.vios.buses)
        self.act('map-disk', partition='vm', disk='d')
        self.act('delete-disk', disk='d', force=True)
        self.assertEqual(([], []), (self.vios.buses, self.group.disks))

    def test_behaviour_of_one_and_of_all_to_come(self) -> None:
        byhand.set_behaviour(self.system, {'os_shutdown': 'hang'})
        self.assertEqual('ok', self.guest.behaviour.os_shutdown)
        self.assertEqual('hang', self.lpar('next').behaviour.os_shutdown)
        byhand.set_behaviour(self.system, {'os_shutdown': 'fail'}, 'vm')
        self.assertEqual('fail', self.guest.behaviour.os_shutdown)

    def test_what_does_not_fit_is_named(self) -> None:
        for name, args, word in (
            ('fly', {}, 'fly'),
            ('crash', {}, 'partition'),
            ('crash', {'partition': 'vm', 'speed': 1}, 'speed'),
            ('crash', {'partition': 3}, 'partition'),
            ('crash', {'partition': 'nobody'}, 'nobody'),
            ('set-memory', {'partition': 'vm', 'memory_mb': True}, 'memory'),
            ('set-memory', {'partition': 'vios1', 'memory_mb': 1}, 'vios1'),
            ('delete-disk', {'disk': 'nothing'}, 'nothing'),
            (
                'create-disk',
                {'vios': 'vios1', 'group': 'x', 'disk': 'd', 'size_gb': 1},
                'x',
            ),
        ):
            exc = self.assertRaises(
                ValueError, actions.run, self.system, name, args
            )
            self.assertIn(word, str(exc))
