# SPDX-License-Identifier: Apache-2.0
"""Servers with ephemeral disks and swap."""

import json
from typing import Any

from nova_powervm.tests.fixtures import iso
from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import clearing
from nova_powervm.virt.powervm import identity

MIB = 1 << 20
GIB = 1 << 30


class _LocalDisksCase(base.FunctionalTest):
    """One host, and flavors with more than a boot disk."""

    HOSTS = ('host1',)

    def setUp(self) -> None:
        super().setUp()
        self.image = self.glance.make(1)
        self.before = self.platform.state('host1')

    def big_flavor(
        self, ephemeral: int, swap: int = 0, name: str = 'more'
    ) -> str:
        """Make a flavor with more disks; swap in MB, the rest in GB."""
        flavor = {
            'name': name,
            'id': name,
            'vcpus': 1,
            'ram': 2048,
            'disk': 1,
            'swap': swap,
            'OS-FLV-EXT-DATA:ephemeral': ephemeral,
        }
        self.admin_api.post_flavor({'flavor': flavor})
        return name

    def disks(self, server: base.Server) -> list[tuple[str, int]]:
        """Prefix and size of the server's disks, in their order."""
        found = self.platform.lpar('host1', server['id']).disks
        return [(disk.name[0], disk.size) for disk in found]

    def devices(self, server: base.Server) -> Any:
        """What the server is told about its disks."""
        path = self.platform.lpar('host1', server['id']).config_drive.path
        meta = iso.ConfigDrive(path).read('ec2/latest/meta-data.json')
        return json.loads(meta)['block-device-mapping']

    def allocated_gb(self, server: base.Server) -> int:
        """How much room for disks Nova counts for a server."""
        found = self._get_allocations_by_server_uuid(server['id'])
        (allocation,) = found.values()
        return int(allocation['resources']['DISK_GB'])

    def act(self, server: base.Server, status: str, **action: Any) -> None:
        """Do something to a server and wait until it is done."""
        self.api.post_server_action(server['id'], action)
        self._wait_for(
            lambda: (
                self.admin_api.get_server(server['id'])[
                    'OS-EXT-STS:task_state'
                ]
                is None
                and self.api.get_server(server['id'])['status'] == status
            ),
            status,
        )

    def ask(self, *disks: dict[str, Any]) -> list[dict[str, Any]]:
        """Disks as a user asks for them, after the boot disk."""
        local = {'source_type': 'blank', 'destination_type': 'local'}
        return [
            {
                'boot_index': 0,
                'uuid': self.image.id,
                'source_type': 'image',
                'destination_type': 'local',
            },
            *({'boot_index': -1, **local, **disk} for disk in disks),
        ]


class LocalDisksTest(_LocalDisksCase):
    """Builds and removals."""

    @proof.proves('swap and ephemeral disks')
    def test_all_that_the_flavor_says(self) -> None:
        server = self.boot(
            self.image, self.big_flavor(3, swap=100), config_drive=True
        )
        # In whole partitions of the volume group, which are 64 MB large.
        self.assertEqual(
            [('b', GIB), ('e', 3 * GIB), ('s', 128 * MIB)], self.disks(server)
        )
        self.assertEqual(
            {
                'ami': 'sda',
                'root': '/dev/sda',
                'ephemeral0': '/dev/sdb',
                'swap': '/dev/sdc',
            },
            self.devices(server),
        )
        self.assertEqual(1 + 3 + 1, self.allocated_gb(server))
        self.delete(server)
        self.assertEqual(
            [], self.platform.changes('host1', self.before, self.image)
        )

    def test_disks_as_the_user_wants_them(self) -> None:
        flavor = self.big_flavor(4, swap=1024)
        self.flags(max_local_block_devices=-1)
        server = self.boot(
            self.image,
            flavor,
            config_drive=True,
            block_device_mapping_v2=self.ask(
                {'guest_format': 'swap', 'volume_size': 64},
                {'volume_size': 2, 'device_name': '/dev/sdc'},
                {'volume_size': 1, 'device_name': '/dev/sdb'},
            ),
        )
        self.assertEqual(
            [('b', GIB), ('e', GIB), ('e', 2 * GIB), ('s', 64 * MIB)],
            self.disks(server),
        )
        self.assertEqual('/dev/sdd', self.devices(server)['swap'])
        # What Nova counts is what the flavor says, whatever the user takes.
        self.assertEqual(1 + 4 + 1, self.allocated_gb(server))
        self.delete(server)
        self.assertEqual(
            [], self.platform.changes('host1', self.before, self.image)
        )

    def test_disks_that_do_not_fit(self) -> None:
        flavor = self.big_flavor(4)
        # Somebody takes the room after the scheduler has looked.
        self.platform.fill_volume_group('host1', leave=5.5)
        before = self.platform.state('host1')
        server = self.boot(self.image, flavor, status='ERROR')
        self.assertEqual(
            [], self.platform.changes('host1', before, self.image)
        )
        name = identity.disk_name('e', server['id'])
        self.assertIn(
            f'Volume group datavg has 3.500 GiB left, disk {name} needs '
            '4.000 GiB more',
            self.compute_logs(),
        )

    def test_group_that_fills_up_meanwhile(self) -> None:
        self.delete(self.boot(self.image))
        self.platform.fail(
            'host1',
            method='POST',
            path='/rest/api/uom/VirtualIOServer/{}/VolumeGroup/{}',
            status=500,
            message='0516-404 allocp: cannot fulfill the request',
        )
        server = self.boot(self.image, self.big_flavor(1), status='ERROR')
        self.platform.heal()
        self.assertIn('0516-404 allocp', self.compute_logs())
        self.assertEqual(
            [], self.platform.changes('host1', self.before, self.image)
        )
        self.delete(server)
        self.boot(self.image, 'more')


