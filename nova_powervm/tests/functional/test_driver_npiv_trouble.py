# SPDX-License-Identifier: Apache-2.0
"""Fibre channel ports that are moved, dead or full."""

from typing import Any

from nova import exception

from nova_powervm.tests.fixtures import npiv
from nova_powervm.tests.fixtures import volumes
from nova_powervm.tests.functional import npiv_base
from novalink_sim.model import power


class PhysicalPortsTest(npiv_base.NpivTest):
    """Ports of the VIOSes that are not what they were."""

    def port_of(self, instance: Any, number: int = 0) -> dict[str, Any]:
        """Where a virtual port of a server is, by number."""
        mapping = npiv.mappings(self.host, instance)[number]
        return {'vios': mapping.vios.name, 'port': mapping.port}

    def recorded(self, instance: Any) -> set[str]:
        """The physical ports that the system metadata names."""
        return {
            value.split(',')[0]
            for key, value in npiv_base.fabric_keys(instance)
            if key.startswith('npiv_adpt_wwpns_')
        }

    def wwpn(self, where: dict[str, Any]) -> str:
        """The WWPN of a physical port."""
        (port,) = (
            port
            for port in self.host.vios('host1', where['vios']).fc_ports
            if port.name == where['port']
        )
        return str(port.wwpn)

    def test_dead_before_the_attach(self) -> None:
        """Another port takes its place; WWPNs stay as Cinder knows them."""
        instance = self.spawn()
        info = self.san.connection(self.driver, instance, self.volume)
        before = self.recorded(instance)
        gone = sorted(before)[0]
        for vios in self.host.vioses('host1'):
            for port in list(vios.fc_ports):
                if port.wwpn == gone:
                    self.operate(
                        'remove-fc-port', vios=vios.name, port=port.name
                    )
        self.driver.attach_volume(None, info, instance, '/dev/sdb')
        self.assertIn(f'Physical port {gone}', self.logs.output)
        self.assertNotIn(gone, self.recorded(instance))
        self.assertEqual({self.volume: 4}, self.san.seen(instance))

    def test_dead_under_a_server(self) -> None:
        """The next attach gives the virtual port another one."""
        instance = self.spawn()
        self.attach(instance)
        where = self.port_of(instance)
        old = self.wwpn(where)
        self.operate('remove-fc-port', **where)
        self.assertEqual({self.volume: 2}, self.san.seen(instance))
        self.attach(instance, self.san.create())
        self.assertEqual(4, self.san.seen(instance)[self.volume])
        new = self.port_of(instance)
        self.assertEqual(where['vios'], new['vios'])
        self.assertNotEqual(where['port'], new['port'])
        self.assertNotIn(old, self.recorded(instance))

    def test_mended_by_a_start(self) -> None:
        """So is a server that is stopped, and started again."""
        instance = self.spawn()
        info = self.attach(instance)
        self.driver.power_off(instance)
        self.operate('remove-fc-port', **self.port_of(instance))
        self.driver.power_on(
            None,
            instance,
            self.network_info,
            volumes.block_devices([volumes.mapping(info)]),
        )
        self.assertEqual({self.volume: 4}, self.san.seen(instance))
        self.host.clear_journal()
        self.driver.power_off(instance)
        self.driver.power_on(
            None,
            instance,
            self.network_info,
            volumes.block_devices([volumes.mapping(info)]),
        )
        self.assertEqual(
            [], [w for w in self.host.writes() if 'FCMap' in w.query]
        )

    def test_moved_to_another_vios(self) -> None:
        """Without a port left on its VIOS a virtual port moves, too."""
        instance = self.spawn()
        self.attach(instance)
        where = self.port_of(instance)
        fabric = next(
            port.fabric
            for port in self.host.vios('host1', where['vios']).fc_ports
            if port.name == where['port']
        )
        target = {'vios1': 'vios2', 'vios2': 'vios1'}[where['vios']]
        for port in list(self.host.vios('host1', where['vios']).fc_ports):
            if port.fabric == fabric:
                self.operate(
                    'move-fc-port',
                    vios=where['vios'],
                    port=port.name,
                    target=target,
                )
        self.attach(instance, self.san.create())
        self.assertEqual(4, self.san.seen(instance)[self.volume])
        self.assertEqual({target}, {v for v, _p in self.ports(instance)})
        self.destroy(instance)
        self.assertEqual([], self.ports(instance))

    def test_no_link(self) -> None:
        """A port without light is passed over."""
        with self.host.model('host1').lock:
            for vios in self.host.vioses('host1'):
                vios.fc_ports[0].link = vios.fc_ports[1].link = False
        instance = self.spawn()
        self.attach(instance)
        self.assertEqual(
            {'fcs2', 'fcs3'}, {port for _vios, port in self.ports(instance)}
        )
        self.assertEqual({self.volume: 4}, self.san.seen(instance))

    def test_full(self) -> None:
        """A fabric without room is left out, as long as there is another."""
        with self.host.model('host1').lock:
            for vios in self.host.vioses('host1'):
                for port in vios.fc_ports:
                    port.total = int(port.fabric != 'A')
        instance = self.spawn()
        self.attach(instance)
        self.assertEqual(1, len(self.ports(instance)))
        self.assertIn('Fabric A has 0 physical ports', self.logs.output)
        self.assertEqual({self.volume: 2}, self.san.seen(instance))

    def test_none_at_all(self) -> None:
        with self.host.model('host1').lock:
            for vios in self.host.vioses('host1'):
                vios.fc_adapters.clear()
        instance = self.spawn()
        info = self.connection_without_ports()
        exc = self.assertRaises(
            exception.VolumeAttachFailed,
            self.driver.attach_volume,
            None,
            info,
            instance,
            '/dev/sdb',
        )
        self.assertIn('fabric_X_port_wwpns', str(exc))
        self.assertEqual([], npiv_base.fabric_keys(instance))

    def connection_without_ports(self) -> dict[str, Any]:
        """A volume that is shown to nobody."""
        return {
            'driver_volume_type': 'fibre_channel',
            'serial': self.volume,
            'data': {},
        }


