# SPDX-License-Identifier: Apache-2.0
"""Which pool of a host is used, and what is in it."""

import dataclasses
from typing import Any

from nova import exception

from nova_powervm.tests.unit.virt.powervm.disk import poolcase
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import pool
from novalink_sim.model import power
from novalink_sim.topology import load
from novalink_sim.topology import spec


def topology(*pools: tuple[str, str]) -> spec.TopologySpec:
    """A host with as many VIOSes as clusters, each a node of one of them."""
    (system,) = load.load_preset('tiny').systems
    (vios,) = system.vioses
    system = dataclasses.replace(
        system,
        vioses=tuple(
            dataclasses.replace(vios, name=f'vios{number}', memory_mb=2048)
            for number, _ in enumerate(pools or (('', ''),))
        ),
    )
    clusters = tuple(
        spec.ClusterSpec(
            cluster,
            name,
            (spec.NodeSpec('host1', f'vios{number}'),),
            tiers=(spec.TierSpec(), spec.TierSpec('FAST', 10.0)),
            seed=name,
        )
        for number, (cluster, name) in enumerate(pools)
    )
    return spec.TopologySpec((system,), clusters)


class NoPoolTest(poolcase.PoolCase):
    """A host that belongs to no cluster."""

    PRESET: Any = topology()

    def on(self, host: str) -> Any:
        """Do not start by itself."""

    def choose(self, **options: Any) -> pool.PoolFacts:
        self.conf.config(group='powervm', **options)
        parts = self.parts_of('host1')
        return pool.choose(parts.settings, parts.client, parts.vios)

    def refused(self, *words: str, **options: Any) -> None:
        error = self.assertRaises(
            exception.InvalidConfiguration, self.choose, **options
        )
        for word in words:
            self.assertIn(word, str(error))

    def test_no_cluster(self) -> None:
        self.refused('disk_driver = ssp', 'belongs to no cluster')
        self.refused('cluster_name = c1', 'there are: none', cluster_name='c1')


class OnePoolTest(NoPoolTest):
    """A host that belongs to one cluster."""

    PRESET: Any = topology(('c1', 'p1'))

    def test_no_cluster(self) -> None:
        self.refused('no', 'there are: c1', cluster_name='no')

    def test_the_only_one(self) -> None:
        self.assertEqual('c1/p1', self.choose().path)
        self.assertEqual('c1/p1', self.choose(cluster_name='c1').path)

    def test_tier(self) -> None:
        self.assertEqual('SYSTEM', self.choose().tier_name)
        facts = self.choose(ssp_tier_name='FAST')
        self.assertEqual('FAST', facts.tier_name)
        self.assertEqual(2, len(facts.tiers))
        self.refused('SLOW', 'FAST, SYSTEM', ssp_tier_name='SLOW')

    def test_requests(self) -> None:
        parts = self.parts_of('host1')
        self.forget_requests()
        pool.choose(parts.settings, parts.client, parts.vios)
        self.assertEqual(3, len(self.requests()))

    def test_units_of_all_tiers_are_found(self) -> None:
        facts = self.choose()
        parts = self.parts_of('host1')
        found = pool.Pool(parts.client, facts, parts.vios)
        self.add_unit('one')
        tiers = self.pool.tiers
        tiers[1].units.append(tiers[0].units.pop())
        tiers[1].units[0].tier = tiers[1]
        (unit,) = found.read()
        self.assertEqual(tiers[1].uuid, unit.tier_uuid)

    def test_what_was_never_read_is_not_empty(self) -> None:
        facts = self.choose()
        parts = self.parts_of('host1')
        found = pool.Pool(parts.client, facts, parts.vios)
        self.add_unit('one')
        found.forget('another')
        self.assertEqual(['one'], [unit.name for unit in found.known()])


class SeveralPoolsTest(NoPoolTest):
    """A host that belongs to three clusters, two of one name."""

    PRESET: Any = topology(('c1', 'p1'), ('c2', 'p2'), ('c2', 'p3'))

    def test_no_cluster(self) -> None:
        self.refused('several clusters', 'c1, c2, c2')

    def test_by_name(self) -> None:
        self.assertEqual('c1/p1', self.choose(cluster_name='c1').path)

    def test_two_of_one_name(self) -> None:
        self.refused('2 clusters have that name', cluster_name='c2')


class NodesTest(poolcase.PoolCase):
    """The VIOSes of a host that can map units."""

    def test_links_to_local_nodes_only(self) -> None:
        with self.switched(node_links='local'):
            parts = self.parts_of('host2')
            facts = pool.choose(parts.settings, parts.client, parts.vios)
        self.assertEqual(2, len(facts.nodes))

    def test_active_nodes(self) -> None:
        parts = self.parts_of('host1')
        facts = pool.choose(parts.settings, parts.client, parts.vios)
        found = pool.Pool(parts.client, facts, parts.vios)
        self.assertEqual(2, len(found.active_nodes()))
        power.power_off(self.model.vios('vios1'))
        parts.vios.invalidate()
        self.assertEqual(
            (self.model.vios('vios2').uuid,), found.active_nodes()
        )
        power.power_off(self.model.vios('vios2'))
        parts.vios.invalidate()
        self.assertRaises(errors.NotReady, found.active_nodes)
