# SPDX-License-Identifier: Apache-2.0
"""Images of servers, asked of the driver directly."""

import dataclasses
import os
import pathlib
from typing import Any

import fixtures
from nova import exception

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import driver_base
from novalink_sim.model import hostdevices

TAIL = 32
MIB = 1 << 20


class SnapshotTest(driver_base.DriverTest):
    """A server, and an image that Nova has reserved for it."""

    SWITCHES = {'second_mapping': 'allow'}

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.spawn()
        self.states: list[str] = []
        self.reserved = self.harness.glance.create(
            nova_objects.context(), {'name': 'saved', 'properties': {}}
        )['id']
        self.booted = self.host.state('host1')
        self.host.clear_journal()

    def snapshot(self) -> None:
        """Make the image."""
        self.driver.snapshot(
            nova_objects.context(), self.guest, self.reserved, self.note_state
        )

    def note_state(self, task_state: str, **_expected: Any) -> None:
        """Take the place of the compute manager's callback."""
        self.states.append(task_state)

    def refused(self, kind: type[Exception], *words: str) -> None:
        """Assert that it fails with these words, and changes nothing."""
        error = self.assertRaises(kind, self.snapshot)
        self.assertEqual(exception.__name__, type(error).__module__)
        for word in words:
            self.assertIn(word, str(error))
        self.assert_as_booted()

    def assert_saved(self) -> None:
        """Assert that the image is what is on the disk; nothing is left."""
        disk = self.host.lpar('host1', self.guest.uuid).boot_disk
        image = self.harness.glance.files[self.reserved]
        self.assertEqual(disk.size, image.size)
        with open(disk.path, 'rb') as one, open(image.path, 'rb') as other:
            while piece := one.read(MIB):
                if piece != other.read(MIB):
                    self.fail('the image differs from the disk')
        self.assert_as_booted()

    def assert_as_booted(self) -> None:
        """Assert that the host is as it was before."""
        self.assertEqual([], self.host.changes('host1', self.booted))

    def requests(self) -> list[str]:
        """What was asked of the platform."""
        return [
            f'{entry.method} {entry.template}'
            for entry in self.host.sim.journal.entries()
            if not entry.event_poll
        ]


class TestSnapshot(SnapshotTest):
    """Where a VIOS maps a disk to a second partition."""

    def test_server_that_runs(self) -> None:
        self.snapshot()
        self.assertEqual(5, len(self.requests()))
        self.assert_saved()
        self.assertEqual('running', self.state(self.guest))
        self.assertEqual(
            ['image_pending_upload', 'image_uploading'], self.states
        )
        self.assertEqual(100, self.guest.progress)

    def test_what_the_image_says(self) -> None:
        self.harness.glance.discard = True
        self.snapshot()
        image = self.harness.glance.images[self.reserved]
        self.assertEqual(
            ('saved', 'raw', 'bare'),
            (image['name'], image['disk_format'], image['container_format']),
        )
        self.assertEqual(
            {
                'image_location': 'snapshot',
                'image_state': 'available',
                'owner_id': 'project',
            },
            image['properties'],
        )

    def test_image_service_that_dies(self) -> None:
        self.harness.glance.upload_fault = glance.StreamFault(
            at=300 * MIB, die=True
        )
        self.refused(exception.NovaException, 'Glance died')

    def test_image_service_that_loses_bytes(self) -> None:
        for fault, word in (
            (glance.StreamFault(at=MIB, corrupt=True), 'sha512 checksum'),
            (glance.StreamFault(at=MIB, truncate=True), 'took'),
        ):
            self.harness.glance.upload_fault = fault
            self.refused(exception.NovaException, word)

    def test_server_that_is_deleted_meanwhile(self) -> None:
        def save(instance: Any, expected_task_state: Any = None) -> None:
            if expected_task_state:
                raise exception.UnexpectedDeletingTaskStateError(
                    instance_uuid=instance.uuid,
                    expected={'task_state': expected_task_state},
                    actual={'task_state': 'deleting'},
                )

        self.useFixture(
            fixtures.MonkeyPatch('nova.objects.Instance.save', save)
        )
        self.refused(exception.UnexpectedDeletingTaskStateError)

    def test_disk_of_the_retired_driver(self) -> None:
        with self.host.model('host1').lock:
            (disk,) = (
                d
                for d in self.host.group('host1').disks
                if d.name.startswith('b')
            )
            old = disk.file
            name = self.guest.name[:8]
            disk.name = f'b_{name}_{self.guest.uuid[:4]}'
            disk.tag = None
            old.rename(disk.file)
        self.booted = self.host.state('host1')
        self.snapshot()
        self.assert_saved()


