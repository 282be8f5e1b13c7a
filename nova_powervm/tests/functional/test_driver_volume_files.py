# SPDX-License-Identifier: Apache-2.0
"""Volumes that are files: NFS, GPFS and what Cinder has on the host."""

import os
from typing import Any

from nova import exception

from nova_powervm.tests.functional import hosted_volumes
from nova_powervm.virt.powervm.lpar import query

EXPORT = 'filer1:/export/cinder'
NAME = 'volume-1'


class NfsTest(hosted_volumes.HostedVolumeTest):
    """The export is mounted for as long as a volume of it is attached."""

    def setUp(self) -> None:
        super().setUp()
        self.share = self.host.sim.remote.share(EXPORT)
        self.volume = self.nfs(NAME)
        hosted_volumes.write(self.share.file(NAME))

    def nfs(self, name: str, **data: Any) -> dict[str, Any]:
        """A volume, and the file of it."""
        self.operate('set-share-file', source=EXPORT, file=name, size_gb=1.0)
        known = {'export': EXPORT, 'name': name, 'format': 'raw'}
        return self.connection('nfs', **(known | data))

    def mounts(self) -> list[str]:
        """Where exports are mounted."""
        found = self.host.model('host1').mounts
        return [f'/{m.at}' for m in found if m.share == EXPORT]

    def test_life(self) -> None:
        self.attach(self.volume)
        (disk,) = self.attached()
        self.assertEqual(
            hosted_volumes.CONTENT, hosted_volumes.read(disk.path)
        )
        hosted_volumes.write(disk.path, b'the server')
        with self.share.file(NAME).open('rb') as file:
            self.assertEqual(b'the server', file.read(10))
        (point,) = self.mounts()
        self.assertEqual(f'{point}/{NAME}', disk.name)
        base = self.driver.host.settings.nfs_mount_point_base
        self.assertEqual(base, os.path.dirname(point))
        # Again, as Nova does when it is not sure.
        self.attach(self.volume)
        self.assertEqual([disk], self.attached())
        self.detach(self.volume)
        self.assert_as_built()
        self.detach(self.volume)
        self.assert_as_built()

    def test_stopped_server(self) -> None:
        self.driver.power_off(self.guest)
        self.attach(self.volume)
        self.driver.power_on(None, self.guest, self.network_info)
        self.assertEqual(1, len(self.attached()))
        self.driver.power_off(self.guest)
        self.detach(self.volume)
        self.assertEqual([], self.attached())
        self.assertEqual([], self.mounts())
        self.assertEqual(query.NOT_ACTIVATED, self.state(self.guest))

    def test_last_volume_of_the_export(self) -> None:
        second = self.nfs('volume-2')
        for volume in (self.volume, second):
            self.attach(volume)
        self.detach(self.volume)
        self.assertEqual(1, len(self.mounts()))
        (disk,) = self.attached()
        self.assertTrue(disk.name.endswith('/volume-2'))
        self.detach(second)
        self.assert_as_built()

    def test_mount_of_an_administrator(self) -> None:
        self.operate('mount-share', source=EXPORT, at='/mnt/cinder')
        self.attach(self.volume)
        (disk,) = self.attached()
        self.assertEqual(f'/mnt/cinder/{NAME}', disk.name)
        self.detach(self.volume)
        self.assertEqual(['/mnt/cinder'], self.mounts())

    def test_removal_of_the_server(self) -> None:
        """Nova may not tell the volumes; what was noted does."""
        self.attach(self.volume)
        self.destroy(self.guest)
        self.assert_unchanged()

    def test_extended(self) -> None:
        self.attach(self.volume)
        self.operate('set-share-file', source=EXPORT, file=NAME, size_gb=2.0)
        (disk,) = self.attached()
        self.assertEqual(1 << 30, disk.size)
        self.driver.extend_volume(
            self.context, self.volume, self.guest, 2 << 30
        )
        (disk,) = self.attached()
        self.assertEqual(2 << 30, disk.size)
        failed = self.assertRaises(
            exception.VolumeExtendFailed,
            self.driver.extend_volume,
            self.context,
            self.nfs('volume-2'),
            self.guest,
            2 << 30,
        )
        self.assertIn('does not map', str(failed))

    def test_options_of_mounts(self) -> None:
        self.attach(self.nfs('volume-2', options='-o vers=4.1'))
        (mount,) = (
            m for m in self.host.model('host1').mounts if m.share == EXPORT
        )
        self.assertEqual('rw,relatime,vers=4.1', mount.options)

    def test_refused(self) -> None:
        os.symlink('/etc/passwd', self.share.directory / 'link')
        for data, reason in (
            ({'format': 'qcow2'}, 'file of format qcow2'),
            ({'export': 'filer1:/other'}, 'access denied by server'),
            ({'export': 'filer2:/x'}, 'resolve server filer2'),
            ({'export': '-v:/x'}, 'not like host:/path'),
            ({'export': EXPORT, 'options': '-o a;b'}, 'no options'),
            ({'name': 'volume-3'}, 'No such file'),
            ({'name': '../volume-1'}, 'not the name of a file'),
            ({'name': '..'}, 'not the name of a file'),
            ({'name': None}, 'not the name of a file'),
            ({'name': 'link'}, 'neither a file nor'),
        ):
            volume = self.nfs(NAME)
            volume['data'].update(data)
            self.assertIn(reason, self.refused(volume))
        self.operate('set-share', source=EXPORT, answers=False)
        self.assertIn('timed out', self.refused(self.volume))
        self.assert_as_built()

    def test_another_server_has_it(self) -> None:
        self.attach(self.volume)
        other = self.other_server()
        self.assertIn('to partition', self.refused(self.volume, other))
        self.detach(self.volume, other)
        self.assertEqual(1, len(self.attached()))

    def leave_mounted(self) -> None:
        """Let a volume be detached, but its export not be unmounted."""
        tool = self.host.host_root('host1') / 'usr/bin/umount'
        text = tool.read_text()
        tool.write_text('#!/bin/sh\necho target is busy. >&2\nexit 32\n')
        self.attach(self.volume)
        self.detach(self.volume)
        self.assertEqual([], self.attached())
        self.assertEqual(1, len(self.mounts()))
        tool.write_text(text)

    def test_unmount_fails(self) -> None:
        """The volume is detached all the same; the next one mends it."""
        self.leave_mounted()
        self.assertIn('target is busy', self.logs.output)
        self.attach(self.volume)
        self.detach(self.volume)
        self.assert_as_built()

    def test_mount_that_was_left(self) -> None:
        """A start of the service unmounts what nothing uses."""
        self.leave_mounted()
        self.harness.restart()
        self.assert_as_built()
        self.driver = self.harness.driver
        self.attach(self.volume)
        self.harness.restart()
        self.assertEqual(1, len(self.mounts()))
        self.assertEqual(1, len(self.attached()))


