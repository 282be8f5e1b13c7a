# SPDX-License-Identifier: Apache-2.0
from typing import Any

from nova_powervm.tests.unit.virt.powervm.volume import case
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import vscsi

BOTH = ['vios1', 'vios2']


class VscsiVolumeTest(case.ConnectorTestCase):
    PRESET = 'san-vscsi'

    def setUp(self) -> None:
        super().setUp()
        self.san = self.sim.san
        self.connector = vscsi.VscsiVolume(
            self.parts(vscsi_vios_connections_required=1)
        )

    def volume(self, *names: str, **data: Any) -> base.Volume:
        """Make a volume that some VIOSes may see."""
        made = self.san.create('volume-1', case.GIB)
        ports = [
            port.wwpn
            for name in names or BOTH
            for port in self.vios_named(name).fc_ports
        ]
        targets = [port.wwpn for port in self.san.array().ports]
        known = {
            'target_lun': self.san.mask('volume-1', ports),
            'initiator_target_map': dict.fromkeys(ports, targets),
        }
        self.udid = made.udid
        return base.Volume('volume-1', 'fibre_channel', known | data)

    def discover(self, volume: base.Volume) -> list[str]:
        found = self.connector.discover(self.instance, volume)
        return self.names(found)

    def test_ports_of_all_vioses(self) -> None:
        """A VIOS that is down may be back before the volume is used."""
        self.set_rmc('vios1', 'inactive')
        ports = [
            port.wwpn.lower()
            for name in BOTH
            for port in self.vios_named(name).fc_ports
        ]
        self.assertEqual(
            {'wwpns': ports}, self.connector.properties(self.instance)
        )

    def test_no_ports(self) -> None:
        for name in BOTH:
            self.vios_named(name).fc_adapters.clear()
        self.vioses.load()
        self.assertEqual({}, self.connector.properties(None))

    def test_found_and_released(self) -> None:
        before = self.hdisks()
        found = self.connector.discover(self.instance, self.volume())
        self.assertEqual(BOTH, self.names(found))
        for item in found:
            assert item.storage is not None
            self.assertEqual(
                ('pv', self.udid, 'volume-1'),
                (item.storage.kind, item.storage.udid, item.storage.tag),
            )
        self.connector.release(self.instance, found)
        self.assertEqual(before, self.hdisks())
        self.assertEqual([], self.journal.entries())

    def test_exported_to_one_vios(self) -> None:
        self.assertEqual(['vios2'], self.discover(self.volume('vios2')))

    def test_exported_to_nobody_here(self) -> None:
        zoned = {'10000090fa999999': ['5005076801000001']}
        volume = self.volume(initiator_target_map=zoned)
        port = self.vios_named('vios1').fc_ports[0]
        port.wwpn = '10000090FA123456'
        lost = self.assertRaises(base.VolumeLost, self.discover, volume)
        self.assertIn('to which the volume is exported', str(lost))
        # The ports may have changed: they are read anew.
        ports = self.connector.properties(None)['wwpns']
        self.assertIn('10000090fa123456', ports)

    def test_refused(self) -> None:
        volume = base.Volume('volume-1', 'fibre_channel', {})
        self.assertRaises(base.VolumeRefused, self.connector.check, volume)

    def test_hdisk_that_is_gone(self) -> None:
        """It is no error to forget what is forgotten."""
        vios = self.vios_named('vios1')
        gone = intents.StorageRef('pv', 'hdisk9', '01gone')
        before = self.hdisks()
        self.connector.drop(vios.uuid, self.volume(), gone)
        self.assertEqual(before, self.hdisks())

    def test_hdisk_in_use(self) -> None:
        """One of a volume group cannot be forgotten."""
        vios = self.vios_named('vios1')
        used = vios.volumes[0]
        ref = intents.StorageRef('pv', used.name, used.udid)
        self.assertRaises(
            errors.JobFailed,
            self.connector.drop,
            vios.uuid,
            self.volume(),
            ref,
        )
        self.assertIn(used, vios.volumes)
