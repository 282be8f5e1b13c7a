# SPDX-License-Identifier: Apache-2.0
"""Volumes that are files: NFS, GPFS and what Cinder has on the host."""

import concurrent.futures
import dataclasses
import functools
import itertools
import os
from typing import Any

import fixtures
from nova import exception
from nova import objects

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import volumes
from nova_powervm.tests.functional import hosted_volumes
from nova_powervm.virt.powervm.host import mounts
from nova_powervm.virt.powervm.lpar import query
from nova_powervm.virt.powervm.volume import parsing

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

    def test_one_comes_just_before_the_export_goes(self) -> None:
        """After it was asked what is mapped."""
        self.attach(self.volume)
        second, other = self.nfs('volume-2'), self.other_server()
        drop = mounts.NfsMounts.drop
        coming = [lambda: self.attach(second, other)]

        def late(*args: Any) -> None:
            if coming:
                coming.pop()()
            drop(*args)

        with fixtures.MonkeyPatch(f'{mounts.__name__}.NfsMounts.drop', late):
            self.detach(self.volume)
        (disk,) = self.attached(other)
        self.assertTrue(os.path.exists(disk.path), disk.path)

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
        failed = self.assertRaises(
            exception.VolumeExtendFailed,
            self.driver.extend_volume,
            self.context,
            self.volume,
            self.guest,
            5 << 30,
        )
        self.assertIn('5120 MiB', str(failed))
        self.assertIn('2048 MiB', str(failed))

    def test_extended_while_stopped(self) -> None:
        self.attach(self.volume)
        self.driver.power_off(self.guest)
        self.operate('set-share-file', source=EXPORT, file=NAME, size_gb=3.0)
        self.driver.extend_volume(
            self.context, self.volume, self.guest, 3 << 30
        )
        (disk,) = self.attached()
        self.assertEqual(3 << 30, disk.size)

    def test_requests(self) -> None:
        attach = functools.partial(self.attach, self.volume)
        self.assertEqual(['GET -', 'POST -'], self.requests(attach))
        extend = functools.partial(
            self.driver.extend_volume,
            self.context,
            self.volume,
            self.guest,
            1 << 30,
        )
        extend()
        job = 'RescanVirtualDisk'
        self.assertEqual(
            ['GET -', f'PUT {job}', 'DELETE -', 'GET -'],
            self.requests(extend),
        )
        detach = functools.partial(self.detach, self.volume)
        # The last one of the export: nothing else must be mapped meanwhile.
        self.assertEqual(['GET -', 'POST -', 'GET -'], self.requests(detach))

    def test_boot_from_volume(self) -> None:
        root, data = self.nfs('volume-2'), self.nfs('volume-3')
        devices = volumes.block_devices(
            [
                volumes.mapping(data, boot_index=-1, size_gb=1),
                volumes.mapping(root, boot_index=0, size_gb=1),
            ]
        )
        guest = nova_objects.instance(None)
        ports = nova_objects.network_info()
        self.driver.spawn(
            self.context,
            guest,
            objects.ImageMeta.from_dict({}),
            [],
            'secret',
            {},
            network_info=ports,
            block_device_info=devices,
        )
        names = [
            os.path.basename(disk.name)
            for disk in self.host.lpar('host1', guest.uuid).disks
        ]
        self.assertEqual(['volume-2', 'volume-3'], names)
        self.driver.destroy(
            self.context, guest, ports, block_device_info=devices
        )
        self.assertEqual([], self.mounts())

    def test_many_at_once(self) -> None:
        """One mount serves them all, and is there until the last goes."""
        found = [self.nfs(f'volume-{number}') for number in range(10, 18)]
        for operation, left in ((self.attach, 8), (self.detach, 0)):
            with concurrent.futures.ThreadPoolExecutor(len(found)) as pool:
                for future in [pool.submit(operation, one) for one in found]:
                    future.result()
            self.assertEqual(left, len(self.attached()))
            self.assertEqual(min(left, 1), len(self.mounts()))

    def test_one_comes_and_another_goes(self) -> None:
        others = [self.nfs(f'volume-{number}') for number in range(10, 16)]
        self.attach(self.volume)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for before, after in itertools.pairwise([self.volume, *others]):
                gone = pool.submit(self.detach, before)
                come = pool.submit(self.attach, after)
                for future in (gone, come):
                    future.result()
                (disk,) = self.attached()
                self.assertTrue(os.path.exists(disk.path), disk.path)

    def test_remote_rest_api(self) -> None:
        """We cannot look at files where nova-compute does not run."""
        host = self.driver.host
        elsewhere = dataclasses.replace(
            host.settings.rest, host='novalink.example.com'
        )
        settings = dataclasses.replace(host.settings, rest=elsewhere)
        connector = host.volumes.connector(
            parsing.volume(self.guest, self.volume)
        )
        connector.parts = dataclasses.replace(
            connector.parts, settings=settings
        )
        failed = self.refused(self.volume)
        self.assertIn('rest_host is novalink.example.com', failed)

    def test_management_partition_is_down(self) -> None:
        self.attach(self.volume)
        self.host.power_off_vios('host1', 'novalink')
        self.driver.host.vios.load()
        other = self.nfs('volume-2')
        self.assertIn('not activated', self.refused(other))
        failed = self.assertRaises(
            exception.VolumeDetachFailed, self.detach, self.volume
        )
        self.assertIn('not activated', str(failed))
        self.host.power_on_vios('host1', 'novalink')
        self.driver.host.vios.load()
        self.detach(self.volume)
        self.assert_as_built()

    def test_options_of_mounts(self) -> None:
        self.attach(self.nfs('volume-2', options='-o vers=4.1'))
        (mount,) = (
            m for m in self.host.model('host1').mounts if m.share == EXPORT
        )
        self.assertEqual(
            'rw,relatime,vers=4.1,nosuid,nodev,noexec', mount.options
        )

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
            ({'name': 'link'}, 'no plain file'),
        ):
            volume = self.nfs(NAME)
            volume['data'].update(data)
            self.assertIn(reason, self.refused(volume))
        self.operate('set-share-file', source=EXPORT, file='v', size_gb=0.5)
        self.volume['data']['name'] = 'v'
        self.assertIn('the volume has', self.refused(self.volume))
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
            ({'device_path': '/srv/v', 'access_mode': 'ro'}, 'only volumes'),
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
