# SPDX-License-Identifier: Apache-2.0
"""Words for tests of what users do with volumes."""

from collections.abc import Sequence
from typing import Any

from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.fixtures import images
from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import movers

BOTH = ('vios1', 'vios2')
MARKS = 64 << 20
"""Where tests write, beyond what images hold."""


class VolumeTest(movers.MovingTest):
    """A host with two VIOSes on a SAN, and Cinder with an array there."""

    HOSTS: Sequence[str] = ('host1',)
    PRESET = 'san-vscsi'
    SETTINGS = {'volume_group_name': 'vios1/datavg'}

    def setUp(self) -> None:
        super().setUp()
        self.cinder = self.useFixture(base.CinderFixture(self))

    def guest_disks(self, server: base.Server, host: str = 'host1') -> Any:
        """The disks that a server sees, in the order of their addresses."""
        partition = self.platform.partition(host, server['id'])
        if partition is None:
            return []
        found = self.platform.sim.systems[host].guest_disks(partition.name)
        return sorted(found, key=lambda disk: (disk.slot, disk.lua))

    def seen(
        self,
        server: base.Server,
        volume: arrays.Volume,
        host: str = 'host1',
    ) -> Any:
        """A volume as a server sees it; None if it does not."""
        key = self.platform.sim.san.volume(volume.id).udid
        for disk in self.guest_disks(server, host):
            if disk.key == key:
                return disk
        return None

    def assert_sees(
        self,
        server: base.Server,
        volume: arrays.Volume,
        host: str = 'host1',
    ) -> None:
        """A server has a volume by way of both VIOSes, in both directions."""
        disk = self.seen(server, volume, host)
        self.assertIsNotNone(disk, f'{volume.id} is not there')
        self.assertEqual(BOTH, tuple(sorted(disk.vioses)))
        mark = f'{server["id"]} {volume.id}'.encode()
        volume.write(mark, MARKS)
        self.assertEqual(mark, disk.read(len(mark), MARKS))
        disk.write(mark, 2 * MARKS)
        self.assertEqual(mark, volume.read(len(mark), 2 * MARKS))

    def assert_free(self, *volumes: arrays.Volume) -> None:
        """Nobody has the volumes, and no VIOS knows them."""
        hdisks = [
            disk.naa
            for host in self.HOSTS
            for vios in self.platform.vioses(host)
            for disk in vios.volumes
        ]
        for volume in volumes:
            san = self.platform.sim.san
            self.assertEqual('available', volume.status)
            self.assertEqual([], san.luns_of(volume.id))
            self.assertNotIn(san.volume(volume.id).naa, hdisks)

    def attach(
        self, server: base.Server, volume: arrays.Volume, **options: Any
    ) -> None:
        """Attach a volume and wait until it is."""
        self.request_attachment(server, volume, **options)
        self.wait_until_attached(server, volume)

    def request_attachment(
        self, server: base.Server, volume: arrays.Volume, **options: Any
    ) -> None:
        """Ask for a volume."""
        path = f'/servers/{server["id"]}/os-volume_attachments'
        body = {'volumeAttachment': {'volumeId': volume.id, **options}}
        self.api.api_post(path, body)

    def wait_until_attached(
        self, server: base.Server, volume: arrays.Volume
    ) -> None:
        """Wait until a server has a volume; fail early if Nova gave up."""

        def settled() -> bool:
            failed = any(
                event['result'] == 'Error' for event in self.events(server)
            )
            return self.cinder.is_attached(server, volume) or failed

        self._wait_for(settled, 'the volume to be attached')
        attached = self.cinder.is_attached(server, volume)
        self.assertTrue(attached, self.reasons(server))

    def detach(self, server: base.Server, volume: arrays.Volume) -> None:
        """Detach a volume and wait until it is."""
        path = f'/servers/{server["id"]}/os-volume_attachments/{volume.id}'
        self.api.api_delete(path)

        def gone() -> bool:
            return volume not in self.cinder.volumes_of(server)

        self._wait_for(gone, 'the volume to be detached')

    def boot_from(
        self,
        *disks: dict[str, Any],
        image: images.ImageFile | None = None,
        flavor: str | None = None,
        **options: Any,
    ) -> base.Server:
        """Boot a server with block devices.

        :param image: if it has a disk made from one
        """
        if image is not None:
            local = {
                'boot_index': 0,
                'uuid': image.id,
                'source_type': 'image',
                'destination_type': 'local',
            }
            disks = (local, *disks)
        return self.boot(
            image or '',
            flavor or self.flavor(disk_gb=1 if image else 0),
            block_device_mapping_v2=list(disks),
            **options,
        )

    def only_volume(self, server: base.Server) -> arrays.Volume:
        """The only volume of a server."""
        found: list[arrays.Volume] = self.cinder.volumes_of(server)
        self.assertEqual(1, len(found))
        return found[0]


def device(
    source: str, number: str = '', boot_index: int = -1, **options: Any
) -> dict[str, Any]:
    """A block device that Cinder is to provide, as users ask for it.

    :param source: volume, image, snapshot or blank
    :param number: its id
    """
    found = {
        'boot_index': boot_index,
        'source_type': source,
        'destination_type': 'volume',
        **options,
    }
    return {**found, 'uuid': number} if number else found
