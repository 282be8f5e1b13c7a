# SPDX-License-Identifier: Apache-2.0
"""Users attach volumes to servers with fibre channel ports of their own."""

import concurrent.futures
from typing import Any

from nova import context as nova_context
from nova import objects

from nova_powervm.conf import powervm as powervm_conf
from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.fixtures import npiv
from nova_powervm.tests.functional import base
from novalink_sim.model import guest as guests


class TestNpivServers(base.FunctionalTest):
    """A host with two VIOSes and two fabrics."""

    PRESET = 'san-npiv'
    HOSTS = ('host1',)

    def _setup_compute_service(self) -> Any:
        for fabric in npiv.FABRICS:
            opt = powervm_conf.fabric_opt(fabric)
            base.CONF.register_opt(opt, group='powervm')
        settings = npiv.options(
            self.platform, volume_group_name='vios1/datavg'
        )
        return self.start_host('host1', **settings)

    def setUp(self) -> None:
        super().setUp()
        self.cinder = self.useFixture(base.CinderFixture(self))

    def disks(self, server: base.Server) -> list[guests.GuestDisk]:
        """The volumes that a server sees."""
        part = self.platform.partition('host1', server['id'])
        with self.platform.model('host1').lock:
            found = guests.disks(part)
        return [disk for disk in found if disk.kind == guests.FABRIC]

    def saved(self, server: base.Server) -> dict[str, str]:
        """What Nova has saved about the fabrics of a server."""
        instance = objects.Instance.get_by_uuid(
            nova_context.get_admin_context(),
            server['id'],
            expected_attrs=['system_metadata'],
        )
        return {
            key: value
            for key, value in instance.system_metadata.items()
            if key.startswith(('npiv_', 'fabric_'))
        }

    def attach(self, server: base.Server, volume: arrays.Volume) -> None:
        """Ask for a volume, as the user does, and do not wait."""
        self.api.post_server_volume(
            server['id'], {'volumeAttachment': {'volumeId': volume.id}}
        )

    def test_two_volumes_at_the_same_time(self) -> None:
        """The server gets its WWPNs once, whoever comes first."""
        server = self.boot(self.glance.make(1))
        self.assertEqual({}, self.saved(server))
        pair = [self.cinder.make(1), self.cinder.make(1)]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda v: self.attach(server, v), pair))
        self._wait_for(
            lambda: all(volume.status == arrays.IN_USE for volume in pair),
            'the volumes',
        )
        found = self.disks(server)
        self.assertEqual(
            {volume.id for volume in pair}, {disk.name for disk in found}
        )
        saved = self.saved(server)
        self.assertEqual('inst_mapped', saved['fabric_state_A'])
        self.assertEqual(4, len(saved))
        found[0].write(b'the server')
        (written,) = (v for v in pair if v.id == found[0].name)
        self.assertEqual(b'the server', written.read(10))
        self.api.delete_server_volume(server['id'], written.id)
        self._wait_for_volume_detach(server['id'], written.id)
        self.assertEqual(1, len(self.disks(server)))
        self.delete(server)
        for vios in self.platform.vioses('host1'):
            self.assertEqual([], list(vios.fibre_mappings))

    def test_boot_from_the_san(self) -> None:
        image = self.glance.make(1)
        root, data = self.cinder.make(1, image=image), self.cinder.make(1)
        server = self.boot(
            '',
            block_device_mapping_v2=[
                {
                    'boot_index': index,
                    'uuid': volume.id,
                    'source_type': 'volume',
                    'destination_type': 'volume',
                    'delete_on_termination': volume is root,
                }
                for index, volume in ((0, root), (-1, data))
            ],
        )
        part = self.platform.partition('host1', server['id'])
        self.assertEqual(root.id, part.booted_from.name)
        self.assertEqual(2, len(self.disks(server)))
        self._stop_server(server)
        self.assertEqual([], self.disks(server))
        self._start_server(server)
        self.assertEqual(2, len(self.disks(server)))
        self.assertEqual(root.id, part.booted_from.name)
        self.delete(server)
        self._wait_for(lambda: root.id in self.cinder.deleted, 'the volume')
        self.assertEqual(arrays.AVAILABLE, data.status)
