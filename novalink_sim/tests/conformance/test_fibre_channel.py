# SPDX-License-Identifier: Apache-2.0
"""Virtual fibre channel, driven by pypowervm's wrappers and tasks."""

from typing import Any

from pypowervm import exceptions as pvm_exc
from pypowervm.tasks import power
from pypowervm.tasks import vfc_mapper
from pypowervm.wrappers import logical_partition as lpars
from pypowervm.wrappers import storage
from pypowervm.wrappers import virtual_io_server as vioses

from novalink_sim.model import npiv
from novalink_sim.tests.conformance import base
from novalink_sim.tests.conformance import migrating
from novalink_sim.tests.conformance import recordings
from novalink_sim.tests.conformance import test_wrappers

GROUPS = ('ViosFCMapping', 'ViosStorage')
FABRIC = 'A'


class FibreCase(base.ConformanceCase):
    """Two hosts, two VIOSes each, two fabrics."""

    preset: Any = 'san-npiv'

    def vioses(self) -> list[Any]:
        """Return the VIOSes with ports and mappings."""
        found: list[Any] = vioses.VIOS.get(self.adapter, xag=list(GROUPS))
        return found

    def ports(self, fabric: str = FABRIC) -> list[str]:
        """Return the WWPNs of the physical ports in a fabric."""
        return [
            port.wwpn
            for vios in self.model.vioses.values()
            for port in vios.fc_ports
            if port.fabric == fabric
        ]

    def map_ports(self, lpar: Any, count: int = 2) -> list[Any]:
        """Give a partition ports in a fabric; return the port maps."""
        found = self.vioses()
        names = vfc_mapper.build_wwpn_pair(
            self.adapter, self.system().uuid, count
        )
        maps = vfc_mapper.derive_npiv_map(found, self.ports(), names)
        for port_map in maps:
            vios = vfc_mapper.find_vios_for_port_map(self.vioses(), port_map)
            vfc_mapper.add_map(vios, self.system().uuid, lpar.uuid, port_map)
            vios.update()
        return list(maps)


class MappingTest(FibreCase):
    """Mappings as clients make, find and remove them."""

    def test_made_and_removed(self) -> None:
        before = self.sim.dump()['systems']
        lpar = self.create_lpar()
        maps = self.map_ports(lpar)
        for port_map in maps:
            vios, mapping = vfc_mapper.find_vios_for_vfc_wwpns(
                self.vioses(), port_map[1].split()
            )
            self.assertEqual(port_map[0], mapping.backing_port.wwpn)
            self.assertEqual(63, mapping.backing_port.npiv_available_ports)
            self.assertEqual(
                mapping.backing_port.name, mapping.server_adapter.map_port
            )
            self.assertEqual(lpar.id, mapping.server_adapter.lpar_id)
            self.assertEqual(vios.id, mapping.client_adapter.vios_id)
        self.assertEqual(
            {'vios1', 'vios2'},
            {
                vios.name
                for vios in self.model.vioses.values()
                if vios.fibre_mappings
            },
        )
        for vios in self.vioses():
            self.assertEqual(1, len(vfc_mapper.remove_maps(vios, lpar.uuid)))
            vios.update()
        lpar.refresh().delete()
        self.assertEqual(before, self.sim.dump()['systems'])

    def test_wwpns_of_the_platform(self) -> None:
        """Without names of the client the platform chooses them."""
        lpar = self.create_lpar()
        (port_map,) = vfc_mapper.derive_base_npiv_map(
            self.vioses(), self.ports(), 1
        )
        vios = vfc_mapper.find_vios_for_port_map(self.vioses(), port_map)
        vfc_mapper.add_map(vios, self.system().uuid, lpar.uuid, port_map)
        (mapping,) = vios.update().vfc_mappings
        self.assertEqual(2, len(mapping.client_adapter.wwpns))

    def test_wwpns_fail(self) -> None:
        self.host.operate('fail-wwpns', message='HSCL9999 no')
        exc = self.assertRaises(
            pvm_exc.JobRequestFailed,
            vfc_mapper.build_wwpn_pair,
            self.adapter,
            self.system().uuid,
        )
        self.assertIn('HSCL9999', str(exc))

    def test_stale(self) -> None:
        """A client gives a mapping without a port a new one."""
        lpar = self.create_lpar()
        (port_map,) = self.map_ports(lpar, count=1)
        slot = npiv.mappings_of(self.model, lpar.uuid)[0].client_slot
        self.host.operate('lose-fc-mapping-port', partition='vm1', slot=slot)
        vios, mapping = vfc_mapper.has_client_wwpns(
            self.vioses(), port_map[1].split()
        )
        self.assertIsNone(mapping.backing_port)
        vfc_mapper.add_map(vios, self.system().uuid, lpar.uuid, port_map)
        vios.update()
        vios, mapping = vfc_mapper.has_client_wwpns(
            self.vioses(), port_map[1].split()
        )
        self.assertEqual(port_map[0], mapping.backing_port.wwpn)

    def test_seeded_list_is_ignored(self) -> None:
        self.map_ports(self.create_lpar())
        vios = self.vioses()[0]
        other = self.vios('ViosStorage')
        self.assertEqual(vios.uuid, other.uuid)
        try:
            seeded = list(other.vfc_mappings)
        except pvm_exc.Error:
            seeded = []
        self.assertEqual([], seeded)
        other.update()
        self.assertEqual(1, len(self.vioses()[0].vfc_mappings))

    def test_port_without_a_link(self) -> None:
        """Its numbers are missing, as in what was recorded."""
        vios = next(iter(self.model.vioses.values()))
        vios.fc_ports[0].link = False
        served = self.vioses()[0]
        self.assertEqual(
            [0, 64, 64, 64],
            [port.npiv_total_ports for port in served.pfc_ports],
        )
        self.assertEqual(
            [port.wwpn for port in vios.fc_ports[1:]],
            served.get_active_pfc_wwpns(),
        )


