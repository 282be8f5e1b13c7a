# SPDX-License-Identifier: Apache-2.0
"""What happens by hand to the storage of the network."""

from typing import Any

import testtools

from novalink_sim import fixture

EXPORT = 'filer1:/export/cinder'
GIB = 1 << 30


class RemoteTest(testtools.TestCase):
    """Two systems, a file system and a Ceph cluster that both reach."""

    def setUp(self) -> None:
        super().setUp()
        made = self.useFixture(fixture.NovaLinkSim('software-defined'))
        self.sim = made.sim
        self.host1, self.host2 = self.sim.systems.values()

    def act(self, name: str, /, **args: Any) -> None:
        """Do an action on the first system."""
        self.host1.operate(name, **args)

    def refused(self, name: str, /, **args: Any) -> str:
        return str(self.assertRaises(ValueError, self.act, name, **args))

    def test_files(self) -> None:
        before = self.sim.dump()
        file = {'source': EXPORT, 'file': 'volume'}
        self.act('set-share-file', size_gb=1.0, **file)
        for host in (self.host1, self.host2):
            host.operate('mount-share', source=EXPORT, at='/mnt/cinder')
            seen = host.hostroot / 'mnt/cinder/volume'
            self.assertEqual(GIB, seen.stat().st_size)
            host.operate('unmount-share', at='/mnt/cinder')
        self.act('delete-share-file', **file)
        self.assertEqual(before, self.sim.dump())
        self.act('set-share', source=EXPORT, answers=False)
        self.assertIn(
            'timed out', self.refused('mount-share', source=EXPORT, at='/mnt')
        )
        self.assertIn('not mounted', self.refused('unmount-share', at='/mnt'))

    def test_more_shares(self) -> None:
        self.act('create-share', source='gpfs1', gpfs=True)
        self.act('mount-share', source='gpfs1', at='/gpfs/fs1')
        self.act('set-share-file', source='gpfs1', file='v', size_gb=1.0)
        seen = self.host1.hostroot / 'gpfs/fs1/v'
        self.assertEqual(GIB, seen.stat().st_size)
        self.assertIn('already', self.refused('create-share', source=EXPORT))

    def test_files_of_the_host(self) -> None:
        self.act('set-host-file', path='/srv/volume', size_gb=1.0)
        file = self.host1.hostroot / 'srv/volume'
        self.assertEqual(GIB, file.stat().st_size)
        self.assertIn(
            'no absolute path',
            self.refused('set-host-file', path='/../x', size_gb=1.0),
        )

    def test_images(self) -> None:
        before = self.sim.dump()
        image = {'pool': 'volumes', 'image': 'volume'}
        self.act('set-image', size_gb=1.0, **image)
        self.act('set-image', size_gb=2.0, **image)
        found = self.sim.remote.cluster().find('volumes/volume')
        assert found is not None
        self.assertEqual(2 * GIB, found.file.stat().st_size)
        self.act('delete-image', **image)
        self.assertEqual(before, self.sim.dump())
        self.assertIn('no RBD image', self.refused('delete-image', **image))
        self.assertIn(
            'no Ceph pool',
            self.refused('set-image', pool='x', image='y', size_gb=1.0),
        )

    def test_dump_and_reset(self) -> None:
        fresh = self.sim.dump()
        self.act('mount-share', source=EXPORT, at='/mnt/cinder')
        self.act('set-share-file', source=EXPORT, file='v', size_gb=1.0)
        state = self.sim.dump()
        self.sim.reset()
        for section in ('systems', 'remote'):
            self.assertEqual(fresh[section], self.sim.dump()[section])
        self.sim.load(state)
        for section in ('systems', 'remote'):
            self.assertEqual(state[section], self.sim.dump()[section])
        seen = self.host1.hostroot / 'mnt/cinder/v'
        self.assertEqual(GIB, seen.stat().st_size)
