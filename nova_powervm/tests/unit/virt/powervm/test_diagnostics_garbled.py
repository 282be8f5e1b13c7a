# SPDX-License-Identifier: Apache-2.0
"""Figures of a server, out of samples that make no sense."""

import copy
import json
import types
from collections.abc import Callable
from typing import Any

import fixtures

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.unit.virt.powervm import simulated
from nova_powervm.virt.powervm import diagnostics
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.host import cpu
from nova_powervm.virt.powervm.host import metrics
from nova_powervm.virt.powervm.lpar import cache
from nova_powervm.virt.powervm.records import slots

GARBAGE: tuple[Any, ...] = (None, float('nan'), 'many', [], {}, 10**400)
ADAPTER = {'physicalLocation': 'U8247.22L.0000001-V5-C3', 'sentBytes': 4711}


class GarbledSamplesTest(simulated.SimulatedTestCase):
    """The platform measures one partition."""

    def setUp(self) -> None:
        super().setUp()
        self.start()
        self.log = self.useFixture(fixtures.FakeLogger())
        lpar = self.create_lpar()
        self.record = cache.LparRecord.from_wrapper(lpar)
        self.garble: Callable[[str], str] = lambda body: body
        self.reads = 0
        self.read = self.client.adapter.read_by_href
        self.client.adapter.read_by_href = self._read_by_href
        instance = nova_objects.instance(uuid=self.record.uuid.lower())
        slot_map = slots.SlotMap(adapters={'fa:16:3e:00:00:01': 3})
        slots.store(instance, slot_map)
        self.instance = instance

    def _read_by_href(self, link: str, *args: Any, **kwargs: Any) -> Any:
        reply = self.read(link, *args, **kwargs)
        if link.endswith('.json'):
            self.reads += 1
            reply = copy.copy(reply)
            reply.body = self.garble(reply.body)
        return reply

    def change(self, *path: Any, value: Any) -> None:
        """Give something in samples of the hypervisor another value."""

        def garble(body: str) -> str:
            document = json.loads(body)
            sample = document.get('systemUtil', {}).get('utilSample', {})
            for guest in sample.get('lparsUtil', ()):
                network = {'virtualEthernetAdapters': [dict(ADAPTER)]}
                guest['network'] = network
            if 'lparsUtil' not in sample:
                # That of a VIOS.
                return body
            place = sample
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = value
            return json.dumps(document)

        self.garble = garble

    @staticmethod
    def _always(body: str) -> Callable[[str], str]:
        return lambda _body: body

    def ask(self, times: int = 1) -> dict[str, Any]:
        """What Nova is told, in both forms."""
        found = metrics.Metrics(self.client, self.reader)
        host: Any = types.SimpleNamespace(metrics=found, client=self.client)
        for _ in range(times):
            report = diagnostics.collect(host, self.instance, self.record)
            diagnostics.as_object(report)
        return dict(diagnostics.as_dict(report))

    def count_cycles(self) -> dict[str, int]:
        """What Nova's monitor of the processors is told."""
        found = metrics.Metrics(self.client, self.reader)
        return cpu.CpuStats(found, '/nowhere').read()

    def test_what_is_no_sample(self) -> None:
        for body in ('', '{', 'null', '[]', '7', '{"systemUtil": {}}'):
            self.garble = self._always(body)
            before = self.reads
            found = self.ask(times=3)
            self.assertIn('no performance samples', found['message'])
            self.assertIn('make no sense', found['message'])
            self.assertEqual('not activated', found['state'])
            # A bad one is not read again for each instance.
            self.assertLessEqual(self.reads - before, 2)
            self.assertRaises(errors.PlatformError, self.count_cycles)

    def test_host_without_processors(self) -> None:
        for value in (*GARBAGE[:-1], 0):
            self.change('processor', 'procCyclesPerSecond', value=value)
            self.assertNotIn('cpu_time', self.ask())
        for value in GARBAGE:
            self.change('processor', 'configurableProcUnits', value=value)
            self.assertRaises(errors.PlatformError, self.count_cycles)

    def test_one_figure_does_not_spoil_the_others(self) -> None:
        name = 'nic_fa:16:3e:00:00:01_'
        for value in GARBAGE[:-1]:
            path = ('lparsUtil', -1, 'processor', 'idleProcCycles')
            self.change(*path, value=value)
            found = self.ask()
            self.assertNotIn('cpu_time', found)
            self.assertIn('some performance samples', found['message'])
            self.assertEqual(4711, found[f'{name}tx_octets'])
            bad = {**ADAPTER, 'receivedBytes': value}
            network = {'virtualEthernetAdapters': [bad]}
            self.change('lparsUtil', -1, 'network', value=network)
            found = self.ask()
            self.assertIn('cpu_time', found)
            self.assertNotIn(f'{name}rx_octets', found)