class ClientAdapterTest(FibreCase):
    """The adapters as the partition has them."""

    def test_adapters(self) -> None:
        lpar = self.create_lpar()
        maps = self.map_ports(lpar)
        found = storage.VFCClientAdapter.get(self.adapter, parent=lpar)
        self.assertEqual(
            {port_map[1] for port_map in maps},
            {' '.join(adapter.wwpns) for adapter in found},
        )
        self.assertEqual([2, 3], sorted(a.lpar_slot_num for a in found))
        one = storage.VFCClientAdapter.get(
            self.adapter, parent=lpar, uuid=found[0].uuid
        )
        self.assertEqual(found[0].wwpns, one.wwpns)
        self.assertEqual(
            2,
            len(
                lpar.refresh()
                .element.find('VirtualFibreChannelClientAdapters')
                .findall('link')
            ),
        )

    def test_as_recorded(self) -> None:
        """A recorded adapter has nothing that ours has not."""
        lpar = self.create_lpar()
        self.map_ports(lpar)
        power.power_on(lpar, None)
        ours = self.read(
            f'uom/LogicalPartition/{lpar.uuid}/VirtualFibreChannelClientAdapter'
        )[0]
        (_, theirs), *_ = recordings.recorded(
            'VirtualFibreChannelClientAdapter'
        )
        wanted = {path for path, _ in recordings.paths(theirs)}
        served = {path for path, _ in recordings.paths(ours)}
        self.assertEqual(set(), wanted - served)

    def test_mapping_as_recorded(self) -> None:
        lpar = self.create_lpar()
        self.map_ports(lpar)
        ours = self.vioses()[0].vfc_mappings[0]
        (recorded,) = test_wrappers.WrapperTest.recorded(
            self,  # type: ignore[arg-type]
            vioses.VIOS,
            'fake_vios_ssp_npiv.txt',
        )[:1]
        theirs = recorded.vfc_mappings[0]
        mine = test_wrappers.values(ours)
        for path, value in test_wrappers.values(theirs).items():
            self.assertIs(type(value), type(mine.get(path)), path)


class MigrationTest(migrating.MigrationCase, FibreCase):
    """Partitions with virtual fibre channel migrate, too."""

    preset: Any = 'san-npiv'

    def make_fibre(self, count: int = 2) -> Any:
        lpar = self.create_lpar(uuid=base.LPAR_UUID)
        self.map_ports(lpar, count)
        return lpar.refresh()

    def names(self, model: Any) -> list[Any]:
        found = npiv.mappings_of(model, base.LPAR_UUID)
        return [(m.client_slot, m.wwpns) for m in found]

    def test_names_are_swapped(self) -> None:
        lpar = self.make_fibre()
        before = self.names(self.model)
        self.migrate(lpar)
        self.assertEqual([], self.names(self.model))
        self.assertEqual(
            [(slot, wwpns[::-1]) for slot, wwpns in before],
            self.names(self.target),
        )
        found = npiv.mappings_of(self.target, base.LPAR_UUID)
        self.assertEqual({'vios1', 'vios2'}, {m.vios.name for m in found})
        self.assertEqual(
            [FABRIC] * 2,
            [m.physical_port.fabric for m in found if m.physical_port],
        )
        self.assertEqual(
            lpars.LPAR.get(self.other, uuid=base.LPAR_UUID).state,
            'not activated',
        )

    def test_routes(self) -> None:
        lpar = self.make_fibre()
        vios = self.target.vios('vios2')
        slots = [slot for slot, _ in self.names(self.model)]
        wanted = [
            f'{slots[0]}/vios2/{vios.id}//fcs0',
            f'{slots[1]}/vios2/{vios.id}',
        ]
        self.migrate(lpar, virtual_fc_mappings=wanted)
        found = npiv.mappings_of(self.target, base.LPAR_UUID)
        self.assertEqual([vios, vios], [m.vios for m in found])

    def test_refused(self) -> None:
        lpar = self.make_fibre()
        slot = self.names(self.model)[0][0]
        for text, why in (
            ('60/vios1/', 'no virtual fibre channel adapter in slot 60'),
            (f'{slot}/vios1///fcs1', 'no port with room'),
            (f'{slot}/vios9/', 'no port with room'),
            (f'{slot}//', 'is not a value'),
        ):
            refused = self.refused(lpar, virtual_fc_mappings=[text])
            self.assertIn(why, refused)
        for vios in self.target.vioses.values():
            for port in vios.fc_ports:
                port.link = port.fabric != FABRIC
        self.assertIn('no port with room', self.refused(lpar))
        self.host.operate('lose-fc-mapping-port', partition='vm1', slot=slot)
        self.assertIn('no physical port is behind it', self.refused(lpar))
