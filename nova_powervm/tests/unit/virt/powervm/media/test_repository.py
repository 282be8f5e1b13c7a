# SPDX-License-Identifier: Apache-2.0
"""Media go into the one repository, and come out of it again."""

import os
from typing import Any

from nova_powervm.tests.unit.virt.powervm.disk import case
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.media import repository
from nova_powervm.virt.powervm.records import journal
from novalink_sim.model import groups as sim_groups

OWNER = 'f2f2f2f2-0000-4000-8000-00000000abcd'
NAME = identity.config_drive_name(OWNER)
DATA = b'an ISO image' * 10_000


class RepositoryTest(case.StorageCase):
    def setUp(self) -> None:
        super().setUp()
        self.again()
        self.path = os.path.join(self.state_path, 'drive.iso')
        with open(self.path, 'wb') as file:
            file.write(DATA)

    def again(self, **options: Any) -> None:
        self.restart(**options)
        self.media = repository.MediaRepository(
            self.client,
            self.changes,
            self.host,
            self.vioses,
            self.directory,
            self.journal,
        )

    def upload(self) -> repository.RepoRef:
        ref = self.media.ensure()
        self.media.upload(NAME, self.path, ref, OWNER)
        return ref

    def media_of(self, group: str = 'rootvg') -> dict[str, Any]:
        (found,) = self.platform_group(group).repositories
        return {medium.name: medium for medium in found.media}

    def assertUploaded(self) -> None:
        with open(self.media_of()[NAME].file, 'rb') as file:
            self.assertEqual(DATA, file.read(len(DATA)))
        self.assertNoFiles()

    def test_made_when_there_is_none(self) -> None:
        self.again(vopt_media_rep_size=3)
        ref = self.media.ensure()
        group = self.platform_group('rootvg')
        self.assertEqual(group.uuid.upper(), ref.vg_uuid.upper())
        self.assertEqual([3.0], [repo.size for repo in group.repositories])

    def test_too_large_to_be_made(self) -> None:
        self.again(vopt_media_rep_size=10**6)
        error = self.assertRaises(errors.PlatformRefused, self.media.ensure)
        for word in ('vopt_media_rep_size = 1000000', 'vios1/rootvg', 'free'):
            self.assertIn(word, str(error))

    def test_found(self) -> None:
        wanted = sim_groups.RepositoryRequest('VMLibrary', 4.0)
        with self.model.lock:
            sim_groups.update(
                self.platform_group(),
                sim_groups.GroupRequest(repositories=(wanted,)),
            )
        ref = self.media.ensure()
        self.assertEqual(
            self.platform_group().uuid.upper(), ref.vg_uuid.upper()
        )
        self.assertEqual([], self.platform_group('rootvg').repositories)

    def test_known_needs_no_request(self) -> None:
        ref = self.media.ensure()
        self.media.find(NAME)
        self.forget_requests()
        self.assertEqual(ref, self.media.ensure())
        self.assertEqual([], self.requests())

    def test_no_such_group(self) -> None:
        self.again(vopt_media_volume_group='nosuchvg')
        error = self.assertRaises(errors.NotReady, self.media.ensure)
        for word in ('nosuchvg', 'vios1/rootvg', 'vios1/datavg'):
            self.assertIn(word, str(error))

    def test_upload(self) -> None:
        ref = self.media.ensure()
        self.forget_requests()
        self.media.upload(NAME, self.path, ref, OWNER)
        self.assertEqual(3, len(self.requests()))
        self.assertUploaded()

    def test_retryable_faults(self) -> None:
        for fault in ({'drop': 'before'}, {'drop': 'after'}):
            for path in (case.FILES, case.CONTENTS):
                self.fault(method='PUT', path=path, **fault)
                self.upload()
                self.assertUploaded()
                self.assertTrue(self.media.delete(NAME))

    def full(self, size_bytes: int, name: str = NAME) -> str:
        error = self.assertRaises(
            errors.NoSpace, self.media.with_room, name, size_bytes
        )
        return str(error)

    def test_room(self) -> None:
        self.assertIn(
            'with [powervm]vopt_media_rep_size = 1 ', self.full(2 << 30)
        )
        self.assertEqual([], self.platform_group('rootvg').repositories)
        ref = self.media.with_room(NAME, 1 << 30)
        self.media.upload(NAME, self.path, ref, OWNER)
        # What is going to be replaced does not count.
        self.assertEqual(ref, self.media.with_room(NAME, 1 << 30))
        text = self.full(1 << 30, 'iso_1')
        self.assertIn('of 1.00 GB free, iso_1 needs 1.00 GB. Make it', text)

    def test_room_that_others_took_meanwhile(self) -> None:
        ref = self.media.with_room(NAME, len(DATA))
        (found,) = self.platform_group('rootvg').repositories
        found.size = 1 / 1024**2
        error = self.assertRaises(
            errors.NoSpace, self.media.upload, NAME, self.path, ref, OWNER
        )
        self.assertIn('Make it larger', str(error))

    def test_left_over_is_replaced(self) -> None:
        self.upload()
        self.upload()
        self.assertUploaded()

    def test_refused(self) -> None:
        self.media.ensure()
        self.fault(method='PUT', path=case.CONTENTS, status=500, times=None)
        self.assertRaises(errors.PlatformRefused, self.upload)
        self.assertNoFiles()

    def test_larger_than_the_room(self) -> None:
        self.media.ensure()
        with self.model.lock:
            (found,) = self.platform_group('rootvg').repositories
            sim_groups.add_media(found, 'aix.iso', found.size - 0.0001)
        error = self.assertRaises(errors.NoSpace, self.upload)
        for word in ('vios1', NAME, 'vopt_media_rep_size'):
            self.assertIn(word, str(error))
        self.assertNotIn(NAME, self.media_of())

    def test_delete(self) -> None:
        self.upload()
        self.forget_requests()
        self.assertTrue(self.media.delete(NAME))
        self.assertEqual({}, self.media_of())
        self.assertLessEqual(len(self.requests()), 3)
        self.assertFalse(self.media.delete(NAME))

    def test_delete_without_a_repository(self) -> None:
        self.assertFalse(self.media.delete(NAME))

    def set_rmc(self, state: str) -> None:
        with self.model.lock:
            for vios in self.model.vioses.values():
                vios.rmc_state = state
        self.vioses.invalidate()

    def noted(self) -> list[str]:
        return [entry.state for entry in self.journal.entries(journal.MEDIA)]

    def test_journal(self) -> None:
        self.media.ensure()
        self.fault(method='PUT', path=case.FILES, status=500, times=None)
        self.assertRaises(errors.PlatformRefused, self.upload)
        self.assertEqual([journal.READY], self.noted())
        self.media.delete(NAME)
        self.assertEqual([], self.noted())

    def test_left_while_the_server_is_down(self) -> None:
        self.upload()
        self.set_rmc('inactive')
        self.assertFalse(self.media.delete(NAME))
        self.assertIn(OWNER, self.log.output)
        self.media.collect()
        self.assertEqual([journal.LEAVING], self.noted())
        self.set_rmc('active')
        self.media.collect()
        self.assertEqual({}, self.media_of())
        self.assertEqual([], self.noted())

    def test_left_and_made_anew(self) -> None:
        self.upload()
        self.set_rmc('inactive')
        self.media.delete(NAME)
        self.set_rmc('active')
        self.upload()
        self.media.collect()
        self.assertUploaded()

    def test_collect_fails(self) -> None:
        self.upload()
        self.set_rmc('inactive')
        self.media.delete(NAME)
        self.set_rmc('active')
        self.fault(method='POST', path=case.GROUP, status=500, times=None)
        self.media.collect()
        self.assertIn('is still left on vios1', self.log.output)
        self.assertEqual([journal.LEAVING], self.noted())

    def test_nothing_left_needs_no_request(self) -> None:
        self.upload()
        self.forget_requests()
        self.vioses.invalidate()
        self.media.collect()
        self.assertEqual([], self.requests())

    def test_find(self) -> None:
        self.assertIsNone(self.media.find(NAME))
        ref = self.upload()
        self.assertEqual(ref, self.media.find(NAME))
        self.assertIsNone(self.media.find('aix.iso'))


class DualTest(case.StorageCase):
    PRESET = 'dual-vios'

    def test_another_server_can_serve(self) -> None:
        vios = next(iter(self.model.vioses.values()))
        vios.rmc_state = 'inactive'
        self.restart()
        media = repository.MediaRepository(
            self.client,
            self.changes,
            self.host,
            self.vioses,
            self.directory,
            self.journal,
        )
        ref = media.ensure()
        self.assertNotEqual(vios.uuid.upper(), ref.vios_uuid.upper())
