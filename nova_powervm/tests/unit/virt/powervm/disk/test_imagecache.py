# SPDX-License-Identifier: Apache-2.0
"""Images are uploaded once, whole, and kept as long as Nova wants."""

import concurrent.futures
import dataclasses
import hashlib
import json
import os
import threading
from typing import Any

from nova import exception
from nova import objects

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import signatures
from nova_powervm.tests.unit.virt.powervm.disk import case
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import imagecache
from nova_powervm.virt.powervm.disk import owned
from nova_powervm.virt.powervm.images import stream
from nova_powervm.virt.powervm.images import upload
from nova_powervm.virt.powervm.records import journal


class ImageCacheCase(case.StorageCase):
    def setUp(self) -> None:
        super().setUp()
        self.source = self.image(megabytes=3)
        self.name = identity.image_disk_name(self.source.id)
        self.again()

    def again(self) -> None:
        self.restart()
        self.data = self.data_group()
        self.cache = imagecache.ImageCache(
            self.data,
            owned.OwnedDisks(self.data, self.changes, self.journal),
            upload.Uploader(self.client, self.journal),
            self.journal,
            self.host,
        )

    def ensure(self, claimant: str | None = None) -> base.ImageDisk:
        return self.cache.ensure(self.context, self.source.id, claimant)

    def break_stream(self, **fault: Any) -> None:
        self.glance.faults[self.source.id] = glance.StreamFault(**fault)

    def state(self) -> str | None:
        entry = self.journal.find('image', self.name, self.data.uuid)
        return entry.state if entry else None

    def assertCached(self) -> None:
        data = self.content(self.name, self.source.size)
        self.assertEqual(self.source.sha256, hashlib.sha256(data).hexdigest())
        self.assertEqual(journal.READY, self.state())
        self.assertNoFiles()

    def assertNothingLeft(self) -> None:
        self.assertEqual({}, self.platform_disks())
        self.assertIsNone(self.state())
        self.assertFalse(self.cache.cached(self.source.id))
        self.assertNoFiles()


class EnsureTest(ImageCacheCase):
    def test_upload(self) -> None:
        self.forget_requests()
        disk = self.ensure()
        self.assertCached()
        self.assertEqual(self.platform_disks()[self.name].udid, disk.udid)
        self.assertEqual(base.GIB, disk.size_bytes)
        verbs = [line.split()[0] for line in self.requests()]
        self.assertEqual(['GET', 'POST', 'PUT', 'PUT', 'DELETE'], verbs)

    def test_cached_needs_no_request(self) -> None:
        disk = self.ensure()
        self.forget_requests()
        self.assertEqual(disk, self.ensure())
        self.assertEqual([], self.requests())

    def test_cached_over_a_restart(self) -> None:
        disk = self.ensure()
        self.again()
        self.forget_requests()
        self.assertEqual(disk, self.ensure())
        self.assertEqual([], self.requests())
        self.assertEqual(1, self.glance.downloads[self.source.id])

    def test_many_at_once_share_one_upload(self) -> None:
        gate = threading.Event()
        self.break_stream(at=images.MIB, gate=gate)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            futures = [pool.submit(self.ensure) for _number in range(8)]
            gate.set()
            disks = {future.result() for future in futures}
        self.assertEqual(1, len(disks))
        self.assertEqual(1, self.glance.downloads[self.source.id])
        self.assertCached()

    def test_bad_content(self) -> None:
        for fault in (
            {'at': 2 * images.MIB, 'truncate': True},
            {'at': 2 * images.MIB, 'corrupt': True},
            {'at': self.source.size, 'detected': True},
        ):
            self.break_stream(**fault)
            self.assertRaises(exception.ImageUnacceptable, self.ensure)
            self.assertNothingLeft()

    def test_glance_dies(self) -> None:
        self.break_stream(at=2 * images.MIB, die=True)
        self.assertRaises(stream.ImageDownloadFailed, self.ensure)
        self.assertNothingLeft()
        self.glance.faults.clear()
        self.ensure()
        self.assertCached()

    def test_disguised_image_makes_nothing(self) -> None:
        with open(self.source.path, 'r+b') as file:
            file.write(b'QFI\xfb\0\0\0\x03')
        self.forget_requests()
        self.assertRaises(exception.ImageUnacceptable, self.ensure)
        self.assertEqual([], self.requests())
        self.assertNothingLeft()

    def test_platform_refuses(self) -> None:
        for method, path in (
            ('POST', case.GROUP),
            ('PUT', case.FILES),
            ('PUT', case.CONTENTS),
        ):
            number = self.fault(method=method, path=path, status=500)
            self.assertRaises(errors.PlatformError, self.ensure)
            self.assertNothingLeft()
            self.sim.faults.clear(number)
        self.ensure()
        self.assertCached()

    def test_volume_group_full(self) -> None:
        self.platform_group().fill(0.0)
        self.data.read()
        self.assertRaises(errors.NoSpace, self.ensure)
        self.assertIsNone(self.state())

    def break_off(self) -> None:
        """An upload that fails, and cannot be cleaned up either."""
        upload_fault = self.fault(
            method='PUT', path=case.CONTENTS, status=500, times=None
        )
        group_fault = self.fault(
            method='POST', path=case.GROUP, status=500, nth=2, times=None
        )
        self.assertRaises(errors.PlatformError, self.ensure)
        self.sim.faults.clear(upload_fault)
        self.sim.faults.clear(group_fault)
        self.assertIn(self.name, self.platform_disks())
        self.assertEqual(journal.UPLOADING, self.state())
        self.assertFalse(self.cache.cached(self.source.id))

    def test_half_an_image_is_never_used(self) -> None:
        self.break_off()
        self.again()
        self.ensure()
        self.assertCached()

    def test_half_an_image_is_swept(self) -> None:
        self.break_off()
        self.cache.sweep()
        self.assertNothingLeft()

    def test_deleted_by_somebody(self) -> None:
        self.ensure()
        self.platform_group().disks.clear()
        self.again()
        self.ensure()
        self.assertCached()

    def test_foreign_disk(self) -> None:
        self.foreign_disk(self.name)
        self.again()
        before = self.platform_disks()[self.name].udid
        self.assertRaises(base.NotOurs, self.ensure)
        self.assertEqual(before, self.platform_disks()[self.name].udid)
        self.assertIsNone(self.state())

    def test_foreign_disk_in_place_of_ours(self) -> None:
        self.ensure()
        self.platform_group().disks.clear()
        self.foreign_disk('oradata')
        self.foreign_disk(self.name)
        self.again()
        self.assertRaises(base.NotOurs, self.ensure)
        self.assertIn(self.name, self.platform_disks())


