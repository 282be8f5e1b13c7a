# SPDX-License-Identifier: Apache-2.0
import dataclasses
import threading
from typing import Any

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import events
from nova_powervm.virt.powervm.vios import inventory


class ViosInventoryTestCase(simulated.SimulatedTestCase):
    PRESET = 'dual-vios'

    def setUp(self) -> None:
        super().setUp()
        self.forget_requests()
        self.vioses = inventory.ViosInventory(self.client)
        self.vioses.load()

    def _event(self, kind: str, detail: str = '') -> Any:
        uuid = self.vioses.all()[0].uuid
        data = f'http://h/rest/api/uom/VirtualIOServer/{uuid}'
        return events.PlatformEvent(kind, data, frozenset({detail}))

    def test_one_request_reads_all(self) -> None:
        names = sorted(vios.name for vios in self.vioses.active())
        self.assertEqual(['vios1', 'vios2'], names)
        self.assertEqual(['GET VirtualIOServer'], self.requests())

    def test_get(self) -> None:
        first = self.vioses.all()[0]
        self.assertEqual(first, self.vioses.get(first.uuid.lower()))
        self.assertIsNone(self.vioses.get('nobody'))

    def test_changed_state_is_read_with_the_next_question(self) -> None:
        self.vioses.apply([self._event(events.MODIFY, 'PartitionState')])
        self.vioses.active()
        self.vioses.active()
        self.assertEqual(['GET VirtualIOServer'] * 2, self.requests())

    def test_changed_ports_matter(self) -> None:
        detail = 'PartitionIOConfiguration'
        self.vioses.apply([self._event(events.MODIFY, detail)])
        self.vioses.active()
        self.assertEqual(['GET VirtualIOServer'] * 2, self.requests())

    def test_changed_mappings_do_not_matter(self) -> None:
        self.vioses.apply([self._event(events.MODIFY, 'VirtualSCSIMappings')])
        self.vioses.active()
        self.assertEqual(['GET VirtualIOServer'], self.requests())

    def test_failed_read_is_made_up_for(self) -> None:
        self.vioses.invalidate()
        self.fault(method='GET', status=400)
        self.assertRaises(errors.PlatformRefused, self.vioses.active)
        self.assertTrue(self.vioses.active())
        self.assertEqual(3, len(self.requests()))

    def test_slow_reply_does_not_undo_a_newer_one(self) -> None:
        real = self.client.adapter.read
        came, go_on = threading.Event(), threading.Event()

        def slow(*args: Any, **kwargs: Any) -> Any:
            reply = real(*args, **kwargs)
            came.set()
            go_on.wait(30)
            return reply

        self.client.adapter.read = slow
        thread = threading.Thread(target=self.vioses.load)
        thread.start()
        self.assertTrue(came.wait(30))
        self.client.adapter.read = real
        with self.model.lock:
            next(iter(self.model.vioses.values())).rmc_state = 'inactive'
        self.vioses.invalidate()
        self.assertEqual(1, len(self.vioses.active()))
        go_on.set()
        thread.join(30)
        self.assertEqual(1, len(self.vioses.active()))

    def test_watchers(self) -> None:
        """They are told of events, and of a VIOS that works again."""
        told: list[int] = []
        self.vioses.watch(lambda: told.append(len(told)))
        vios = next(iter(self.model.vioses.values()))
        vios.rmc_state = 'inactive'
        self.vioses.load()
        self.assertEqual([], told)
        vios.rmc_state = 'active'
        self.vioses.load()
        self.assertEqual([0], told)
        self.vioses.load()
        self.assertEqual([0], told)
        self.vioses.apply([self._event(events.MODIFY, 'RMCState')])
        self.vioses.apply([self._event(events.MODIFY, 'VirtualSCSIMappings')])
        self.assertEqual([0, 1], told)

    def test_new_and_lost(self) -> None:
        for event in (
            self._event(events.ADD),
            self._event(events.DELETE),
            events.PlatformEvent(events.MISSING_EVENTS),
        ):
            self.forget_requests()
            self.vioses.apply([event])
            self.vioses.active()
            self.assertEqual(['GET VirtualIOServer'], self.requests())


class ViosRecordTestCase(simulated.SimulatedTestCase):
    def test_active(self) -> None:
        vioses = inventory.ViosInventory(self.client)
        record = vioses.all()[0]
        for state, rmc, management, expected in (
            ('running', 'active', False, True),
            ('running', 'busy', False, True),
            ('running', 'inactive', False, False),
            ('running', 'inactive', True, True),
            ('not activated', 'active', False, False),
        ):
            one = dataclasses.replace(
                record,
                state=state,
                rmc_state=rmc,
                is_management=management,
            )
            self.assertEqual(expected, one.is_active, str(one))


class FibreChannelPortsTest(simulated.SimulatedTestCase):
    PRESET = 'san-vscsi'

    def wwpns(self) -> list[str]:
        """What the inventory knows of the ports of vios1."""
        found = inventory.ViosInventory(self.client)
        (vios,) = (v for v in found.all() if v.name == 'vios1')
        return list(vios.wwpns)

    def test_ports_that_are_ready_for_npiv_if_any(self) -> None:
        """Without a link a port has no virtual ones."""
        first, second = self.model.vios('vios1').fc_ports
        both = [first.wwpn.lower(), second.wwpn.lower()]
        self.assertEqual(both, self.wwpns())
        first.total = 0
        self.assertEqual(both[1:], self.wwpns())
        second.total = 0
        self.assertEqual(both, self.wwpns(), 'no switch with NPIV')
