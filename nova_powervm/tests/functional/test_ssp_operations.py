# SPDX-License-Identifier: Apache-2.0
"""What else is done to servers whose disks are in a shared storage pool."""

import hashlib
from typing import Any

from nova.compute import power_state

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import driver_base
from nova_powervm.tests.functional import test_driver_snapshot
from nova_powervm.tests.functional import test_resize
from nova_powervm.virt.powervm import identity

OPTIONS = {'disk_driver': 'ssp'}


class TestRescue(driver_base.DriverTest):
    """A server is rescued and comes back."""

    PRESET = 'ssp-pair'
    OPTIONS = OPTIONS

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.spawn(self.instance(config_drive='True'))
        self.guest.power_state = power_state.RUNNING
        self.rescue_image = self.harness.glance.make(2)
        self.usual = self.host.state('host1', self.rescue_image)
        self.driver.power_off(self.guest, timeout=0)
        self.driver.rescue(
            nova_objects.context(),
            self.guest,
            self.network_info,
            nova_objects.image_meta(self.rescue_image),
            'rescue password',
            {},
            [],
        )

    def booted(self) -> Any:
        """The storage that the server booted from."""
        return self.host.partition('host1', self.guest.uuid).booted_from

    def mapped(self) -> dict[str, list[str]]:
        """What each VIOS maps to the server, in the order of addresses."""
        names = {u.udid: u.name for u in self.host.sim.pool().units}
        lpar = identity.lpar_uuid(self.guest.uuid)
        return {
            vios.name: [
                names[device.key]
                for bus in vios.buses
                for device in sorted(bus.devices, key=lambda each: each.lua)
                if bus.lpar_uuid == lpar and device.kind == 'lu'
            ]
            for vios in self.host.vioses('host1')
        }

    @proof.proves('rescue and unrescue')
    def test_there_and_back(self) -> None:
        digits = self.guest.uuid.replace('-', '')
        self.assertEqual(f'rescue_{digits}', self.booted().name)
        # Each path to the boot disk leads to the rescue disk now, whichever
        # the firmware tries first.
        wanted = [f'rescue_{digits}', f'boot_{digits}']
        self.assertEqual([wanted, wanted], list(self.mapped().values()))
        (unit,) = self.host.sim.pool().named(self.booted().name)
        with open(unit.file, 'rb') as disk:
            content = disk.read(self.rescue_image.size)
        self.assertEqual(
            self.rescue_image.sha256, hashlib.sha256(content).hexdigest()
        )
        self.driver.unrescue(nova_objects.context(), self.guest)
        self.assertEqual(f'boot_{digits}', self.booted().name)
        self.assertEqual([wanted[1:]] * 2, list(self.mapped().values()))
        self.assertEqual('running', self.state(self.guest))
        self.assertEqual(
            [], self.host.changes('host1', self.usual, self.rescue_image)
        )

    def test_deletion(self) -> None:
        self.destroy(self.guest)
        self.assertEqual(
            [],
            self.host.changes(
                'host1', self.before, self.image, self.rescue_image
            ),
        )


class TestSnapshot(test_driver_snapshot.SnapshotTest):
    """An image is made of a disk in the pool."""

    PRESET = 'ssp-pair'
    OPTIONS = {**test_driver_snapshot.SnapshotTest.OPTIONS, **OPTIONS}

    test_server_that_runs = proof.proves('snapshot')(
        test_driver_snapshot.TestSnapshot.test_server_that_runs
    )


