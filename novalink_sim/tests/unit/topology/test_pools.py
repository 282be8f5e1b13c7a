# SPDX-License-Identifier: Apache-2.0
"""Tests of shared storage pools made from topologies."""

import pathlib
from typing import Any

import fixtures
import testtools

from novalink_sim import simulator
from novalink_sim.model import records
from novalink_sim.topology import load
from novalink_sim.topology import pools
from novalink_sim.topology import spec

YAML = """
systems:
- name: host1
  vioses:
  - name: vios1
- name: host2
  vioses:
  - name: vios1
clusters:
- name: c1
  pool: p1
  nodes:
  - {system: host1, vios: vios1}
  tiers:
  - {name: SYSTEM, size_gb: 10}
  - {name: FAST, size_gb: 5}
  units:
  - {name: golden, size_gb: 1, image: true}
  - {name: full, size_gb: 2, thin: false}
"""


class PoolsTest(testtools.TestCase):
    """Good and bad clusters."""

    def setUp(self) -> None:
        super().setUp()
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def refused(self, text: str, old: str, new: str) -> None:
        exc = self.assertRaises(
            load.TopologyError, load.parse, YAML.replace(old, new), 'f.yaml'
        )
        self.assertIn(text, str(exc))

    def test_built(self) -> None:
        (cluster,) = load.parse(YAML, 'f.yaml').clusters
        pool = pools.build(cluster, self.root)
        self.assertEqual('SYSTEM', pool.default_tier.name)
        self.assertEqual((15.0, 13.0), (pool.capacity, pool.free))
        self.assertEqual(
            [1024**3, 2 * 1024**3],
            [unit.file.stat().st_size for unit in pool.units],
        )

    def test_only_nodes_see_it(self) -> None:
        topology = load.parse(YAML, 'f.yaml')
        with simulator.Simulator(topology) as sim:
            seen = [len(s.model.pools) for s in sim.systems.values()]
        self.assertEqual([1, 0], seen)

    def test_bad_clusters(self) -> None:
        node = '  - {system: host1, vios: vios1}\n'
        self.refused('there is no VIOS', node, node.replace('vios1', 'other'))
        self.refused('a node already', node, node + node)
        self.refused('tiers of other names', 'FAST', 'SYSTEM')
        self.refused('no name for a pool', 'pool: p1', 'pool: a/b')
        other = '- name: c2\n  pool: p1\n  nodes: []\n'
        self.refused('pools of one name', YAML, YAML + other)

    def test_presets_can_be_put_together(self) -> None:
        given: Any = ['ssp-pair', spec.SystemSpec('third')]
        found = load.resolve(given)
        self.assertEqual((3, 1), (len(found.systems), len(found.clusters)))

    def test_bad_states(self) -> None:
        (cluster,) = load.parse(YAML, 'f.yaml').clusters
        pool = pools.build(cluster, self.root)
        pool.tiers[1].is_default = True
        state = records.to_plain(pool)
        self.assertRaises(ValueError, pools.restore, state, self.root)
        state['tiers'][1]['is_default'] = False
        pools.restore(state, self.root)
        state['tiers'][0]['units'][0]['udid'] = '../../out'
        self.assertRaises(ValueError, pools.restore, state, self.root)