class SignedTest(ImageCacheCase):
    """Copies of an image that somebody wants to be signed."""

    def setUp(self) -> None:
        super().setUp()
        self.keys = self.useFixture(signatures.KeyManager())
        self.signer = signatures.Signer('vendor', self.keys)
        signatures.signed(self.glance, self.signer, self.source)

    def trusting(self, claimant: str = 'inst1') -> base.ImageDisk:
        certs = objects.TrustedCerts(ids=[self.signer.authority])
        return self.cache.ensure(self.context, self.source.id, claimant, certs)

    @property
    def downloads(self) -> int:
        return self.glance.downloads[self.source.id]

    def sign_badly(self) -> None:
        signatures.signed(
            self.glance,
            self.signer,
            self.source,
            img_signature=self.signer.sign(self.image())['img_signature'],
        )

    def test_verified_in_the_upload(self) -> None:
        disk = self.trusting()
        self.assertEqual(disk, self.trusting())
        self.assertEqual(1, self.downloads)
        self.assertCached()

    def test_bad_signature_leaves_nothing(self) -> None:
        self.sign_badly()
        self.assertRaises(exception.CertificateValidationFailed, self.trusting)
        self.assertNothingLeft()
        self.ensure()
        self.assertCached()

    def test_bad_signature_is_no_matter_of_others(self) -> None:
        """They wait for the upload, and then do it themselves."""
        self.sign_badly()
        gate = threading.Event()
        self.break_stream(at=images.MIB, gate=gate)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            trusting = pool.submit(self.trusting)
            other = pool.submit(self.ensure)
            gate.set()
            self.assertIsInstance(
                trusting.exception(), exception.CertificateValidationFailed
            )
            self.assertEqual(self.name, other.result().name)
        self.assertCached()

    def test_copy_that_was_not_verified(self) -> None:
        disk = self.ensure()
        self.forget_requests()
        self.assertEqual(disk, self.trusting())
        self.assertEqual(2, self.downloads)
        self.trusting()
        self.assertEqual(2, self.downloads)
        self.assertEqual([], self.requests())
        self.again()
        self.trusting()
        self.assertEqual(3, self.downloads)

    def test_copy_of_what_is_not_signed(self) -> None:
        self.ensure()
        self.sign_badly()
        self.assertRaises(exception.CertificateValidationFailed, self.trusting)
        self.ensure()
        self.assertCached()

    def test_option_of_nova_that_was_off_when_it_was_cached(self) -> None:
        self.ensure()
        self.conf.config(group='glance', verify_glance_signatures=True)
        self.again()
        self.ensure()
        self.assertEqual(2, self.downloads)
        self.sign_badly()
        self.again()
        self.assertRaises(exception.CertificateValidationFailed, self.ensure)

    def test_copy_of_other_bytes_is_made_anew(self) -> None:
        """Glance promised others when it was made."""
        self.ensure('inst2')
        entry = self.journal.find('image', self.name, self.data.uuid)
        assert entry is not None
        self.journal.record(dataclasses.replace(entry, detail=None))
        error = self.assertRaises(errors.PlatformError, self.trusting)
        self.assertIn('try again', str(error))
        self.cache.release('inst2')
        self.trusting()
        self.assertEqual(2, self.downloads)
        self.assertCached()


