# SPDX-License-Identifier: Apache-2.0
"""Fibre channel ports that are recorded, logged in, or of the other way."""

from typing import Any

from nova import exception

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import npiv
from nova_powervm.tests.functional import npiv_base
from nova_powervm.virt.powervm import identity
from novalink_sim.model import npiv_mappings


class RecordsTest(npiv_base.NpivTest):
    """What the system metadata says, and what the platform says."""

    def retired(self, instance: Any, count: int = 1) -> None:
        """Give an instance the records of the retired driver."""
        metadata = {}
        for number, fabric in enumerate(npiv.FABRICS):
            physical = npiv.port_wwpns(self.host, fabric)
            items: list[str] = []
            for port in range(count):
                first = 0xC050760000AA0000 + 0x100 * number + 2 * port
                items += [
                    physical[port % len(physical)],
                    f'{first:016X}',
                    f'{first + 1:016X}',
                ]
            for part in range(0, len(items), 12):
                suffix = f'_{part // 12 + 1}' if part else ''
                key = f'npiv_adpt_wwpns_{fabric}{suffix}'
                metadata[key] = ','.join(items[part : part + 12])
            metadata[f'fabric_state_{fabric}'] = 'inst_mapped'
        instance.system_metadata = metadata

    def test_of_the_retired_driver(self) -> None:
        instance = self.instance()
        self.retired(instance, count=5)
        before = npiv_base.fabric_keys(instance)
        found = self.driver.get_volume_connector(instance)['wwpns']
        self.assertEqual(10, len(found))
        self.assertIn('c050760000aa0000', found)
        self.spawn(instance)
        self.attach(instance)
        self.assertEqual(10, len(self.ports(instance)))
        self.assertEqual({self.volume: 20}, self.san.seen(instance))
        # As they are, so that it would know its own.
        self.assertEqual(before, npiv_base.fabric_keys(instance))

    def test_mapped_by_the_retired_driver(self) -> None:
        """Its ports are recognised, and nothing changes."""
        instance = self.spawn()
        self.retired(instance)
        model = self.host.model('host1')
        lpar_uuid = identity.lpar_uuid(instance.uuid)
        with model.lock:
            for fabric, vios in zip(
                npiv.FABRICS, self.host.vioses('host1'), strict=True
            ):
                text = instance.system_metadata[f'npiv_adpt_wwpns_{fabric}']
                name = next(
                    p.name for p in vios.fc_ports if p.fabric == fabric
                )
                ask = npiv_mappings.FibreRequest(
                    lpar_uuid, wwpns=tuple(text.split(',')[1:]), port=name
                )
                npiv_mappings.update(vios, [ask])
        before = self.host.state('host1')
        self.attach(instance)
        self.assertEqual([], self.host.changes('host1', before))
        self.assertEqual({self.volume: 4}, self.san.seen(instance))
        self.destroy(instance)
        self.assert_unchanged()

    def test_garbled(self) -> None:
        """A server whose record cannot be read can be removed."""
        instance = self.spawn()
        self.attach(instance)
        instance.system_metadata['npiv_adpt_wwpns_A'] = 'what'
        self.destroy(instance)
        self.assert_unchanged()

    def test_lost(self) -> None:
        """The platform tells the ports of a server."""
        instance = self.spawn()
        self.attach(instance)
        before = npiv_base.fabric_keys(instance)
        instance.system_metadata = {
            key: value
            for key, value in instance.system_metadata.items()
            if (key, value) not in before
        }
        found = self.driver.get_volume_connector(instance)['wwpns']
        self.assertEqual(before, npiv_base.fabric_keys(instance))
        self.assertEqual(
            {m.wwpns[0] for m in npiv.mappings(self.host, instance)},
            set(found),
        )

    def test_exchanged_by_a_migration(self) -> None:
        """The WWPN that is in use comes first, whatever the record says."""
        instance = self.spawn()
        self.attach(instance)
        with self.host.model('host1').lock:
            for mapping in npiv.mappings(self.host, instance):
                mapping.wwpns.reverse()
        self.attach(instance, self.san.create())
        self.assertEqual(
            {m.wwpns[0] for m in npiv.mappings(self.host, instance)},
            set(self.driver.get_volume_connector(instance)['wwpns']),
        )

    def test_in_use_by_another_partition(self) -> None:
        """Nobody gets the WWPNs of somebody else."""
        first, second = self.spawn(), self.instance()
        self.attach(first)
        second.system_metadata = dict(npiv_base.fabric_keys(first))
        self.network_info = nova_objects.network_info()
        self.spawn(second)
        before = self.host.state('host1')
        exc = self.assertRaises(
            exception.VolumeAttachFailed,
            self.attach,
            second,
            self.san.create(),
        )
        self.assertIn('in use by partition', str(exc))
        self.assertEqual([], self.host.changes('host1', before))


