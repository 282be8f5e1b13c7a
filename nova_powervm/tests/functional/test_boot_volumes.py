# SPDX-License-Identifier: Apache-2.0
"""Servers boot from volumes, and have others as well."""

from typing import Any

from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import volume_base

VIOS_POST = '/rest/api/uom/VirtualIOServer/{}'


class BootTest(volume_base.VolumeTest):
    """Words for what servers boot from."""

    def booted_from(self, server: base.Server) -> arrays.Volume | None:
        """The volume that a server was booted from."""
        source = self.platform.partition('host1', server['id']).booted_from
        volumes: list[arrays.Volume] = self.cinder.volumes_of(server)
        for volume in volumes:
            disk = self.seen(server, volume)
            if (disk.slot, disk.lua) == (source.slot, source.lua):
                return volume
        return None

    def root(self, image: images.ImageFile, **options: Any) -> dict[str, Any]:
        """A boot volume that Cinder is to make of an image."""
        return volume_base.device(
            'image', image.id, boot_index=0, volume_size=1, **options
        )

    def assert_holds(
        self, volume: arrays.Volume, image: images.ImageFile
    ) -> None:
        """A volume begins with an image."""
        content = b''.join(image.chunks())
        self.assertTrue(content == volume.read(len(content)), volume.id)


class TestBoot(BootTest):
    """From the boot to the deletion."""

    def test_several_volumes_in_any_order(self) -> None:
        before = self.platform.state('host1')
        kept = self.cinder.make(1)
        kept.write(b'kept')
        snapshot = self.cinder.snapshot(kept)
        self.platform.clear_journal()
        server = self.boot_from(
            volume_base.device('blank', volume_size=2),
            volume_base.device('volume', kept.id),
            self.root(self.image, delete_on_termination=True),
            volume_base.device(
                'snapshot', snapshot, delete_on_termination=True
            ),
        )
        # One write for each VIOS, however many volumes.
        changes = [
            entry.path
            for entry in self.platform.writes()
            if (entry.method, entry.template) == ('POST', VIOS_POST)
        ]
        self.assertEqual(len(set(changes)), len(changes))
        volumes = self.cinder.volumes_of(server)
        self.assertEqual(4, len(volumes))
        root = self.booted_from(server)
        assert root is not None
        self.assert_holds(root, self.image)
        marked = [volume for volume in volumes if volume.read(4) == b'kept']
        (copy,) = (volume for volume in marked if volume is not kept)
        for volume in volumes:
            self.assert_sees(server, volume)
        self.delete(server)
        self.assertEqual({root.id, copy.id}, set(self.cinder.deleted))
        left = [volume for volume in volumes if volume not in (root, copy)]
        self.assert_free(*left)
        self.assertEqual([], self.platform.changes('host1', before))

    def test_life(self) -> None:
        """Stop and start, hard reboot, shelve, snapshot."""
        before = self.platform.state('host1')
        data = self.cinder.make(1)
        server = self.boot_from(
            self.root(self.image), volume_base.device('volume', data.id)
        )
        root = self.booted_from(server)
        assert root is not None
        self._stop_server(server)
        self._start_server(server)
        self.cinder.refreshes.clear()
        self._reboot_server(server, hard=True)
        self.assertEqual(2, len(set(self.cinder.refreshes)))
        self.assertIs(root, self.booted_from(server))
        self._shelve_server(server, 'SHELVED_OFFLOADED')
        self.assertEqual([], self.platform.changes('host1', before))
        self.assertEqual(('reserved',) * 2, (root.status, data.status))
        self._unshelve_server(server)
        self.assertIs(root, self.booted_from(server))
        for volume in (root, data):
            self.assert_sees(server, volume)
        self.check_snapshot(server, root)
        self.delete(server)
        self.assert_free(root, data)

    def check_snapshot(self, server: base.Server, root: arrays.Volume) -> None:
        """Cinder makes the snapshots, and servers boot from them."""
        name = 'snapshot'
        self.api.post_server_action(
            server['id'], {'createImage': {'name': name}}
        )
        (image,) = (
            found
            for found in self.glance.images.values()
            if found['name'] == name
        )
        other = self.boot(image['id'], self.flavor(disk_gb=0))
        volumes = self.cinder.volumes_of(other)
        self.assertEqual(2, len(volumes))
        self.assertNotIn(root, volumes)
        booted = self.booted_from(other)
        assert booted is not None
        self.assert_holds(booted, self.image)
        self.delete(other)