class PathTest(hosted_volumes.HostedVolumeTest):
    """Cinder tells the path of the file."""

    def test_gpfs(self) -> None:
        self.operate(
            'set-share-file', source='gpfs0', file='volume-1', size_gb=1.0
        )
        built = self.built = self.host.state('host1', self.image)
        volume = self.connection('gpfs', device_path='/gpfs/fs0/volume-1')
        share = self.host.sim.remote.share('gpfs0')
        hosted_volumes.write(share.file('volume-1'))
        self.attach(volume)
        (disk,) = self.attached()
        self.assertEqual('/gpfs/fs0/volume-1', disk.name)
        self.assertEqual(
            hosted_volumes.CONTENT, hosted_volumes.read(disk.path)
        )
        self.detach(volume)
        self.assertEqual([], self.host.changes('host1', built, self.image))

    def test_local(self) -> None:
        path = '/var/lib/cinder/volumes/volume-1'
        self.operate('set-host-file', path=path, size_gb=1.0)
        volume = self.connection('local', device_path=path)
        self.attach(volume)
        self.assertEqual([path], [disk.name for disk in self.attached()])
        self.detach(volume)
        self.assert_as_built()

    def test_refused(self) -> None:
        for data, reason in (
            ({'device_path': '/srv/none'}, 'No such file'),
            ({'device_path': '/gpfs/../etc/passwd'}, 'no absolute path'),
            ({'device_path': 'volume'}, 'no absolute path'),
            ({}, 'no absolute path'),
            ({'device_path': '/srv/v', 'format': 'qcow2'}, 'format qcow2'),
            ({'device_path': '/srv/v', 'encrypted': True}, 'encrypted'),
        ):
            volume = self.connection('local', **data)
            self.assertIn(reason, self.refused(volume))


class OrdinaryServerTest(hosted_volumes.HostedVolumeTest):
    """The management partition is no VIOS."""

    PRESET = 'localdisk'
    OPTIONS = {}

    def test_refused(self) -> None:
        path = '/srv/volume-1'
        self.operate('set-host-file', path=path, size_gb=1.0)
        for volume in (
            self.connection('local', device_path=path),
            self.connection('nfs', export=EXPORT, name='volume-1'),
            self.connection('rbd', name='volumes/volume-1'),
        ):
            self.assertIn('software-defined', self.refused(volume))
            self.detach(volume)
