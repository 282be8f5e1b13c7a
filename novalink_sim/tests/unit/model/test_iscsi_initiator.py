# SPDX-License-Identifier: Apache-2.0
"""The iSCSI initiators of VIOSes, without a client."""

import pathlib
from typing import Any

import fixtures

from novalink_sim.model import guest
from novalink_sim.model import iscsi
from novalink_sim.model import iscsi_initiator
from novalink_sim.model import mappings
from novalink_sim.model import san
from novalink_sim.model import scsi
from novalink_sim.tests.unit.model import base

IQN = 'iqn.x:array'
HERE, THERE = '10.0.0.1:3260', '10.0.0.2:3260'
MIB = 1 << 20


class InitiatorTest(base.ModelCase):
    """A VIOS, and a target with two volumes behind two portals."""

    def setUp(self) -> None:
        super().setUp()
        self.san = self.system.san
        self.san.directory = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path
        )
        self.san.arrays.append(san.DiskArray('array1'))
        self.target = iscsi.add_target(self.san, IQN, (HERE, THERE))
        for number, name in enumerate(('one', 'two')):
            volume = self.san.create(name, MIB)
            volume.file.write_bytes(name.encode().ljust(MIB, b'\0'))
            iscsi.export(self.san, IQN, name, number)

    def discover(
        self, lun: int = 0, *portals: str, **kwargs: Any
    ) -> tuple[int, list[str]]:
        """Log in; return the code and the names of disks."""
        points = [
            iscsi_initiator.Endpoint(IQN, portal, str(lun))
            for portal in portals or (HERE,)
        ]
        ask = iscsi_initiator.Discovery(tuple(points), **kwargs)
        code, found = iscsi_initiator.discover(self.vios, ask)
        return code, [disk.name for disk in found]

    def remove(self, lun: int | None = None, portal: str = HERE) -> None:
        """Remove a disk."""
        number = None if lun is None else str(lun)
        leaving = iscsi_initiator.Leaving(IQN, portal, number)
        iscsi_initiator.remove(self.vios, [leaving])

    def map(self, *_args: Any, **_kwargs: Any) -> Any:
        """Map the last disk to a partition; return it."""
        lpar, disk = self.lpar(), self.vios.volumes[-1]
        wanted = mappings.StorageRequest(scsi.VOLUME, udid=disk.udid)
        ask = mappings.MappingRequest(lpar.uuid, storage=wanted)
        mappings.update(self.vios, [ask])
        return lpar

    def sessions(self) -> list[str]:
        """Where the VIOS is logged in."""
        return [session.portal for session in self.vios.initiator.sessions]

    def test_one_session_for_all_disks_of_a_target(self) -> None:
        (first,) = self.discover(0)[1]
        code, (second,) = self.discover(1)
        self.assertEqual(iscsi.SESSION_EXISTS, code)
        self.assertNotEqual(first, second)
        self.remove(0)
        self.assertEqual([HERE], self.sessions())
        self.remove(1)
        self.assertEqual([], self.sessions())

    def test_one_disk_on_several_paths(self) -> None:
        _, names = self.discover(0, HERE, THERE, multipath=True)
        self.assertEqual(1, len(set(names)))
        # The other path leads to it.
        self.map()
        self.remove(0)
        self.assertEqual([THERE], self.sessions())
        self.assertRaises(iscsi.Refused, self.remove, 0, THERE)
        self.assertEqual([THERE], self.sessions())

    def test_all_disks_of_a_target_go(self) -> None:
        self.discover(0)
        self.discover(1)
        before = len(self.vios.volumes)
        self.remove()
        self.assertEqual(before - 2, len(self.vios.volumes))

    def test_bytes_are_those_at_the_end_of_the_path(self) -> None:
        self.discover(0)
        (disk,) = guest.disks(self.map())
        self.assertEqual(b'one', disk.read(3))
        iscsi.export(self.san, IQN, 'two', 0)
        (disk,) = guest.disks(self.system.lpar('vm'))
        self.assertEqual(b'two', disk.read(3))
        self.assertEqual(
            self.san.volume('one').udid, self.vios.volumes[-1].udid
        )

    def test_no_way_to_a_disk(self) -> None:
        self.discover(0, HERE, THERE, multipath=True)
        disk = self.vios.volumes[-1]
        iscsi.set_portal(self.san, HERE, 'down')
        self.assertEqual('active', disk.shown_state)
        iscsi.set_portal(self.san, THERE, 'refuse')
        self.assertEqual('missing', disk.shown_state)
        iscsi.set_portal(self.san, HERE, 'up')
        self.target.luns.clear()
        self.assertEqual('missing', disk.shown_state)

    def test_portal_of_another_transport(self) -> None:
        self.target.transports.remove('iser')
        refused = self.assertRaises(
            iscsi.Refused, self.discover, interface='iser'
        )
        self.assertEqual(iscsi.LOGIN, refused.code)