class PooledDisksTest(_LocalDisksCase):
    """The same in a shared storage pool."""

    PRESET = 'ssp-pair'
    SETTINGS = {'disk_driver': 'ssp'}

    @proof.proves('swap and ephemeral disks')
    def test_all_that_the_flavor_says(self) -> None:
        server = self.boot(
            self.image, self.big_flavor(3, swap=512), config_drive=True
        )
        sizes = [size for _name, size in self.disks(server)]
        self.assertEqual([GIB, 3 * GIB, 512 * MIB], sizes)
        self.assertEqual('/dev/sdc', self.devices(server)['swap'])
        self.delete(server)
        self.assertEqual(
            [], self.platform.changes('host1', self.before, self.image)
        )


class TestResized(_LocalDisksCase):
    """A rebuild makes the disks that a resize has left."""

    def test_grown_and_added_disks(self) -> None:
        self.flags(allow_resize_to_same_host=True)
        # The image is there to stay.
        server = self.boot(self.image, self.flavor(), config_drive=True)
        for step, (ephemeral, swap) in enumerate(((1, 64), (2, 128))):
            flavor = self.big_flavor(ephemeral, swap, name=f'step{step}')
            self.act(server, 'VERIFY_RESIZE', resize={'flavorRef': flavor})
            self.act(server, 'ACTIVE', confirmResize=None)
            self.act(server, 'ACTIVE', rebuild={'imageRef': self.image.id})
            found = sorted(self.disks(server))
            self.assertEqual(
                [('b', GIB), ('e', ephemeral * GIB), ('s', swap * MIB)], found
            )
        self.delete(server)
        self.assertEqual(
            [], self.platform.changes('host1', self.before, self.image)
        )

    def test_several_ephemeral_disks(self) -> None:
        """The last one gets what the flavor has more, for good."""
        self.flags(allow_resize_to_same_host=True, max_local_block_devices=-1)
        server = self.boot(
            self.image,
            self.big_flavor(2),
            config_drive=True,
            block_device_mapping_v2=self.ask(
                {'volume_size': 1, 'device_name': '/dev/sdc'},
                {'volume_size': 1, 'device_name': '/dev/sdb'},
            ),
        )
        flavor = self.big_flavor(4, name='step')
        self.act(server, 'VERIFY_RESIZE', resize={'flavorRef': flavor})
        wanted = [('b', GIB), ('e', GIB), ('e', 3 * GIB)]
        self.assertEqual(wanted, self.disks(server))
        self.act(server, 'ACTIVE', confirmResize=None)
        self.act(server, 'ACTIVE', rebuild={'imageRef': self.image.id})
        self.assertEqual(wanted, self.disks(server))
        self.delete(server)
        self.assertEqual(
            [], self.platform.changes('host1', self.before, self.image)
        )


class TestCleared(_LocalDisksCase):
    """Nobody sees what was on the disks of others."""

    SWITCHES = {'new_disk_dirty': False}
    SETTINGS = clearing.OPTIONS

    def paths(self, server: base.Server) -> list[str]:
        """The files with the bytes of the server's disks."""
        found = self.platform.lpar('host1', server['id']).disks
        return [disk.path for disk in found]

    def test_disks_that_a_resize_and_a_rescue_leave(self) -> None:
        self.flags(allow_resize_to_same_host=True)
        server = self.boot(self.image, self.flavor())
        (path,) = self.paths(server)
        clearing.write(path)
        flavor = self.flavor(disk_gb=2)
        self.act(server, 'VERIFY_RESIZE', resize={'flavorRef': flavor})
        self.act(server, 'ACTIVE', confirmResize=None)
        self.act(server, 'RESCUE', rescue={})
        self.act(server, 'ACTIVE', unrescue=None)
        driver = self.computes['host1'].driver
        self.assertEqual([], clearing.settle(driver))
        (path,) = self.paths(server)
        self.assertTrue(clearing.holds(path))
        self.assertEqual(
            {path.rpartition('/')[2], identity.image_disk_name(self.image.id)},
            set(self.platform.disks('host1')),
        )
        other = self.boot(self.image, flavor)
        (path,) = self.paths(other)
        self.assertFalse(clearing.holds(path))

    def test_rebuilt_and_later_servers(self) -> None:
        flavor = self.big_flavor(1)
        server = self.boot(self.image, flavor)
        for path in self.paths(server):
            clearing.write(path)
        old = self.paths(server)
        self.admin_api.post_server_action(
            server['id'], {'rebuild': {'imageRef': self.image.id}}
        )
        self._wait_for(
            lambda: 'REBUILD' != self.api.get_server(server['id'])['status'],
            'the rebuild',
        )
        self.wait_for(server, 'ACTIVE')
        self.assertEqual(set(), set(old) & set(self.paths(server)))
        clearing.settle(self.computes['host1'].driver)
        other = self.boot(self.image, flavor)
        for found in (server, other):
            for path in self.paths(found):
                self.assertFalse(clearing.holds(path))