class TestRebuild(BootTest):
    """Servers with volumes are built anew."""

    def rebuild(self, server: base.Server, image: images.ImageFile) -> None:
        """Rebuild a server, its boot volume as well."""
        found = self.act(server, 'rebuild', imageRef=image.id)
        self.assertEqual('ACTIVE', found['status'], self.reasons(server))

    def test_boot_volume_is_written_anew(self) -> None:
        data = self.cinder.make(1)
        server = self.boot_from(
            self.root(self.image), volume_base.device('volume', data.id)
        )
        root = self.booted_from(server)
        assert root is not None
        data.write(b'kept')
        other = self.glance.make(2)
        # A failure of Cinder costs the partition, but not the server.
        del self.glance.files[other.id]
        found = self.act(server, 'rebuild', imageRef=other.id)
        self.assertEqual('ERROR', found['status'])
        self.glance.files[other.id] = other
        self.rebuild(server, other)
        self.assertIs(root, self.booted_from(server))
        self.assert_holds(root, other)
        self.assertEqual(b'kept', data.read(4))
        self.assert_sees(server, data)
        # Before 2.93 a rebuild does not touch the volume.
        root.write(b'mine')
        self.admin_api.microversion = '2.92'
        self.rebuild(server, other)
        self.assertIs(root, self.booted_from(server))
        self.assertEqual(b'mine', root.read(4))
        self.delete(server)
        self.assert_free(root, data)

    def test_data_volumes_stay_where_they_are(self) -> None:
        """A server with a disk from an image keeps its partition."""
        data = self.cinder.make(1)
        server = self.boot_from(
            volume_base.device('volume', data.id), image=self.image
        )
        place = self.seen(server, data)
        self.rebuild(server, self.glance.make(2))
        self.assertEqual(place, self.seen(server, data))
        self.assert_sees(server, data)
        self.detach(server, data)
        self.assert_free(data)


class TestRescue(BootTest):
    """Another image is booted in place of a volume for a while."""

    def rescue(self, server: base.Server, image: images.ImageFile) -> None:
        """Rescue a server."""
        self.api.post_server_action(
            server['id'], {'rescue': {'rescue_image_ref': image.id}}
        )
        self.wait_for(server, 'RESCUE')

    def test_both_ways(self) -> None:
        data = self.cinder.make(1)
        server = self.boot_from(
            self.root(self.image), volume_base.device('volume', data.id)
        )
        root = self.booted_from(server)
        assert root is not None
        usual = self.platform.state('host1')
        properties = (('hw_rescue_bus', 'scsi'), ('hw_rescue_device', 'disk'))
        medium = self.glance.make(2, properties=properties)
        for _again in range(2):
            self.rescue(server, medium)
            partition = self.platform.partition('host1', server['id'])
            self.assertTrue(partition.booted_from.name.startswith('r_'))
            # It is there to be repaired.
            self.assertIsNotNone(self.seen(server, root))
            self.assert_sees(server, data)
            self.api.post_server_action(server['id'], {'unrescue': None})
            self.wait_for(server, 'ACTIVE')
            self.assertIs(root, self.booted_from(server))
            self.assertEqual([], self.platform.changes('host1', usual, medium))
        self.rescue(server, medium)
        self.delete(server)
        self.assert_free(root, data)

    def test_server_with_a_disk_of_its_own(self) -> None:
        """Its volume stays, also when it is removed to be rebuilt."""
        data = self.cinder.make(1)
        server = self.boot_from(
            volume_base.device('volume', data.id), image=self.image
        )
        place = self.seen(server, data)
        medium, other = self.glance.make(2), self.glance.make(2)
        self.rescue(server, medium)
        partition = self.platform.partition('host1', server['id'])
        self.assertTrue(partition.booted_from.name.startswith('r_'))
        self.assertEqual(place, self.seen(server, data))
        self.assert_sees(server, data)
        self.api.post_server_action(server['id'], {'unrescue': None})
        self.wait_for(server, 'ACTIVE')
        self.assertEqual(place, self.seen(server, data))
        self.computes['host1'].driver.cache_image(
            nova_objects.context(), other.id
        )
        self.platform.fill_volume_group('host1')
        self.act(server, 'rebuild', imageRef=other.id)
        self.wait_for(server, 'ACTIVE')
        self.assertIn('built from nothing', self.compute_logs())
        self.assert_sees(server, data)
        self.delete(server)
        self.assert_free(data)


class TestSeveralServers(BootTest):
    """Servers share a volume that is made for that."""

    def test_multiattach(self) -> None:
        shared = self.cinder.make(1, multiattach=True)
        one = self.boot_from(
            volume_base.device('volume', shared.id), image=self.image
        )
        two = self.boot(self.image)
        self.attach(two, shared)
        for server in (one, two):
            self.assert_sees(server, shared)
        self.seen(one, shared).write(b'from one')
        self.assertEqual(b'from one', self.seen(two, shared).read(8))
        self.detach(one, shared)
        self.assertIsNone(self.seen(one, shared))
        self.assert_sees(two, shared)
        self.attach(one, shared)
        self.delete(two)
        self.assert_sees(one, shared)
        self.swap(one, shared)
        self.detach(one, shared)
        self.assert_free(shared)

    def swap(self, server: base.Server, volume: arrays.Volume) -> None:
        """A volume cannot be exchanged for another one; it stays."""
        single, other = self.cinder.make(1), self.cinder.make(1)
        self.attach(server, single)
        # Nova takes such orders from Cinder only.
        single.migration_status = 'migrating'
        path = f'/servers/{server["id"]}/os-volume_attachments/{single.id}'
        body = {'volumeAttachment': {'volumeId': other.id}}
        self.admin_api.api_put(path, body)
        reason = 'cannot let a server use another volume'
        self._wait_for(lambda: reason in self.reasons(server), reason)
        self._wait_for(lambda: single.status == 'in-use', 'Cinder')
        self.settle(server)
        self.assert_sees(server, single)
        self.assert_sees(server, volume)
        self.detach(server, single)
        self.assert_free(single, other)
