# SPDX-License-Identifier: Apache-2.0
"""Users tag devices, and servers are told where these are."""

import json
from typing import Any

from nova.api.metadata import base as nova_metadata

from nova_powervm.tests.fixtures import iso
from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import volume_base


def told(meta: Any) -> dict[str, dict[str, Any]]:
    """The devices of which metadata tell, by tag."""
    return {
        device['tags'][0]: device
        for device in meta['devices']
        if 'tags' in device
    }


class TagsTest(base.FunctionalTest):
    """Words for what servers are told."""

    HOSTS = ('host1',)

    def by_service(self, server: base.Server) -> dict[str, dict[str, Any]]:
        """What the metadata service tells a server."""
        found = nova_metadata.get_metadata_by_instance_id(
            server['id'], '192.0.2.1'
        )
        return told(
            json.loads(found.lookup('/openstack/latest/meta_data.json'))
        )

    def by_drive(
        self, server: base.Server, host: str = 'host1'
    ) -> dict[str, dict[str, Any]]:
        """What the config drive tells a server."""
        lpar = self.platform.lpar(host, server['id'])
        drive = iso.ConfigDrive(lpar.config_drive.path)
        return told(drive.json('meta_data.json'))

    def places(self, server: base.Server, kind: str) -> set[str]:
        """Where a server has storage of a kind: slot, target, unit."""
        partition = self.platform.partition('host1', server['id'])
        return {
            f'{bus.client_slot:x}:0:{int(device.lua, 16) >> 56 & 0x3F:x}:0'
            for vios in self.platform.vioses('host1')
            for bus in vios.buses
            for device in bus.devices
            if bus.lpar_uuid == partition.uuid and device.kind == kind
        }


class TestDevices(TagsTest):
    """Disks and adapters of a server without volumes."""

    def test_boot_and_later(self) -> None:
        image = self.glance.make(1)
        (network,) = self.networks()
        disks = [
            {
                'boot_index': 0,
                'uuid': image.id,
                'source_type': 'image',
                'destination_type': 'local',
                'tag': 'root',
            },
            {
                'boot_index': -1,
                'source_type': 'blank',
                'destination_type': 'local',
                'volume_size': 1,
                'tag': 'scratch',
            },
        ]
        server = self.boot(
            image,
            self._create_flavor(memory_mb=2048, vcpu=1, disk=1, ephemeral=1),
            networks=[{**network, 'tag': 'public'}],
            block_device_mapping_v2=disks,
            config_drive=True,
        )
        found = self.by_service(server)
        self.assertEqual(found, self.by_drive(server))
        self.assertEqual({'root', 'scratch', 'public'}, set(found))
        addresses = {found[tag]['address'] for tag in ('root', 'scratch')}
        self.assertEqual(self.places(server, 'disk'), addresses)
        self.assertEqual('scsi', found['root']['bus'])
        port = self.neutron.port_of(server['id'])
        self.assertEqual(port['mac_address'], found['public']['mac'])
        self._attach_interface(server, network['uuid'])
        self.assertEqual(
            {'root', 'scratch', 'public', 'later'},
            set(self.by_service(server)),
        )
        self.rebuild_and_compare(server, found)
        self.delete(server)

    def _attach_interface(self, server: base.Server, network: str) -> None:
        wanted = {'net_id': network, 'tag': 'later'}
        self.api.attach_interface(
            server['id'], {'interfaceAttachment': wanted}
        )

    def rebuild_and_compare(
        self, server: base.Server, before: dict[str, dict[str, Any]]
    ) -> None:
        """A rebuild keeps the addresses, and the drive tells of all."""
        image = self.glance.make(1)
        self._rebuild_server(server, image.id)
        found = self.by_drive(server)
        self.assertEqual(self.by_service(server), found)
        self.assertEqual(before['root'], found['root'])
        self.assertIn('later', found)


class TestVolumes(TagsTest, volume_base.VolumeTest):
    """Tagged volumes at boot, and later."""

    HOSTS = ('host1',)

    def test_boot_attach_and_detach(self) -> None:
        data, later = self.cinder.make(1), self.cinder.make(1)
        server = self.boot_from(
            volume_base.device('volume', data.id, tag='data'),
            volume_base.device(
                'image',
                self.image.id,
                boot_index=0,
                volume_size=1,
                tag='root',
            ),
            config_drive=True,
        )
        found = self.by_service(server)
        self.assertEqual(found, self.by_drive(server))
        self.assertEqual({'root', 'data'}, set(found))
        self.assertEqual(data.id, found['data']['serial'])
        self.attach(server, later, tag='later')
        found = self.by_service(server)
        self.assertEqual(later.id, found['later']['serial'])
        # They tell of the first of the two paths of each volume.
        addresses = {device['address'] for device in found.values()}
        self.assertEqual(3, len(addresses))
        self.assertLess(addresses, self.places(server, 'pv'))
        for tag, volume in (('data', data), ('later', later)):
            disk = self.seen(server, volume)
            slot = int(found[tag]['address'].partition(':')[0], 16)
            self.assertEqual(disk.slot, slot)
        self.detach(server, data)
        self.assertEqual({'root', 'later'}, set(self.by_service(server)))
        self.delete(server)
        self.assert_free(data, later)


class TestMoves(TagsTest, volume_base.VolumeTest):
    """Tagged volumes of a server that moves."""

    HOSTS = ('host1', 'host2')  # type: ignore[assignment]

    def test_cold_migration(self) -> None:
        server = self.boot_from(
            volume_base.device(
                'image',
                self.image.id,
                boot_index=0,
                volume_size=1,
                tag='root',
            ),
            config_drive=True,
            host='host1',
        )
        found = self.by_service(server)
        self.act(server, 'migrate')
        self.assertEqual('host2', self.host_of(server))
        self.assert_sees(server, self.only_volume(server), 'host2')
        self.assertEqual(found, self.by_service(server))
        self.assertEqual(found, self.by_drive(server, 'host2'))
        self.act(server, 'confirmResize')
        self.assertIsNone(self.platform.partition('host1', server['id']))
