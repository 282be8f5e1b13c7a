# SPDX-License-Identifier: Apache-2.0
"""Servers that are installed from an ISO image, by the driver alone."""

import hashlib
from typing import Any

from nova import exception
from nova import objects
from nova.compute import power_state

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import isos
from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import signatures
from nova_powervm.tests.functional import driver_base
from nova_powervm.tests.functional import sweeps
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.records import slots

GIB = 1 << 30
RECORDS = 1 << 20
"""Bytes at the start of a disk in which firmware looks for a system."""

NETBOOT = {
    'powervm:boot_mode': 'netboot',
    'powervm:netboot_server': '192.0.2.9',
    'powervm:netboot_directory': '/ibmi',
}


class InstallTest(driver_base.DriverTest):
    """An image that installs servers."""

    def setUp(self) -> None:
        super().setUp()
        self.image = self.iso()

    def iso(self, megabytes: int = 1) -> images.ImageFile:
        """Offer another image."""
        return self.harness.glance.add(
            isos.make_iso(self.harness.glance.directory, megabytes=megabytes)
        )

    def medium(self, instance: Any, kind: str = '') -> str:
        """The name of the medium of a server."""
        return identity.media_name(identity.ISO_PREFIX, instance.uuid, kind)

    def booted(self, instance: Any) -> str:
        """The kind of the storage that a server booted from."""
        part = self.host.partition('host1', instance.uuid)
        return str(part.booted_from.kind)

    def install(self, instance: Any) -> None:
        """Let the installer write a system to the boot disk."""
        (disk,) = self.host.lpar('host1', instance.uuid).disks
        with open(disk.path, 'r+b') as file:
            file.write(b'a system')

    def reboot(self, instance: Any, kind: str = 'HARD') -> str:
        """Restart a server; tell what it booted from."""
        self.driver.reboot(None, instance, self.network_info, kind)
        return self.booted(instance)

    def start_again(self, instance: Any) -> str:
        """Stop and start a server; tell what it booted from."""
        self.driver.power_off(instance)
        self.driver.power_on(None, instance, self.network_info)
        return self.booted(instance)


