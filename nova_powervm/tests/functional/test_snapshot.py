# SPDX-License-Identifier: Apache-2.0
"""Users make images of their servers, and shelve them."""

import threading

import fixtures

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base

MIB = 1 << 20


class SnapshotTest(base.FunctionalTest):
    """A server on the first host."""

    HOSTS = ('host1',)
    SWITCHES = {'second_mapping': 'allow'}

    def setUp(self) -> None:
        super().setUp()
        self.image = self.glance.make(3)
        self.empty = self.platform.state('host1')
        self.server = self.boot(self.image, host='host1')
        self.before = self.platform.state('host1')

    def snapshot(self) -> str:
        """Ask for an image; its id."""
        action = {'createImage': {'name': 'saved', 'metadata': {'a': 'b'}}}
        found = self.api.post_server_action(self.server['id'], action)
        return str(found['image_id'])

    def settle(self) -> base.Server:
        """Wait until Nova is done with the server."""

        def idle() -> bool:
            found = self.admin_api.get_server(self.server['id'])
            return found['OS-EXT-STS:task_state'] is None

        self._wait_for(idle, 'Nova to finish')
        return dict(self.admin_api.get_server(self.server['id']))

    def disk(self, server: base.Server, size: int) -> bytes:
        """The first bytes of the disk of a server."""
        lpar = self.platform.lpar('host1', server['id'])
        with open(lpar.boot_disk.path, 'rb') as disk:
            return disk.read(size)

    def content(self, image_id: str, size: int) -> bytes:
        """The first bytes of an image."""
        with open(self.glance.files[image_id].path, 'rb') as image:
            return image.read(size)

    def assert_logged(self, words: str) -> None:
        """Nova shows users no reason, so it is in the log."""
        self._wait_for(lambda: words in self.compute_logs(), words)

    def assert_as_before(self) -> None:
        """Nothing is left on the host."""
        self.assertEqual([], self.platform.changes('host1', self.before))


class TestImages(SnapshotTest):
    """What works on every kind of storage."""

    @proof.proves('snapshot')
    @proof.proves('boot from snapshot')
    def test_image_boots(self) -> None:
        # What the operating system wrote since.
        lpar = self.platform.lpar('host1', self.server['id'])
        with open(lpar.boot_disk.path, 'r+b') as disk:
            disk.seek(5 * MIB)
            disk.write(b'written by the server')
        image_id = self.snapshot()
        self.assertEqual('ACTIVE', self.settle()['status'])
        self.assertEqual('running', lpar.state)
        self.assert_as_before()
        self.assertEqual(1 << 30, self.glance.images[image_id]['size'])
        self.assertEqual('active', self.glance.images[image_id]['status'])
        again = self.boot(image_id)
        self.assertEqual(
            self.disk(self.server, 6 * MIB), self.disk(again, 6 * MIB)
        )
        self.assertIn(b'written by the server', self.disk(again, 6 * MIB))

    @proof.proves('shelve and unshelve')
    def test_shelve_and_offload(self) -> None:
        lpar = self.platform.lpar('host1', self.server['id'])
        with open(lpar.boot_disk.path, 'r+b') as disk:
            disk.seek(5 * MIB)
            disk.write(b'written by the server')
        wanted = self.disk(self.server, 6 * MIB)
        self.flags(shelved_offload_time=0)
        self._shelve_server(self.server, expected_state='SHELVED_OFFLOADED')
        self.assertNotIn(lpar.boot_disk.name, self.platform.disks('host1'))
        self._unshelve_server(self.server)
        self.assertEqual(wanted, self.disk(self.server, 6 * MIB))
        lpar = self.platform.lpar('host1', self.server['id'])
        self.assertEqual('running', lpar.state)


class TestSnapshot(SnapshotTest):
    """Images of servers."""

    def test_progress(self) -> None:
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova_powervm.virt.powervm.tasks.progress.PROGRESS', 0.0
            )
        )
        seen: list[int] = []
        original = self.glance._store

        def watch(image_id: str, data: object) -> None:
            class Watching:
                def read(_self, amount: int) -> bytes:
                    if len(seen) < 3:
                        found = self.api.get_server(self.server['id'])
                        seen.append(found['progress'])
                    return bytes(data.read(amount * 1024))  # type: ignore

            original(image_id, Watching())

        self.glance._store = watch  # type: ignore[method-assign]
        self.glance.discard = True
        self.snapshot()
        self.assertEqual(100, self.settle()['progress'])
        self.assertEqual(sorted(seen), seen)

    def test_image_service_that_dies(self) -> None:
        self.glance.upload_fault = glance.StreamFault(at=100 * MIB, die=True)
        image_id = self.snapshot()
        self.assertEqual('ACTIVE', self.settle()['status'])
        self._wait_for(
            lambda: image_id not in self.glance.images, 'the image to go'
        )
        self.assert_as_before()
        self.assert_logged('Glance died')

    def test_server_that_is_deleted_meanwhile(self) -> None:
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova_powervm.virt.powervm.tasks.progress.PROGRESS', 0.0
            )
        )
        gate = threading.Event()
        self.addCleanup(gate.set)
        self.glance.upload_fault = glance.StreamFault(at=MIB, gate=gate)
        image = self.glance.images[self.snapshot()]
        self._wait_for(lambda: image['status'] == 'saving', 'the upload')
        self.api.delete_server(self.server['id'])
        gate.set()
        self._wait_until_deleted(self.server)
        self.assertEqual(
            [], self.platform.changes('host1', self.empty, self.image)
        )
        self._wait_for(
            lambda: image['id'] not in self.glance.images, 'the image to go'
        )

    def test_server_that_is_off(self) -> None:
        self._stop_server(self.server)
        self.before = self.platform.state('host1')
        image_id = self.snapshot()
        self.assertEqual('SHUTOFF', self.settle()['status'])
        self.assert_as_before()
        self.assertEqual(
            self.disk(self.server, MIB), self.content(image_id, MIB)
        )


class TestMappedOnce(SnapshotTest):
    """A VIOS maps a logical volume to one partition only."""

    SWITCHES = {'second_mapping': 'refuse'}

    def test_server_that_runs(self) -> None:
        image_id = self.snapshot()
        self.assertEqual('ACTIVE', self.settle()['status'])
        self._wait_for(
            lambda: image_id not in self.glance.images, 'the image to go'
        )
        self.assert_logged('snapshot_stops_server')
        self.assert_as_before()

    def test_shelve_and_unshelve(self) -> None:
        wanted = self.disk(self.server, 4 * MIB)
        self.flags(shelved_offload_time=-1)
        self._shelve_server(self.server, expected_state='SHELVED')
        self._unshelve_server(self.server)
        self.assert_as_before()
        self.assertEqual(wanted, self.disk(self.server, 4 * MIB))


class TestStopping(SnapshotTest):
    """Servers are stopped for the copy."""

    SWITCHES = {'second_mapping': 'refuse'}
    SETTINGS = {'snapshot_stops_server': True}

    def test_server_is_active_again(self) -> None:
        image_id = self.snapshot()
        found = self.settle()
        self.assertEqual('ACTIVE', found['status'])
        self.assert_as_before()
        self.assertEqual(
            self.disk(self.server, MIB), self.content(image_id, MIB)
        )


class TestImagesOfPool(TestImages):
    """Logical units are mapped a second time whatever the switch says."""

    PRESET = 'ssp-pair'
    SWITCHES = {'second_mapping': 'refuse'}
    SETTINGS = {'disk_driver': 'ssp'}
