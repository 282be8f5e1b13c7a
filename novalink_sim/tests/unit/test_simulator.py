# SPDX-License-Identifier: Apache-2.0
"""Tests of the simulator object."""

import shutil
import socket
from pathlib import Path

import fixtures
import testtools

from novalink_sim import fixture
from novalink_sim import simulator
from novalink_sim.http import auth
from novalink_sim.topology import load
from novalink_sim.topology import spec


class SimulatorTest(testtools.TestCase):
    """Life of a simulator."""

    def home(self) -> Path:
        return Path(self.useFixture(fixtures.TempDir()).path)

    def test_systems_have_their_own_ports(self) -> None:
        sim = self.useFixture(fixture.NovaLinkSim('localdisk')).sim
        self.assertEqual(['host1', 'host2'], list(sim.systems))
        ports = {system.port for system in sim.systems.values()}
        self.assertEqual(2, len(ports))
        for system in sim.systems.values():
            self.assertTrue(system.url.startswith('http://127.0.0.1:'))
        uuids = {system.model.uuid for system in sim.systems.values()}
        self.assertEqual(2, len(uuids))

    def test_same_topology_same_state(self) -> None:
        with simulator.Simulator('dual-vios') as one:
            first = one.dump()['systems']
        with simulator.Simulator('dual-vios') as two:
            self.assertEqual(first, two.dump()['systems'])

    def test_topology_is_as_told(self) -> None:
        sim = self.useFixture(fixture.NovaLinkSim('dual-vios')).sim
        model = sim.systems['host1'].model
        self.assertEqual(
            ['vios1', 'vios2'], [v.name for v in model.vioses.values()]
        )
        groups = {
            (g.name, g.capacity, g.free)
            for v in model.vioses.values()
            for g in v.groups
        }
        self.assertEqual(
            {('rootvg', 200.0, 140.0), ('datavg', 500.0, 500.0)}, groups
        )
        (lpar,) = model.lpars.values()
        self.assertTrue(lpar.is_management)
        self.assertEqual([4094], [a.vlan for a in lpar.adapters])
        self.assertEqual([], sim.journal.entries())

    def test_parts_of_a_topology(self) -> None:
        group = spec.GroupSpec(
            'datavg',
            50.0,
            repository_gb=2.0,
            disks=(spec.DiskSpec('mine', 1.0),),
        )
        host = spec.SystemSpec(
            'h',
            switches=(spec.SwitchSpec('S'),),
            vioses=(
                spec.ViosSpec('v', groups=(group,), rmc=False),
                spec.ViosSpec('w', running=False),
            ),
            lpars=(spec.LparSpec('a-{n}', count=2, running=True, switch='S'),),
        )
        sim = self.useFixture(fixture.NovaLinkSim(host, delays='novalink')).sim
        model = sim.systems['h'].model
        self.assertEqual(
            [('a-1', 'running'), ('a-2', 'running')],
            [(lpar.name, lpar.state) for lpar in model.lpars.values()],
        )
        one, two = model.vioses.values()
        self.assertEqual(('running', 'inactive'), (one.state, one.rmc_state))
        self.assertEqual('not activated', two.state)
        self.assertEqual(['mine'], [d.name for d in one.groups[0].disks])
        self.assertEqual(2.0, one.repositories[0].size)

    def test_reset(self) -> None:
        sim = self.useFixture(fixture.NovaLinkSim('tiny')).sim
        before = sim.dump()['systems']
        sim.systems['host1'].model.lpars.clear()
        sim.reset()
        self.assertEqual(before, sim.dump()['systems'])

    def test_temporary_directory_goes_away(self) -> None:
        with simulator.Simulator('tiny') as sim:
            self.assertTrue(sim.systems['host1'].hostroot.is_dir())
            home = sim.state_dir
        self.assertFalse(home.exists())

    def test_own_directory_stays(self) -> None:
        home = self.home() / 'state'
        with simulator.Simulator('tiny', state_dir=home):
            self.assertTrue((home / 'host1' / 'hostroot').is_dir())
        self.assertTrue(home.exists())
        shutil.rmtree(home)

    def test_busy_port_leaves_nothing(self) -> None:
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            ports = {'host2': taken.getsockname()[1]}
            sim = simulator.Simulator('localdisk', ports=ports)
            self.assertRaises(OSError, sim.start)
        self.assertFalse(sim.state_dir.exists())

    def test_bad_arguments(self) -> None:
        self.assertRaises(load.TopologyError, simulator.Simulator, 'x')
        self.assertRaises(ValueError, simulator.Simulator, delays='x')
        self.assertRaises(ValueError, simulator.Simulator, jobs='x')

    def test_impossible_topologies(self) -> None:
        group = spec.GroupSpec('vg', 10)
        vios = spec.ViosSpec('v', groups=(group, group))
        vm = spec.ViosSpec('v')
        for system, text in (
            (spec.SystemSpec('a', vioses=(spec.ViosSpec('v'),) * 2), 'named'),
            (spec.SystemSpec('a', vioses=(vios,)), 'vg is already used'),
            (spec.SystemSpec('a', 's', 9000, vioses=(vm,)), '9000 MB'),
            (spec.SystemSpec('a', lpars=(spec.LparSpec('l', 2),)), 'named l'),
        ):
            sim = simulator.Simulator(system)
            self.addCleanup(sim.stop)
            exc = self.assertRaises(ValueError, sim.start)
            self.assertIn(text, str(exc))

    def test_unreadable_tokens(self) -> None:
        settings = auth.AuthSettings(readable=False)
        made = fixture.NovaLinkSim('tiny', auth_settings=settings)
        host = self.useFixture(made).system('host1')
        host.sessions.logon(
            b'<R><GenerateX-API-SessionFile>true'
            b'</GenerateX-API-SessionFile></R>'
        )
        (path,) = (host.directory / 'sessions').iterdir()
        self.assertEqual(0, path.stat().st_mode & 0o777)
