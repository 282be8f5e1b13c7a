# SPDX-License-Identifier: Apache-2.0
"""mount and umount of a simulated management partition."""

import pathlib
import subprocess

import fixtures
import testtools

from novalink_sim.hostroot import mounting
from novalink_sim.hostroot import tree
from novalink_sim.model import remote

EXPORT = 'filer1:/export/cinder'


class MountingTest(testtools.TestCase):
    """The commands, run as the driver runs them."""

    def setUp(self) -> None:
        super().setUp()
        home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.remote = remote.RemoteStorage(home)
        self.share = self.remote.add_share(remote.Share(EXPORT))
        self.share.file('volume').write_text('bytes')
        self.root = home / 'root'
        tree.create(self.root)
        (self.root / mounting.SHARES).symlink_to(self.remote.index)
        self.point = self.root / 'mnt/cinder'
        self.point.mkdir(parents=True)

    def run_tool(self, name: str, *args: str) -> tuple[int, str]:
        done = subprocess.run(
            [self.root / 'usr/bin' / name, *args],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr.strip()

    def mount(
        self, source: str = EXPORT, *options: str, at: str = 'mnt/cinder'
    ) -> tuple[int, str]:
        point = str(self.root / at)
        return self.run_tool('mount', '-t', 'nfs', *options, source, point)

    def test_mount_and_unmount(self) -> None:
        (self.point / 'covered').touch()
        self.assertEqual((0, ''), self.mount(EXPORT, '-o', 'vers=4.2'))
        self.assertEqual('bytes', (self.point / 'volume').read_text())
        self.assertIn(
            f'{EXPORT} /mnt/cinder nfs4 rw,relatime,vers=4.2 0 0\n',
            (self.root / 'proc/mounts').read_text(),
        )
        status, message = self.mount()
        self.assertEqual(32, status)
        self.assertIn('already mounted', message)
        self.assertEqual((0, ''), self.run_tool('umount', str(self.point)))
        self.assertEqual(['covered'], [f.name for f in self.point.iterdir()])
        self.assertEqual([], mounting.read(self.root))

    def test_refused(self) -> None:
        refusals = {
            'access denied': self.mount('filer1:/export/other'),
            'resolve server filer2': self.mount('filer2:/export/cinder'),
            'does not exist': self.mount(at='mnt/none'),
            'not mounted': self.run_tool('umount', str(self.point)),
        }
        self.share.answers = False
        self.remote.note_shares()
        refusals['timed out'] = self.mount()
        for reason, (status, message) in refusals.items():
            self.assertEqual(32, status)
            self.assertIn(reason, message)

    def test_busy(self) -> None:
        self.mount()
        mounting.set_busy(self.root, ['mnt/cinder/volume'])
        status, message = self.run_tool('umount', str(self.point))
        self.assertEqual(32, status)
        self.assertIn('target is busy', message)

    def test_usage(self) -> None:
        outside = str(self.root.parent)
        for name, args in (
            ('mount', ()),
            ('mount', ('-t', 'nfs', EXPORT, outside)),
            ('mount', ('-t', 'xfs', EXPORT, str(self.point))),
            ('umount', ('-l', str(self.point))),
        ):
            self.assertEqual(1, self.run_tool(name, *args)[0])

    def test_replaced(self) -> None:
        """As by the load of a dump; names with blanks stay what they are."""
        self.mount()
        wanted = [mounting.Mount(EXPORT, 'mnt/with blank\\x')]
        mounting.replace(self.root, wanted)
        self.assertEqual(wanted, mounting.read(self.root))
        self.assertFalse((self.point / 'volume').exists())
        self.assertTrue((self.root / wanted[0].at / 'volume').exists())