class ViosTest(npiv_base.NpivTest):
    """A VIOS that does not work."""

    def down(self, name: str) -> None:
        """Let a VIOS go down."""
        with self.host.model('host1').lock:
            power.power_off(self.host.vios('host1', name))
        self.driver.host.vios.invalidate()

    def up(self, name: str) -> None:
        """Let a VIOS come back."""
        with self.host.model('host1').lock:
            power.power_on(self.host.vios('host1', name))
        self.driver.host.vios.invalidate()

    def test_down_from_the_start(self) -> None:
        """The other one serves both fabrics."""
        self.down('vios2')
        instance = self.spawn()
        self.attach(instance)
        self.assertEqual(
            ['vios1', 'vios1'], [vios for vios, _port in self.ports(instance)]
        )
        self.assertEqual({self.volume: 4}, self.san.seen(instance))

    def test_down_after_the_first_attach(self) -> None:
        """The ports of the other one do; nothing is moved."""
        instance = self.spawn()
        self.attach(instance)
        before = self.ports(instance)
        self.down('vios2')
        second = self.san.create()
        self.attach(instance, second)
        self.assertEqual(2, self.san.seen(instance)[second])
        self.assertEqual(before, self.ports(instance))
        self.assertIn('One path is missing', self.logs.output)
        with self.host.model('host1').lock:
            power.power_on(self.host.vios('host1', 'vios2'))
        self.assertEqual(4, self.san.seen(instance)[second])

    def test_down_when_the_server_goes(self) -> None:
        """What it keeps goes when it is back, at the latest."""
        instance = self.spawn()
        self.attach(instance)
        self.down('vios2')
        self.destroy(instance)
        (orphan,) = self.host.vios('host1', 'vios2').fibre_mappings
        self.assertIsNone(orphan.client)
        self.up('vios2')
        self.collect()
        self.assert_unchanged()
        self.assertEqual([], self.driver.host.journal.entries('ports'))

    def test_down_unnoticed_when_the_server_goes(self) -> None:
        """The driver learns it as it removes the server."""
        instance = self.spawn()
        self.attach(instance)
        self.host.vios('host1', 'vios2').rmc_state = 'inactive'
        self.destroy(instance)
        self.assertEqual(1, len(self.driver.host.journal.entries('ports')))
        self.operate('set-rmc', partition='vios2', state='active')
        self.driver.host.vios.load()
        self.collect()
        self.assert_unchanged()

    def test_number_of_a_server_that_went(self) -> None:
        """Nor does the next server of that number leave anything."""
        instance = self.spawn()
        self.attach(instance)
        self.down('vios2')
        self.destroy(instance)
        self.up('vios2')
        other = self.spawn()
        self.attach(other)
        self.collect()
        self.assertEqual({self.volume: 4}, self.san.seen(other))
        self.destroy(other)
        self.assert_unchanged()
