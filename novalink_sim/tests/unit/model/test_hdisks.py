# SPDX-License-Identifier: Apache-2.0
"""What a VIOS makes of LUNs."""

from typing import Any

from novalink_sim import errors
from novalink_sim.model import guest
from novalink_sim.model import hdisks
from novalink_sim.model import mappings
from novalink_sim.model import san
from novalink_sim.model import scsi
from novalink_sim.model import setup
from novalink_sim.model import storage
from novalink_sim.tests.unit.model import base

GIB = 1024**3
MIB = 1024**2
TARGETS = ['5005076801000001', '5005076801000002']


class HdiskCase(base.ModelCase):
    """A VIOS with two ports, and an array with one port on each fabric."""

    def setUp(self) -> None:
        super().setUp()
        ports = [
            san.TargetPort(TARGETS[0], 'A'),
            san.TargetPort(TARGETS[1], 'B'),
        ]
        self.san = self.system.san
        self.san.arrays.append(san.DiskArray('array1', ports=ports))
        self.san.directory = self.system.hostroot / 'san'
        for fabric in 'AB':
            setup.add_fc_port(self.vios, fabric)
        self.volume = self.san.create('one', GIB)
        self.san.mask('one', self.wwpns(self.vios))
        self.san.create('two', 2 * GIB)
        self.events.clear()

    def wwpns(self, vios: Any) -> list[str]:
        """Return the WWPNs of a VIOS's ports."""
        return [port.wwpn for port in vios.fc_ports]

    def paths(self, number: int = 0) -> tuple[storage.DiskPath, ...]:
        """Return a path from each port to the target of its fabric."""
        pairs = zip(self.wwpns(self.vios), TARGETS, strict=True)
        return tuple(storage.DiskPath(i, t, number) for i, t in pairs)

    def search(self, number: int = 0, **kwargs: Any) -> hdisks.Outcome:
        """Let the VIOS search for a LUN."""
        ask = hdisks.Search(self.paths(number), **kwargs)
        return hdisks.search(self.vios, ask)

    def map_to(self, lpar: Any, volume: storage.PhysicalVolume) -> None:
        """Map an hdisk to a partition, and keep the other mappings."""
        asked = mappings.StorageRequest(scsi.VOLUME, udid=volume.udid)
        wanted = [self.kept(m) for m in self.vios.scsi_mappings]
        wanted.append(mappings.MappingRequest(lpar.uuid, storage=asked))
        mappings.update(self.vios, wanted)

    def kept(self, mapping: scsi.ScsiMapping) -> mappings.MappingRequest:
        """Return what keeps a mapping."""
        device = mapping.device
        assert device is not None
        return mappings.MappingRequest(
            mapping.bus.lpar_uuid,
            server_udid=mapping.bus.udid,
            target_udid=device.target_udid,
            storage=mappings.StorageRequest(device.kind, udid=device.key),
        )


class TestSearch(HdiskCase):
    """LUARecovery in all its outcomes."""

    def test_appears(self) -> None:
        """A LUN is an hdisk after a search only, and once."""
        before = len(self.vios.volumes)
        found = self.search()
        self.assertEqual(hdisks.Status.AVAILABLE, found.status)
        disk = found.volume
        assert disk is not None
        self.assertEqual(before + 1, len(self.vios.volumes))
        self.assertEqual('hdisk1', disk.name)
        self.assertEqual(self.volume.udid, disk.udid)
        self.assertEqual(self.volume.page83, disk.page83)
        self.assertEqual(1024, disk.capacity)
        self.assertEqual(list(self.paths()), disk.paths)
        self.assertIn(f'-W{TARGETS[0]}-L0', disk.location)
        (event,) = self.events
        self.assertEqual('PhysicalVolumes', event[2])
        self.assertIs(disk, self.search().volume)
        self.assertEqual(before + 1, len(self.vios.volumes))

    def test_wrong_paths(self) -> None:
        """Some or all paths may lead nowhere."""
        self.assertEqual(hdisks.Status.INCORRECT_ITL, self.search(7).status)
        self.san.cut(self.wwpns(self.vios)[0])
        found = self.search()
        self.assertEqual(hdisks.Status.SOME_ITL_WRONG, found.status)
        self.assertIsNotNone(found.volume)
        self.assertIn('1 of 2 paths', found.message)
        found = self.search(reliable=True)
        self.assertEqual(hdisks.Status.NOT_RELIABLE, found.status)
        self.vios.fc_ports[1].link = False
        self.assertEqual(hdisks.Status.INCORRECT_ITL, self.search().status)

    def test_several_devices(self) -> None:
        """Paths that lead to different volumes are none to trust."""
        self.san.mask('two', self.wwpns(self.vios)[1:], 5, TARGETS[1:])
        self.san.mask('one', self.wwpns(self.vios)[:1], 5, TARGETS[:1])
        found = self.search(5)
        self.assertEqual(hdisks.Status.NOT_RELIABLE, found.status)
        self.assertIsNone(found.volume)

    def test_not_of_interest(self) -> None:
        """The client may say what it looks for."""
        found = self.search(vendor='EMC')
        self.assertEqual(hdisks.Status.STORAGE_NOT_OF_INTEREST, found.status)
        other = self.san.volume('two').page83
        found = self.search(page83=other)
        self.assertEqual(hdisks.Status.LUN_NOT_OF_INTEREST, found.status)
        self.assertIsNone(found.volume)
        self.assertIsNotNone(self.search(page83=self.volume.page83).volume)
        self.switch_to(lua_device_id='ignore')
        self.assertIsNotNone(self.search(page83=other).volume)

    def test_unknown_udid(self) -> None:
        """An array may not say who a volume is."""
        self.volume.identified = False
        found = self.search()
        self.assertEqual(hdisks.Status.UNKNOWN_UDID, found.status)

    def test_in_use(self) -> None:
        """A disk that a partition has is found all the same."""
        disk = self.search().volume
        assert disk is not None
        self.map_to(self.lpar(), disk)
        self.assertEqual(hdisks.Status.IN_USE, self.search().status)

    def test_vios_is_down(self) -> None:
        """A VIOS that does not work finds nothing."""
        self.vios.rmc_state = 'inactive'
        self.assertRaises(errors.ServerError, self.search)

    def test_lua(self) -> None:
        """Numbers of LUNs have 8 zeros behind them, or 12."""
        for number, text in (
            (0, '0' * 13),
            (1, '1' + '0' * 12),
            (0xA, 'a' + '0' * 12),
            (0x40014002, '40014002' + '0' * 8),
        ):
            self.assertEqual(text, hdisks.lua_text(number))
            self.assertEqual(number, hdisks.lua_number(text))
        for text in ('', '12', '1' * 20, 'x' + '0' * 12):
            self.assertRaises(ValueError, hdisks.lua_number, text)