class ManageTest(ImageCacheCase):
    def setUp(self) -> None:
        super().setUp()
        self.ensure()

    def manage(self, users: int = 0, age: int = 0, **options: Any) -> None:
        options.setdefault('remove_unused_base_images', True)
        options['remove_unused_original_minimum_age_seconds'] = age
        self.conf.config(group='image_cache', **options)
        self.again()
        self.cache.manage({self.source.id: users} if users else {})

    def assertKept(self) -> None:
        self.assertIn(self.name, self.platform_disks())
        self.assertTrue(self.cache.cached(self.source.id))

    def test_unused(self) -> None:
        self.manage()
        self.assertNothingLeft()
        self.assertEqual({}, json.loads(self.read_state('images.json')))

    def test_used(self) -> None:
        self.manage(users=1)
        self.assertKept()

    def test_statistics(self) -> None:
        self.manage(users=7)
        self.assertIn(
            'Image cache in vios1/datavg: 1 images of 1.0 GB; 1 of them are '
            'used, by 7 instances; 0 were deleted',
            self.log.output,
        )
        self.manage()
        self.assertIn('0 images of 0.0 GB; 0 of them', self.log.output)
        self.assertIn('1 were deleted', self.log.output)

    def test_lost_times_mean_that_it_is_new(self) -> None:
        self.manage(age=3600)
        path = os.path.join(self.host.host_state_path, 'images.json')
        os.unlink(path)
        self.manage(age=3600)
        self.assertKept()
        with open(path, encoding='utf-8') as file:
            self.assertEqual([self.source.id], list(json.load(file)))

    def test_too_young(self) -> None:
        self.manage(age=3600)
        self.assertKept()

    def test_nova_keeps_all(self) -> None:
        self.manage(remove_unused_base_images=False)
        self.assertKept()

    def test_about_to_be_used(self) -> None:
        self.manage(age=3600)
        self.ensure('inst1')
        self.cache._settings = self.host
        self.cache._last_use._times[self.source.id] = 0.0
        self.cache.manage({})
        self.assertKept()
        self.cache.release('inst1')
        self.cache._last_use._times[self.source.id] = 0.0
        self.cache.manage({})
        self.assertNothingLeft()

    def test_never_what_is_not_ours(self) -> None:
        foreign = identity.image_disk_name('somebody-else')
        self.foreign_disk(foreign)
        self.foreign_disk('i_oracle')
        self.manage()
        self.assertEqual({foreign, 'i_oracle'}, set(self.platform_disks()))

    def test_foreign_disk_in_place_of_ours(self) -> None:
        self.platform_group().disks.clear()
        self.foreign_disk('oradata')
        self.foreign_disk(self.name)
        self.manage()
        self.assertIn(self.name, self.platform_disks())

    def test_a_disk_that_cannot_be_deleted_is_not_used(self) -> None:
        number = self.fault(
            method='POST', path=case.GROUP, status=500, times=None
        )
        self.manage()
        self.assertIn(self.name, self.platform_disks())
        self.assertFalse(self.cache.cached(self.source.id))
        self.sim.faults.clear(number)
        self.manage(age=3600)
        self.assertNothingLeft()
