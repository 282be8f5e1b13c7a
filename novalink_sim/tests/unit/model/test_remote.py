# SPDX-License-Identifier: Apache-2.0
"""Storage of the network."""

import json
import pathlib

import fixtures
import testtools

from novalink_sim.model import remote

EXPORT = 'filer1:/export/cinder'


class RemoteTest(testtools.TestCase):
    """Shares and Ceph clusters, without any system."""

    def setUp(self) -> None:
        super().setUp()
        home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.remote = remote.RemoteStorage(home)

    def test_shares(self) -> None:
        share = self.remote.add_share(remote.Share(EXPORT))
        self.remote.add_share(remote.Share('gpfs0', 'gpfs'))
        index = json.loads(self.remote.index.read_text())
        self.assertEqual(str(share.directory), index[EXPORT]['directory'])
        for source in (EXPORT, 'filer', '/filer:/x'):
            self.assertRaises(
                ValueError, self.remote.add_share, remote.Share(source)
            )
        self.assertRaises(ValueError, share.file, '../escape')
        self.assertRaises(ValueError, self.remote.share, 'none')

    def test_images(self) -> None:
        cluster = remote.CephCluster('c', (), [remote.CephPool('p')])
        self.remote.add_cluster(cluster)
        image = self.remote.add_image(cluster.pools[0], 'i', 10)
        self.assertIs(image, cluster.find('p/i'))
        self.assertEqual(10, image.file.stat().st_size)
        for name in ('i', '../i'):
            self.assertRaises(
                ValueError, self.remote.add_image, cluster.pools[0], name, 1
            )
        self.remote.remove_image(image)
        self.assertFalse(image.file.exists())
        self.assertRaises(ValueError, self.remote.cluster, 'other')

    def test_dump(self) -> None:
        share = self.remote.add_share(remote.Share(EXPORT, answers=False))
        remote.set_size(share.file('volume'), 7)
        cluster = remote.CephCluster('c', ('mon',), [remote.CephPool('p')])
        self.remote.add_cluster(cluster)
        self.remote.add_image(cluster.pools[0], 'i', 10)
        state = self.remote.to_dict()
        self.remote.remove_image(cluster.pools[0].images[0])
        share.file('volume').unlink()
        self.remote.from_dict(json.loads(json.dumps(state)))
        self.assertEqual(state, self.remote.to_dict())
        self.assertEqual(7, share.file('volume').stat().st_size)
        self.assertRaises(ValueError, self.remote.from_dict, {'shares': 1})
