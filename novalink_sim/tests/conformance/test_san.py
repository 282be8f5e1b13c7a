# SPDX-License-Identifier: Apache-2.0
"""Fibre channel disks, as pypowervm finds and removes them."""

from typing import Any

from pypowervm import exceptions as pvm_exc
from pypowervm.tasks import hdisk
from pypowervm.tasks import storage as storage_tasks
from pypowervm.wrappers import storage
from pypowervm.wrappers import virtual_io_server as vioses

from novalink_sim.tests.conformance import base

GIB = 1024**3
VOLUME = '7a3f4a2e-93d4-4d43-8a7e-cf3d8e6f0a11'
GROUPS = ['ViosStorage', base.MAPPINGS]


class SanCase(base.ConformanceCase):
    """Two hosts with two VIOSes each, on one SAN."""

    preset: Any = 'san-vscsi'

    def setUp(self) -> None:
        super().setUp()
        self.san = self.sim.san
        self.volume = self.san.create(VOLUME, GIB)
        self.targets = [port.wwpn for port in self.san.array().ports]

    def read(self, adapter: Any = None) -> list[Any]:
        """Return the VIOSes of a host."""
        found: list[Any] = vioses.VIOS.get(adapter or self.adapter, xag=GROUPS)
        return found

    def show(self, volume: str, *servers: Any) -> int:
        """Mask a volume for the ports of VIOSes; the number of the LUN."""
        wwpns = [p.wwpn for vios in servers for p in vios.pfc_ports]
        return self.san.mask(volume, wwpns)

    def discover(self, vios: Any, lun: int, **kwargs: Any) -> Any:
        """Let a VIOS search for a LUN, as the client does it."""
        wwpns = [port.wwpn for port in vios.pfc_ports]
        itls = hdisk.build_itls(wwpns, self.targets, lun)
        return hdisk.discover_hdisk(vios.adapter, vios.uuid, itls, **kwargs)


class TestHdisks(SanCase):
    """A LUN becomes an hdisk, is mapped, and goes."""

    def test_ports(self) -> None:
        """Ports are where the client looks for them."""
        vios = self.read()[0]
        self.assertEqual(
            ['fcs0', 'fcs1'], [port.name for port in vios.pfc_ports]
        )
        for port in vios.pfc_ports:
            self.assertEqual(16, len(port.wwpn))
            self.assertEqual(64, port.npiv_total_ports)
            self.assertEqual(64, port.npiv_available_ports)
            self.assertEqual(f'1a{port.loc_code}', port.udid)
        self.assertEqual(
            {port.wwpn for port in vios.pfc_ports}, vios.get_pfc_wwpns()
        )

    def test_life(self) -> None:
        """Discovery, identity, mapping, and removal."""
        first, second = self.read()
        lun = self.show(VOLUME, first)
        status, name, udid = self.discover(first, lun)
        self.assertEqual(hdisk.LUAStatus.FOUND_ITL_ERR, status, 'two fabrics')
        self.assertEqual(self.volume.udid, udid)
        status, other, _ = self.discover(second, lun)
        self.assertEqual(hdisk.LUAStatus.INCORRECT_ITL, status)
        self.assertIsNone(other)
        disk = self.disk(name)
        self.assertEqual(self.volume.naa, disk.pg83)
        self.assertEqual((1024, True), (disk.capacity, disk.avail_for_use))
        self.assertTrue(disk.is_fc_backed)
        self.assertEqual('active', disk.state)
        found = hdisk.get_pg83_via_job(self.adapter, first.uuid, udid)
        self.assertEqual(self.volume.page83, found)
        lpar = self.create_lpar(uuid=base.LPAR_UUID)
        self.map_storage(
            lpar, storage.PV.bld(self.adapter, name, udid=udid, tag=VOLUME)
        )
        self.assertEqual(VOLUME, self.disk(name).tag)
        self.assertRaises(pvm_exc.JobRequestFailed, self.remove, first, name)
        (guest,) = self.sim.systems['host1'].guest_disks('vm1')
        guest.write(b'from the guest')
        with open(self.volume.file, 'rb') as stream:
            self.assertEqual(b'from the guest', stream.read(14))

    def disk(self, name: str) -> Any:
        """Return a physical volume of the first VIOS."""
        volumes = {volume.name: volume for volume in self.read()[0].phys_vols}
        return volumes[name]

    def remove(self, vios: Any, name: str) -> None:
        """Let a VIOS forget an hdisk."""
        hdisk.remove_hdisk(vios.adapter, 'host1', name, vios.uuid)

    def test_several_hosts(self) -> None:
        """VIOSes of all hosts see the volume, each as its own hdisk."""
        servers = self.read() + self.read(self.make_adapter('host2'))
        lun = self.show(VOLUME, *servers)
        found = {self.discover(vios, lun)[1:] for vios in servers}
        self.assertEqual({('hdisk2', self.volume.udid)}, found)

    def test_stale(self) -> None:
        """The number of a LUN may stand for another volume later."""
        vios = self.read()[0]
        lun = self.show(VOLUME, vios)
        _, name, udid = self.discover(vios, lun)
        new = self.san.create('new', 2 * GIB)
        self.san.reuse(VOLUME, 'new')
        self.assertEqual((name, udid), self.discover(vios, lun)[1:])
        self.remove(vios, name)
        self.assertEqual(
            (name, new.udid), self.discover(vios, lun)[1:], 'looked anew'
        )
        self.san.delete('new')
        self.assertEqual('missing', self.disk(name).state)

    def test_rescan(self) -> None:
        """A volume grows, and the VIOS learns of it."""
        vios = self.read()[0]
        _, name, udid = self.discover(vios, self.show(VOLUME, vios))
        self.san.resize(VOLUME, 2 * GIB)
        self.assertEqual(1024, self.disk(name).capacity)
        storage_tasks.rescan_vstor(vios, udid)
        self.assertEqual(2048, self.disk(name).capacity)
        self.assertRaises(
            pvm_exc.VstorNotFound, storage_tasks.rescan_vstor, vios, '01AB'
        )

    def test_dump(self) -> None:
        """A dump has the SAN and the hdisks, and gives them back."""
        vios = self.read()[0]
        self.discover(vios, self.show(VOLUME, vios))
        before = self.sim.dump()
        self.volume.file.unlink()
        self.sim.reset()
        self.assertEqual([], self.sim.san.volumes)
        self.sim.load(before)
        for part in ('systems', 'san'):
            self.assertEqual(before[part], self.sim.dump()[part])
        model = self.sim.systems['host1'].model.vios('vios1')
        self.assertEqual(
            self.sim.san.volume(VOLUME).file, model.volumes[-1].file
        )