class TestLife(base.FunctionalTest):
    """What users do to a server, one thing after the other."""

    HOSTS = ('host1',)
    PRESET = 'ssp-pair'
    SETTINGS = OPTIONS
    SWITCHES = {'second_mapping': 'allow'}

    def setUp(self) -> None:
        super().setUp()
        self.image = self.glance.make(1)
        self.before = self.platform.state('host1')

    def flavor_with_disks(self) -> str:
        """A flavor with an ephemeral disk of 3 GB and 1 GB of swap."""
        flavor = {
            'name': 'more',
            'id': 'more',
            'vcpus': 1,
            'ram': 2048,
            'disk': 1,
            'swap': 1024,
            'OS-FLV-EXT-DATA:ephemeral': 3,
        }
        self.admin_api.post_flavor({'flavor': flavor})
        return 'more'

    def sizes(self, server: base.Server) -> list[tuple[str, int]]:
        """What disks the server has, and how many GB they are large."""
        found = self.platform.lpar('host1', server['id']).disks
        return [(d.name.partition('_')[0], d.size >> 30) for d in found]

    def content(self, server: base.Server, size: int) -> str:
        """The hash of the first bytes of the boot disk."""
        disk = self.platform.lpar('host1', server['id']).disks[0]
        with open(disk.path, 'rb') as file:
            return hashlib.sha256(file.read(size)).hexdigest()

    @proof.proves('swap and ephemeral disks')
    @proof.proves('stop and start')
    @proof.proves('reboot')
    @proof.proves('rebuild')
    def test_more_disks_and_another_image(self) -> None:
        server = self.boot(
            self.image, self.flavor_with_disks(), config_drive=True
        )
        wanted = [('boot', 1), ('ephemeral', 3), ('swap', 1)]
        self.assertEqual(wanted, self.sizes(server))
        self._stop_server(server)
        self._start_server(server)
        self._reboot_server(server, hard=True)
        other = self.glance.make(2)
        self._rebuild_server(server, other.id)
        self.assertEqual(wanted, self.sizes(server))
        self.assertEqual(other.sha256, self.content(server, other.size))
        self.delete(server)
        self.assertEqual(
            [],
            self.platform.changes('host1', self.before, self.image, other),
        )

    @proof.proves('diagnostics')
    @proof.proves('boot from snapshot')
    @proof.proves('shelve and unshelve')
    def test_away_and_back(self) -> None:
        server = self.boot(self.image)
        size = self.image.size + 8
        path = f'/servers/{server["id"]}/diagnostics'
        found = self.admin_api.api_get(path).body
        # Each VIOS counts what goes through it.
        self.assertEqual(2, len(found['disk_details']))
        disk = self.platform.lpar('host1', server['id']).boot_disk
        with open(disk.path, 'r+b') as file:
            file.seek(self.image.size)
            file.write(b'written.')
        wanted = self.content(server, size)
        self.flags(shelved_offload_time=0)
        self._shelve_server(server, expected_state='SHELVED_OFFLOADED')
        self.assertNotIn(disk.name, self.platform.disks('host1'))
        self._unshelve_server(server)
        self.assertEqual(wanted, self.content(server, size))


class TestResize(test_resize.ResizeTest):
    """A server gets a larger disk on the same host."""

    PRESET = 'ssp-pair'
    SETTINGS = {**OPTIONS, 'default_max_mem_factor': 2.0}

    @proof.proves('resize')
    @proof.proves('live resize')
    @proof.proves('revert of a resize')
    def test_back_and_for_good(self) -> None:
        server = self.boot(self.image)
        before = self.platform.state('host1')
        self.resize(server, self.flavor(disk_gb=2))
        self.assertEqual(2 << 30, self.lpar(server).boot_disk.size)
        self.act(server, 'revertResize')
        self.assertEqual([], self.platform.changes('host1', before))
        self.resize(server, self.flavor(disk_gb=3))
        self.act(server, 'confirmResize')
        disk = self.lpar(server).boot_disk
        self.assertEqual(3 << 30, disk.size)
        with open(disk.path, 'rb') as file:
            content = file.read(self.image.size)
        self.assertEqual(
            self.image.sha256, hashlib.sha256(content).hexdigest()
        )
        names = sorted(n.partition('_')[0] for n in self.platform.unit_names())
        self.assertEqual(['base', 'boot', 'image'], names)
        self.resize(server, self.flavor(memory_mb=4096, disk_gb=3))
        self.act(server, 'confirmResize')
        self.assertIn('powervm_live_resize', self.ours(server))
        self.assertEqual(4096, self.lpar(server).resources[0])
        self.delete(server)
        self.assertEqual(
            [], self.platform.changes('host1', self.before, self.image)
        )
