# SPDX-License-Identifier: Apache-2.0
"""Tests of topologies in YAML."""

from pathlib import Path

import testtools

from novalink_sim.topology import load
from novalink_sim.topology import spec


class LoadTest(testtools.TestCase):
    """Good and bad files."""

    def refused(self, text: str, *parts: str) -> None:
        exc = self.assertRaises(load.TopologyError, load.parse, text, 'f.yaml')
        for part in parts:
            self.assertIn(part, str(exc))

    def test_presets(self) -> None:
        self.assertEqual(
            ['dual-vios', 'localdisk', 'san-npiv', 'san-vscsi']
            + ['software-defined', 'ssp-pair', 'tiny'],
            load.presets(),
        )
        for name, hosts, vioses in (
            ('san-npiv', 2, 2),
            ('san-vscsi', 2, 2),
            ('tiny', 1, 1),
            ('localdisk', 2, 1),
            ('dual-vios', 2, 2),
            ('software-defined', 2, 1),
            ('ssp-pair', 2, 2),
        ):
            systems = load.load_preset(name).systems
            self.assertEqual(hosts, len(systems))
            self.assertEqual(
                {vioses}, {len(system.vioses) for system in systems}
            )

    def test_values(self) -> None:
        found = load.parse(
            'systems:\n- name: 7\n  processors: 4\n  seed: null\n'
            '  lpars:\n  - {name: l, running: true}\n',
            'f.yaml',
        )
        (system,) = found.systems
        self.assertEqual(
            ('7', 4.0, None), (system.name, system.processors, system.seed)
        )
        self.assertTrue(system.lpars[0].running)

    def test_unknown_key(self) -> None:
        text = 'systems:\n- name: a\n  vioses:\n  - nam: x\n'
        self.refused(text, 'f.yaml:4:', 'systems[0].vioses[0].nam')

    def test_wrong_type(self) -> None:
        self.refused(
            'systems:\n- name: a\n  memory_mb: x\n', 'f.yaml:3:', "'x'"
        )
        self.refused('systems: a\n', 'expects a list')
        self.refused('- a\n', 'expects a mapping')

    def test_missing(self) -> None:
        self.refused('systems:\n- {}\n', 'f.yaml:2:', 'systems[0].name')

    def test_names(self) -> None:
        self.refused('systems: [{name: a}, {name: a}]', 'two systems')
        self.refused('systems: [{name: ../a}]', 'no name')

    def test_ranges(self) -> None:
        self.refused('systems: [{name: a, memory_mb: 0}]', 'memory_mb')
        for group, text in (
            ('{name: ../a, size_gb: 1}', 'no name'),
            ('{name: a, size_gb: -1}', 'size_gb'),
            ('{name: a, size_gb: 1, reserved_gb: 2}', 'reserved_gb'),
            ('{name: a, size_gb: 1, file_format: vmdk}', 'qcow2'),
        ):
            vios = f'{{name: v, groups: [{group}]}}'
            self.refused(f'systems: [{{name: a, vioses: [{vios}]}}]', text)
        self.refused(
            'systems: [{name: a, lpars: [{name: l, count: -1}]}]', 'count'
        )

    def test_capabilities_and_pools(self) -> None:
        text = (
            'systems:\n- name: a\n  lacks: [ibmi]\n'
            '  processor_pools: [{name: gold, processors: 2}]\n'
        )
        (system,) = load.parse(text, 'f.yaml').systems
        self.assertEqual(('ibmi',), system.lacks)
        self.assertEqual(
            (spec.ProcessorPoolSpec('gold', 2.0),), system.processor_pools
        )
        self.refused('systems: [{name: a, lacks: [x]}]', 'no capability')

    def test_broken(self) -> None:
        self.refused('systems: [', 'f.yaml')
        self.refused('', 'empty')

    def test_resolve(self) -> None:
        one = spec.SystemSpec('one')
        found = load.resolve(['tiny', one])
        self.assertEqual(['host1', 'one'], [s.name for s in found.systems])
        exc = self.assertRaises(load.TopologyError, load.resolve, 'huge')
        self.assertIn('tiny', str(exc))
        exc = self.assertRaises(load.TopologyError, load.resolve, [])
        self.assertIn('no systems', str(exc))
        path = Path('/nonexistent.yaml')
        exc = self.assertRaises(load.TopologyError, load.resolve, path)
        self.assertIn('/nonexistent.yaml', str(exc))