class DeviceTest(SnapshotTest):
    """Nobody looks at the bytes."""

    def setUp(self) -> None:
        super().setUp()
        self.harness.glance.discard = True
        self.root = self.host.host_root('host1')

    @property
    def udid(self) -> str:
        """Unique device id of the boot disk."""
        (udid,) = (
            disk.udid
            for disk in self.host.group('host1').disks
            if disk.name.startswith('b')
        )
        return str(udid)

    def link(self, prefix: str, target: str) -> pathlib.Path:
        """Link something by the id of the disk, as udev does."""
        link = self.root / 'dev/disk/by-id' / f'{prefix}{self.udid[-TAIL:]}'
        link.symlink_to(target)
        self.addCleanup(link.unlink, missing_ok=True)
        return link

    def restart(self, **options: Any) -> None:
        """Start the service with other [powervm] options."""
        self.harness.options.update(options)
        self.harness.restart()
        self.driver = self.harness.driver


class TestDevices(DeviceTest):
    """What the management partition finds, or does not."""

    def test_root_of_another_system(self) -> None:
        empty = self.useFixture(fixtures.TempDir()).path
        self.restart(host_root=empty)
        self.refused(exception.NotSupported, 'host_root', empty)

    def test_device_that_does_not_appear(self) -> None:
        other = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (other / 'sys/bus/vio/devices').mkdir(parents=True)
        self.restart(host_root=str(other))
        self.refused(exception.NovaException, self.udid, '300 seconds')

    def test_several_devices(self) -> None:
        self.link('scsi-one', '../../sdx')
        self.link('scsi-two', '../../sdy')
        self.refused(exception.NovaException, 'sdx, sdy', self.udid)

    def test_device_that_an_earlier_mapping_left(self) -> None:
        with self.host.model('host1').lock:
            self.host.model('host1').host_devices.append(
                hostdevices.HostDevice('sdq', 'gone', 9, self.udid)
            )
        self.snapshot()
        self.assert_as_booted()

    def test_service_that_died_is_made_good_at_its_start(self) -> None:
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova_powervm.virt.powervm.disk.loans.Loans.release',
                lambda _self, _owner: None,
            )
        )
        self.snapshot()
        self.assertNotEqual([], self.host.changes('host1', self.booted))
        self.harness.restart()
        self.assert_as_booted()

    def test_compute_service_on_another_machine(self) -> None:
        access = self.driver.host.access
        settings = self.driver.host.settings
        rest = dataclasses.replace(settings.rest, host='novalink.example.org')
        access._settings = dataclasses.replace(settings, rest=rest)
        self.refused(exception.NotSupported, 'rest_host', rest.host)


class TestMappedOnce(SnapshotTest):
    """Where a VIOS maps a disk to one partition only."""

    SWITCHES = {'second_mapping': 'refuse'}

    def test_server_that_runs(self) -> None:
        self.refused(
            exception.NovaException, 'VIOS01050033', 'snapshot_stops_server'
        )

    def test_server_that_is_off(self) -> None:
        self.driver.power_off(self.guest)
        self.booted = self.host.state('host1')
        self.snapshot()
        self.assert_saved()
        self.driver.power_on(None, self.guest, self.network_info)
        self.assertEqual('running', self.state(self.guest))


class TestStopping(SnapshotTest):
    """Servers are stopped for the copy."""

    SWITCHES = {'second_mapping': 'refuse'}
    OPTIONS = {'snapshot_stops_server': True}

    def test_server_that_runs(self) -> None:
        self.snapshot()
        self.assert_saved()
        self.assertEqual('running', self.state(self.guest))
        self.assertEqual(1, self.host.operations('PowerOff'))

    def test_server_that_is_off(self) -> None:
        self.driver.power_off(self.guest)
        self.booted = self.host.state('host1')
        self.harness.glance.discard = True
        self.snapshot()
        self.assert_as_booted()

    def test_failure_starts_it_again(self) -> None:
        self.harness.glance.upload_fault = glance.StreamFault(at=MIB, die=True)
        self.refused(exception.NovaException, 'Glance died')
        self.assertEqual('running', self.state(self.guest))


class TestSoftwareDefined(SnapshotTest):
    """The management partition is the VIOS, and has the disk itself."""

    PRESET = 'software-defined'
    SWITCHES = {'second_mapping': 'refuse'}

    def test_nothing_is_mapped(self) -> None:
        self.snapshot()
        self.assertEqual(2, len(self.requests()))
        self.assertEqual([], self.host.writes())
        self.assert_saved()

    def test_file_that_is_not_the_plain_content(self) -> None:
        disk = self.host.lpar('host1', self.guest.uuid).boot_disk
        os.truncate(disk.path, 200 * MIB)
        self.refused(
            exception.NovaException, str(200 * MIB), 'not its plain content'
        )


class TestSharedPool(SnapshotTest):
    """A disk that several Virtual I/O Servers map."""

    PRESET = 'ssp-pair'
    SWITCHES = {'second_mapping': 'refuse'}
    OPTIONS = {'disk_driver': 'ssp'}

    def test_server_that_runs(self) -> None:
        self.snapshot()
        self.assertEqual(5, len(self.requests()))
        self.assert_saved()
        self.assertEqual('running', self.state(self.guest))

    def test_one_vios_is_down(self) -> None:
        self.host.power_off_vios('host1', 'vios1')
        self.booted = self.host.state('host1')
        self.harness.glance.discard = True
        self.snapshot()
        self.assert_as_booted()