class TestInstall(InstallTest):
    """Disks in a volume group."""

    DISK = 'disk'

    def test_medium_is_booted_until_there_is_a_system(self) -> None:
        guest = self.spawn(self.instance(config_drive='True'))
        self.assertEqual('media', self.booted(guest))
        lpar = self.host.lpar('host1', guest.uuid)
        medium, drive = lpar.media
        self.assertEqual(self.medium(guest), medium.name)
        self.assertEqual(identity.config_drive_name(guest.uuid), drive.name)
        with open(medium.path, 'rb') as file:
            content = file.read()
        self.assertEqual(
            self.image.sha256, hashlib.sha256(content).hexdigest()
        )
        self.assertEqual(GIB, lpar.boot_disk.size)
        with open(lpar.boot_disk.path, 'rb') as file:
            self.assertEqual(bytes(RECORDS), file.read(RECORDS))
        # No copy of the image but the medium.
        self.assertEqual([lpar.boot_disk.name], self.host.disks('host1'))
        self.assert_order(guest)
        self.assertEqual('media', self.reboot(guest))
        self.install(guest)
        self.assertEqual(self.DISK, self.reboot(guest, 'SOFT'))
        self.assertEqual(self.DISK, self.reboot(guest))
        self.assertEqual(self.DISK, self.start_again(guest))
        self.assertEqual(2, len(self.host.lpar('host1', guest.uuid).media))
        self.harness.restart()
        self.driver = self.harness.driver
        self.destroy(guest)
        self.assert_unchanged()

    def assert_order(self, guest: Any) -> None:
        """The boot disk comes first, the medium before the config drive."""
        names = ('boot', slots.INSTALL_MEDIA, slots.CONFIG_DRIVE)
        found = slots.known(guest).storage
        places = [
            min(
                (e.address.slot, e.address.lua or '')
                for e in found
                if e.name == name
            )
            for name in names
        ]
        self.assertEqual(sorted(places), places)

    def test_two_servers_have_a_medium_each_and_can_be_rescued(self) -> None:
        first = self.spawn()
        self.install(first)
        self.assertEqual(self.DISK, self.reboot(first))
        before = self.host.state('host1')
        self.rescue(first)
        lpar = self.host.partition('host1', first.uuid)
        self.assertEqual(self.medium(first, 'r'), lpar.booted_from.name)
        self.driver.unrescue(nova_objects.context(), first)
        self.assertEqual(self.DISK, self.booted(first))
        self.assertEqual([], self.host.changes('host1', before))
        ports, self.network_info = (
            self.network_info,
            nova_objects.network_info(),
        )
        second = self.spawn()
        # One of them was for the rescue.
        self.assertEqual(3, self.harness.glance.downloads[self.image.id])
        self.harness.destroy(first, ports)
        self.assertEqual('media', self.reboot(second))
        self.destroy(second)
        self.assert_unchanged()

    def test_resize_keeps_the_medium_where_it_is(self) -> None:
        guest = sweeps.Guest(self.spawn(), self.image, self.network_info)
        self.install(guest.instance)
        before = self.place(guest.instance)
        moves = self.useFixture(mover.Mover(self.harness))
        larger = nova_objects.flavor(root_gb=2)
        for end in (moves.revert, moves.confirm):
            moves.move(guest, larger)
            self.assertEqual(self.DISK, self.booted(guest.instance))
            end(guest)
            self.assertEqual(self.DISK, self.booted(guest.instance))
            self.assertEqual(before, self.place(guest.instance))
        lpar = self.host.lpar('host1', guest.instance.uuid)
        self.assertEqual(2 * GIB, lpar.boot_disk.size)
        self.destroy(guest.instance)
        self.assert_unchanged()

    def place(self, instance: Any) -> tuple[int, str]:
        """Where a server has the medium that installed it."""
        (found,) = (
            (mapping.bus.client_slot, mapping.device.lua)
            for vios in self.host.vioses('host1')
            for mapping in vios.scsi_mappings
            if mapping.device and mapping.device.kind == 'media'
        )
        return found

    def rescue(self, instance: Any) -> None:
        """Let a server boot the image in the place of its disk."""
        instance.power_state = power_state.RUNNING
        self.driver.power_off(instance)
        self.driver.rescue(
            nova_objects.context(),
            instance,
            self.network_info,
            nova_objects.image_meta(self.image),
            'password',
            {},
            [],
        )

    def test_what_cannot_be_installed_leaves_nothing(self) -> None:
        for kind, text, instance in self.hopeless():
            self.assertIn(text, self.failure(kind, instance))
            self.assert_unchanged()
        error = self.assertRaises(
            exception.ImageUnacceptable,
            self.driver.cache_image,
            nova_objects.context(),
            self.image.id,
        )
        self.assertIn('an ISO image optical media', str(error))
        self.assertEqual([], self.host.disks('host1'))

    def hopeless(self) -> Any:
        """What is wrong, what Nova is told about it, and an instance."""
        no_disk = self.instance(nova_objects.flavor(root_gb=0))
        yield exception.BuildAbortException, 'root disk of 0 GB', no_disk
        twice = self.instance(
            nova_objects.flavor(extra_specs=NETBOOT),
            system_metadata={'image_os_distro': 'ibmi'},
        )
        text = 'an ISO image is installed from its medium'
        yield exception.BuildAbortException, text, twice
        yield from self.broken_images()
        yield self.badly_signed()
        yield from self.large_images()

    def broken_images(self) -> Any:
        """Images whose bytes are not what Glance promises."""
        unacceptable = exception.ImageUnacceptable
        lost = exception.ComputeResourcesUnavailable
        faults: Any = (
            ({'corrupt': True}, unacceptable, 'checksum is not the one'),
            ({'truncate': True}, unacceptable, 'the stream ended after'),
            ({'die': True}, lost, 'Glance died'),
        )
        for fault, kind, text in faults:
            self.image = self.iso()
            self.harness.glance.faults[self.image.id] = glance.StreamFault(
                at=500_000, **fault
            )
            yield kind, text, self.instance(config_drive='True')
        self.image = self.harness.glance.make(1, disk_format='iso')
        yield unacceptable, 'its content is', self.instance()

    def badly_signed(self) -> Any:
        """An image with the signature of another one."""
        keys = self.useFixture(signatures.KeyManager())
        vendor = signatures.Signer('vendor', keys)
        stolen = vendor.sign(self.iso())['img_signature']
        self.image = self.iso()
        signatures.signed(
            self.harness.glance, vendor, self.image, img_signature=stolen
        )
        trusted = objects.TrustedCerts(ids=[vendor.authority])
        text = 'its signature is wrong'
        instance = self.instance(trusted_certs=trusted)
        return exception.CertificateValidationFailed, text, instance

    def large_images(self) -> Any:
        """Images for which the repository has no room."""
        kind = exception.ComputeResourcesUnavailable
        vios = self.host.vioses('host1')[0]
        self.image = self.iso(4)
        for repository in vios.repositories:
            repository.size = 2 / 1024
        text = 'Make it larger (chrep on the VIOS)'
        yield kind, text, self.instance()
        with self.host.model('host1').lock:
            for group in vios.groups:
                group.repositories.clear()
        self.harness.restart()
        self.driver = self.harness.driver
        self.harness.glance.images[self.image.id]['size'] = 2 * GIB
        text = 'with [powervm]vopt_media_rep_size = 1 the driver would make'
        yield kind, text, self.instance()