class OtherWayTest(npiv_base.NpivTest):
    """The operator changes ``fc_attach_strategy``."""

    def use(self, strategy: str) -> None:
        """Restart the service with another way."""
        self.harness.options['fc_attach_strategy'] = strategy
        self.harness.restart()
        self.driver = self.harness.driver

    def test_volumes_stay_as_they_are(self) -> None:
        instance = self.spawn()
        first = self.attach(instance)
        self.use('vscsi')
        found = self.driver.get_volume_connector(instance)
        self.assertEqual('host1', found['host'])
        second = self.attach(instance, self.san.create())
        self.assertEqual({self.volume: 4}, self.san.seen(instance))
        vioses = self.host.vioses('host1')
        self.assertEqual([1, 1], [len(self.hdisks(vios)) for vios in vioses])
        ports = self.ports(instance)
        self.detach(instance, first)
        self.assertEqual(ports, self.ports(instance))
        self.use('npiv')
        self.detach(instance, second)
        self.assertEqual([0, 0], [len(self.hdisks(vios)) for vios in vioses])
        self.assertEqual(ports, self.ports(instance))
        self.destroy(instance)
        self.assert_unchanged()

    def test_volume_for_the_ports_of_the_vioses(self) -> None:
        """A server with ports of its own could not see it."""
        self.use('vscsi')
        instance = self.spawn()
        info = self.san.connection(self.driver, instance, self.volume)
        self.use('npiv')
        exc = self.assertRaises(
            exception.VolumeAttachFailed,
            self.driver.attach_volume,
            nova_objects.context(),
            info,
            instance,
            '/dev/sdb',
        )
        self.assertIn('Cinder has exported volume', str(exc))
        self.assertEqual([], self.ports(instance))

    def hdisks(self, vios: Any) -> list[Any]:
        """The volumes of the SAN that a VIOS has."""
        return [disk for disk in vios.volumes if disk.naa]


class PreLoginTest(npiv_base.NpivTest):
    """Ports that fabrics know before the server has them."""

    OPTIONS = {'npiv_prelogin': True}

    def test_states(self) -> None:
        instance = self.instance()
        found = self.driver.get_volume_connector(instance)['wwpns']
        self.assertEqual(sorted(found), sorted(self.management_ports()))
        self.assertEqual({'mgmt_mapped'}, npiv_base.states(instance))
        self.host.clear_journal()
        self.driver.get_volume_connector(instance)
        self.assertEqual(
            [], [r for r in self.requests() if not r.startswith('GET')]
        )
        self.spawn(instance)
        self.attach(instance)
        self.assertEqual([], self.management_ports())
        self.assertEqual({self.volume: 4}, self.san.seen(instance))
        self.assertEqual({'inst_mapped'}, npiv_base.states(instance))
        self.host.clear_journal()
        self.driver.get_volume_connector(instance)
        self.assertEqual([], self.requests())
        self.destroy(instance)
        self.assert_unchanged()

    def test_server_that_was_never_built(self) -> None:
        instance = self.instance()
        self.driver.get_volume_connector(instance)
        self.destroy(instance)
        self.assertEqual([], self.management_ports())
        self.assertEqual({'unmapped'}, npiv_base.states(instance))
        self.assert_unchanged()

    def test_vios_that_is_down_when_the_server_goes(self) -> None:
        """The management partition gives its ports back later."""
        instance = self.instance()
        self.driver.get_volume_connector(instance)
        self.host.power_off_vios('host1', 'vios2')
        self.driver.host.vios.invalidate()
        self.destroy(instance)
        self.assertEqual(1, len(self.management_ports()))
        self.host.power_on_vios('host1', 'vios2')
        self.harness.restart()
        self.assert_unchanged()

    def test_one_that_is_not_there(self) -> None:
        """As one path is enough, so it is here."""
        self.host.fail(
            'host1',
            method='POST',
            path=f'/rest/api/uom/VirtualIOServer/'
            f'{self.host.vios("host1", "vios2").uuid}',
            status=500,
            reason='x',
            message='HSCL9999 no',
        )
        instance = self.instance()
        self.driver.get_volume_connector(instance)
        self.assertEqual(1, len(self.management_ports()))
        self.assertIn('cannot be logged in beforehand', self.logs.output)
        self.host.heal()
        self.destroy(instance)
        self.assert_unchanged()