class TestStale(HdiskCase):
    """A number that stands for another volume than it did."""

    def setUp(self) -> None:
        super().setUp()
        found = self.search().volume
        assert found is not None
        self.hdisk = found
        self.san.reuse('one', 'two')

    def test_kept(self) -> None:
        """The hdisk says what it was, and holds what is there now."""
        found = self.search()
        self.assertIs(self.hdisk, found.volume)
        self.assertEqual(self.volume.udid, self.hdisk.udid)
        self.assertEqual(1024, self.hdisk.capacity)
        self.assertEqual(self.san.volume('two').file, self.hdisk.file)
        asked = self.san.volume('two').page83
        found = self.search(page83=asked)
        self.assertEqual(hdisks.Status.LUN_NOT_OF_INTEREST, found.status)
        self.assertIs(self.hdisk, found.volume)

    def test_removed(self) -> None:
        """Once it is removed, the search finds the other volume."""
        hdisks.remove(self.vios, self.hdisk.name)
        found = self.search().volume
        assert found is not None
        self.assertEqual(self.san.volume('two').udid, found.udid)

    def test_replaced(self) -> None:
        """The switch says whether the VIOS notices by itself."""
        self.switch_to(stale_hdisk='replaced')
        found = self.search().volume
        assert found is not None
        self.assertEqual(self.san.volume('two').udid, found.udid)
        self.assertIsNone(self.hdisk.file)
        self.assertEqual('missing', self.hdisk.shown_state)


class TestDisk(HdiskCase):
    """An hdisk in use."""

    def setUp(self) -> None:
        super().setUp()
        found = self.search().volume
        assert found is not None
        self.hdisk = found

    def test_lost(self) -> None:
        """A LUN that goes leaves an hdisk that cannot be used."""
        self.assertEqual('active', self.hdisk.shown_state)
        self.san.unmask('one')
        self.assertEqual('missing', self.hdisk.shown_state)
        self.assertIn(self.hdisk, self.vios.volumes)
        self.assertRaises(errors.ServerError, hdisks.rescan, self.hdisk)
        self.san.mask('one', self.wwpns(self.vios))
        self.assertEqual('active', self.hdisk.shown_state)
        self.hdisk.failed = True
        self.assertEqual('missing', self.hdisk.shown_state)
        self.assertIsNone(self.hdisk.file)

    def test_remove(self) -> None:
        """Nothing goes that somebody uses."""
        lpar = self.lpar()
        self.map_to(lpar, self.hdisk)
        for name in (self.hdisk.name, 'hdisk0', 'hdisk9'):
            self.assertRaises(
                errors.ServerError, hdisks.remove, self.vios, name
            )
        mappings.update(self.vios, [])
        hdisks.remove(self.vios, self.hdisk.name)
        self.assertEqual(1, len(self.vios.volumes))

    def test_rescan(self) -> None:
        """The VIOS learns the size of a disk when it is told to look."""
        self.san.resize('one', 3 * GIB)
        self.assertEqual(1024, self.hdisk.capacity)
        hdisks.rescan(self.hdisk)
        self.assertEqual(3072, self.hdisk.capacity)

    def test_reservation(self) -> None:
        """A second partition may have it if nobody reserves it."""
        self.map_to(self.lpar('vm1'), self.hdisk)
        self.hdisk.reserve_policy = storage.SINGLE_PATH
        self.assertRaises(
            errors.ServerError, self.map_to, self.lpar('vm2'), self.hdisk
        )
        self.hdisk.reserve_policy = storage.NO_RESERVE
        self.map_to(self.system.lpar('vm2'), self.hdisk)
        self.assertRaises(
            errors.ServerError,
            self.map_to,
            self.system.lpar('vm2'),
            self.hdisk,
        )

    def test_guest(self) -> None:
        """What is written to the LUN is read in the partition."""
        lpar = self.lpar()
        self.map_to(lpar, self.hdisk)
        (disk,) = guest.disks(lpar)
        self.assertEqual(GIB, disk.size)
        disk.write(b'hello', 512)
        with open(self.volume.file, 'rb') as volume:
            self.assertEqual(b'hello', volume.read(600)[512:517])
        self.assertEqual(b'hello', disk.read(5, 512))
        self.assertRaises(OSError, disk.write, b'x', GIB)
        self.san.unmask('one')
        (disk,) = guest.disks(lpar)
        self.assertRaises(OSError, disk.read, 5)
        self.assertEqual(('vios1',), disk.vioses)