class TestInstallOnPool(TestInstall):
    """Disks in a shared storage pool."""

    PRESET = 'ssp-pair'
    OPTIONS = {'disk_driver': 'ssp'}
    DISK = 'lu'


class TestTwoServers(InstallTest):
    """The disks are on one VIOS, and the media on another one."""

    PRESET = 'dual-vios'
    OPTIONS = {'volume_group_name': 'vios1/datavg'}

    def test_disk_is_looked_at_first(self) -> None:
        self.host.add_media('host1', vios='vios2')
        guest = self.spawn()
        part = self.host.partition('host1', guest.uuid)
        self.assertEqual('vios2', part.booted_from.vios)
        self.install(guest)
        self.assertEqual('disk', self.reboot(guest))

    def test_repository_with_room_is_chosen(self) -> None:
        self.host.add_media('host1')
        self.host.shrink_repository('host1', 0.0001)
        self.host.add_media('host1', vios='vios2')
        guest = self.spawn()
        part = self.host.partition('host1', guest.uuid)
        self.assertEqual('vios2', part.booted_from.vios)


class TestIbmi(InstallTest):
    """IBM i: what is loaded is designated."""

    def test_installation_is_designated_once(self) -> None:
        guest = self.spawn(
            self.instance(system_metadata={'image_os_distro': 'ibmi'})
        )
        part = self.host.partition('host1', guest.uuid)
        self.assertEqual('media', self.booted(guest))
        self.assertEqual(('d', 'manual'), (part.ipl_source, part.keylock))
        self.assertEqual(
            str(part.booted_from.slot), part.tagged_io.alternate_load_source
        )
        self.install(guest)
        self.assertEqual('disk', self.reboot(guest))
        self.assertEqual(('b', 'normal'), (part.ipl_source, part.keylock))
        with self.host.model('host1').lock:
            part.ipl_source, part.keylock = 'd', 'manual'
        self.assertEqual('disk', self.start_again(guest))
        self.destroy(guest)
        self.assert_unchanged()
