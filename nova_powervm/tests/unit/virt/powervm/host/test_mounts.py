# SPDX-License-Identifier: Apache-2.0
"""NFS exports that are mounted on the management partition."""

import os
import pathlib
import threading
from typing import Any

import fixtures
import testtools
from os_brick.remotefs import remotefs
from oslo_concurrency import processutils
from oslo_privsep import daemon

from nova_powervm.virt.powervm.host import mounts
from novalink_sim.control import byhand_remote
from novalink_sim.hostroot import mounting
from novalink_sim.model import remote
from novalink_sim.model import system

EXPORT = 'filer1:/export/cinder'
BASE = '/var/lib/nova/mnt'


def _unused(_directory: str) -> bool:
    return False


class MountsTest(testtools.TestCase):
    """A simulated management partition, whose commands need no rights."""

    def setUp(self) -> None:
        super().setUp()
        home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.root = home / 'root'
        self.model = system.ManagedSystem('host1', 'seed', self.root)
        shared = remote.RemoteStorage(home)
        shared.add_share(remote.Share(EXPORT))
        self.model.join(shared)
        self.mounts = mounts.NfsMounts(str(self.root), BASE)
        self.own = self.mounts.directory(EXPORT)

    def points(self) -> list[str]:
        return [f'/{mount.at}' for mount in mounting.read(self.root)]

    def take(self, export: str = EXPORT, *options: str) -> str:
        return self.mounts.take(export, options, 'volume')

    def test_directory(self) -> None:
        """A mount of os-brick is found, and the other way round."""
        client = remotefs.RemoteFsClient(
            'nfs', 'sudo', nfs_mount_point_base=BASE
        )
        self.assertEqual(client.get_mount_point(EXPORT), self.own)

    def test_mounted_and_unmounted(self) -> None:
        for _ in range(2):
            self.assertEqual(self.own, self.take())
        self.assertEqual([self.own], self.points())
        self.mounts.settle(EXPORT, 'volume')
        self.mounts.drop(self.own, _unused)
        self.assertEqual([self.own], self.points())
        self.mounts.settle(EXPORT, 'volume')
        self.mounts.drop(self.own, lambda place: place == self.own)
        self.assertEqual([self.own], self.points())
        self.mounts.drop(self.own, _unused)
        self.assertEqual([], self.points())
        self.assertFalse((self.root / self.own[1:]).exists())
        self.mounts.drop(self.own, _unused)
        self.mounts.settle(EXPORT, 'volume')

    def test_options(self) -> None:
        self.mounts = mounts.NfsMounts(str(self.root), BASE, 'hard')
        self.take(EXPORT, 'vers=4.2,suid')
        (mount,) = self.model.mounts
        self.assertEqual(
            'rw,relatime,hard,vers=4.2,suid,nosuid,nodev,noexec', mount.options
        )

    def test_mount_of_somebody_else(self) -> None:
        byhand_remote.mount_share(self.model, EXPORT, '/mnt/with blank')
        self.assertEqual('/mnt/with blank', self.take())
        self.mounts.settle(EXPORT, 'volume')
        self.mounts.drop('/mnt/with blank', _unused)
        self.assertEqual(['/mnt/with blank'], self.points())

    def test_something_else_at_our_place(self) -> None:
        byhand_remote.create_share(self.model, 'filer2:/other')
        byhand_remote.mount_share(self.model, 'filer2:/other', self.own)
        self.mounts.drop(self.own, _unused)
        self.assertEqual([self.own], self.points())

    def test_refused(self) -> None:
        refused = self.assertRaises(
            mounts.MountError, self.take, 'filer1:/other'
        )
        self.assertIn('access denied by server', str(refused))
        self.assertEqual([], self.points())

    def test_busy(self) -> None:
        self.take()
        self.mounts.settle(EXPORT, 'volume')
        mounting.set_busy(self.root, [f'{self.own[1:]}/volume'])
        refused = self.assertRaises(
            mounts.MountError, self.mounts.drop, self.own, _unused
        )
        self.assertIn('target is busy', str(refused))

    def test_no_table(self) -> None:
        (self.root / mounting.TABLE).unlink()
        refused = self.assertRaises(mounts.MountError, self.take)
        self.assertIn('cannot be read', str(refused))

    def test_directory_that_cannot_be_made(self) -> None:
        (self.root / 'var/lib').mkdir(exist_ok=True)
        (self.root / 'var/lib/nova').write_text('a file')
        refused = self.assertRaises(mounts.MountError, self.take)
        self.assertIn('nfs_mount_point_base', str(refused))

    def test_many_at_once(self) -> None:
        threads = [threading.Thread(target=self.take) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([self.own], self.points())


class PrivilegedTest(MountsTest):
    """Where the commands are those of root, root does it."""

    def setUp(self) -> None:
        super().setUp()
        somebody = os.geteuid() + 1
        self.useFixture(fixtures.MonkeyPatch('os.geteuid', lambda: somebody))
        self.calls: list[tuple[Any, ...]] = []
        for name in ('mount', 'umount'):
            self.useFixture(
                fixtures.MonkeyPatch(
                    f'nova.privsep.fs.{name}', self.privileged(name)
                )
            )

    def privileged(self, name: str) -> Any:
        def run(*args: Any) -> None:
            self.calls.append((name, *args))
            words: list[str] = [str(args[0])]
            if name == 'mount':
                kind, device, point, options = args
                words = ['-t', kind, *options, device, point]
            try:
                mounting.run(self.root, name, words)
            except mounting.MountError as exc:
                raise processutils.ProcessExecutionError(
                    stderr=str(exc)
                ) from exc

        return run

    def test_mounted_and_unmounted(self) -> None:
        super().test_mounted_and_unmounted()
        where = str(self.root / self.own[1:])
        options = ['-o', 'nosuid,nodev,noexec']
        self.assertEqual(
            [('mount', 'nfs', EXPORT, where, options), ('umount', where)],
            self.calls,
        )

    def test_no_rights(self) -> None:
        """Nova's process cannot be started."""

        def fail(*_args: Any) -> None:
            raise daemon.FailedToDropPrivileges('sudo said no')

        with fixtures.MonkeyPatch('nova.privsep.fs.mount', fail):
            refused = self.assertRaises(mounts.MountError, self.take)
        self.assertIn('sudo said no', str(refused))
