# SPDX-License-Identifier: Apache-2.0
"""Images in a pool: one upload for all hosts, and when they go."""

import concurrent.futures
from typing import Any

from nova import exception
from nova import objects

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import signatures
from nova_powervm.tests.fixtures import waits
from nova_powervm.tests.unit.virt.powervm.disk import poolcase
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import pool as powervm_pool
from nova_powervm.virt.powervm.disk import roles

BOOTS = 32
IMAGE = 'VirtualIO_Image'


class ImagesCase(poolcase.PoolCase):
    """An image that Glance has, and two hosts that boot from it."""

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(waits.QuickWaits())
        self.other = self.on('host2')
        self.source = self.image()
        self.meta = nova_objects.image_meta(self.source)

    def boot(self, adapter: Any = None, instance: Any = None) -> Any:
        """Make a boot disk, as a build does."""
        adapter = adapter or self.adapter
        instance = instance or self.instance()
        image = adapter.ensure_image(
            self.context, self.meta, instance=instance
        )
        want = base.Wanted(roles.BOOT, instance.flavor.root_gb, image)
        (disk,) = adapter.create(instance, [want])
        return disk

    def images(self) -> list[Any]:
        """The units that hold images."""
        return [unit for unit in self.pool.units if unit.type == IMAGE]


class UploadTest(ImagesCase):
    """Uploads."""

    def test_many_boots_on_two_hosts_share_one(self) -> None:
        hosts = (self.adapter, self.other)
        with concurrent.futures.ThreadPoolExecutor(BOOTS) as threads:
            futures = [
                threads.submit(self.boot, hosts[number % 2])
                for number in range(BOOTS)
            ]
        disks = [future.result() for future in futures]
        self.assertEqual(1, self.uploads())
        (image,) = self.images()
        self.assertEqual(BOOTS, len(self.pool.clones_of(image)))
        self.assertEqual(BOOTS, len({disk.udid for disk in disks}))
        for disk in disks:
            self.assertEqual(
                self.source.sha256, self.digest(disk.udid, self.source.size)
            )

    def test_no_request_for_an_image_that_is_known(self) -> None:
        self.patch(powervm_pool, 'RECENT', 600.0)
        self.boot()
        self.forget_requests()
        self.boot()
        self.assertEqual(['PUT Tier/{}/LogicalUnit'], self.requests())

    def test_bad_streams_leave_nothing(self) -> None:
        for fault, error in (
            ('corrupt', exception.ImageUnacceptable),
            ('truncate', exception.ImageUnacceptable),
            ('die', errors.PlatformError),
        ):
            self.glance.faults[self.source.id] = glance.StreamFault(
                at=300_000,
                **{fault: True},  # type: ignore[arg-type]
            )
            self.assertRaises(error, self.boot)
            self.assertEqual([], self.names())
            self.assertEqual([], self.adapter._parts.journal.entries())
            self.assertNoFiles()

    def test_image_that_dies_on_one_host_boots_on_the_other(self) -> None:
        self.fault(method='PUT', path='/rest/api/web/File', status=500)
        self.assertRaises(errors.PlatformError, self.boot)
        self.assertEqual([], self.names())
        self.boot(self.other)
        self.assertEqual(1, len(self.images()))

    def test_wrong_format(self) -> None:
        self.source = self.image(disk_format='qcow2')
        self.meta = nova_objects.image_meta(self.source)
        self.assertRaises(exception.ImageUnacceptable, self.boot)
        self.assertEqual([], self.names())

    def test_too_large_for_the_flavor(self) -> None:
        self.meta.size = 2 << 30
        self.assertRaises(exception.FlavorDiskSmallerThanImage, self.boot)
        self.assertEqual([], self.names())

    def test_unknown_size(self) -> None:
        self.meta = objects.ImageMeta(
            id=self.source.id, disk_format='raw', container_format='bare'
        )
        self.boot()
        self.assertEqual(1, len(self.images()))

    def test_image_goes_before_it_is_cloned(self) -> None:
        instance = self.instance()
        image = self.adapter.ensure_image(
            self.context, self.meta, instance=instance
        )
        self.delete_unit(self.pool.find(image.udid))
        want = base.Wanted(roles.BOOT, 1, image)
        (disk,) = self.adapter.create(instance, [want])
        (again,) = self.images()
        self.assertNotEqual(image.udid, again.udid)
        self.assertEqual(2, self.uploads())
        self.assertEqual(
            self.source.sha256, self.digest(disk.udid, self.source.size)
        )

    def test_cached_ahead(self) -> None:
        self.assertTrue(self.adapter.cache_image(self.context, self.source.id))
        self.assertFalse(self.other.cache_image(self.context, self.source.id))
        self.boot(self.other)
        self.assertEqual(1, self.uploads())

    def test_lost_replies(self) -> None:
        """What a request without an answer made is found and used."""
        self.fault(
            method='PUT',
            path='/rest/api/uom/Tier/{}/LogicalUnit',
            drop='after',
            times=3,
        )
        self.boot()
        self.assertEqual(2, len(self.names()))


class SignedTest(ImagesCase):
    """Copies of an image that somebody wants to be signed."""

    def setUp(self) -> None:
        super().setUp()
        self.keys = self.useFixture(signatures.KeyManager())
        self.signer = signatures.Signer('vendor', self.keys)
        signatures.signed(self.glance, self.signer, self.source)

    def trusting(self, adapter: Any = None) -> Any:
        """Make a boot disk for somebody who trusts the vendor."""
        instance = self.instance()
        instance.trusted_certs = objects.TrustedCerts(
            ids=[self.signer.authority]
        )
        return self.boot(adapter, instance)

    @property
    def downloads(self) -> int:
        return self.glance.downloads[self.source.id]

    def test_verified_in_the_upload(self) -> None:
        self.trusting()
        self.trusting()
        self.assertEqual(1, self.downloads)
        self.trusting(self.other)
        self.assertEqual(2, self.downloads)
        self.assertEqual(1, self.uploads())

    def test_copy_that_another_host_did_not_verify(self) -> None:
        self.boot(self.other)
        self.trusting()
        self.trusting()
        self.assertEqual(2, self.downloads)
        self.assertEqual(1, self.uploads())
        bad = self.signer.sign(self.image())['img_signature']
        signatures.signed(
            self.glance, self.signer, self.source, img_signature=bad
        )
        self.other = self.on('host2')
        error = self.assertRaises(
            exception.CertificateValidationFailed, self.trusting, self.other
        )
        self.assertIn('signature is wrong', str(error))
        self.boot(self.other)

    def test_bad_signature_leaves_nothing(self) -> None:
        bad = self.signer.sign(self.image())['img_signature']
        signatures.signed(
            self.glance, self.signer, self.source, img_signature=bad
        )
        self.assertRaises(exception.CertificateValidationFailed, self.trusting)
        self.assertEqual([], self.names())
        self.assertEqual([], self.adapter._parts.journal.entries())

    def test_copy_of_other_bytes_is_not_used(self) -> None:
        """Glance promised others, or its name does not tell."""
        digits = self.source.id.replace('-', '')
        for tail in ('', f'_{"0" * 28}'):
            self.add_unit(f'image_{digits}_00badbad{tail}', type=IMAGE)
        disk = self.trusting(self.on('host1'))
        self.assertEqual(1, self.uploads())
        self.assertEqual(
            self.source.sha256, self.digest(disk.udid, self.source.size)
        )


class CacheTest(ImagesCase):
    """When images go."""

    def setUp(self) -> None:
        super().setUp()
        self.age(0)

    def age(self, seconds: int, remove: bool = True) -> None:
        """Let images go that were not used for so long."""
        self.conf.config(
            group='image_cache',
            remove_unused_base_images=remove,
            remove_unused_original_minimum_age_seconds=seconds,
        )
        self.adapter = self.on('host1')
        self.other = self.on('host2')

    def manage(self, adapter: Any = None) -> list[str]:
        """Run the cache manager; Nova's list of instances is of no use."""
        (adapter or self.adapter).manage_image_cache(self.context, [])
        return [unit.name for unit in self.images()]

    def test_used_by_another_host(self) -> None:
        instance = self.instance()
        disk = self.boot(self.other, instance)
        self.assertEqual(1, len(self.manage()))
        self.other.delete(instance, [disk])
        self.assertEqual([], self.manage())

    def test_clones_of_others_count(self) -> None:
        instance = self.instance()
        disk = self.boot(instance=instance)
        image = self.pool.find(disk.udid).cloned_from
        clone = self.add_unit('by-hand', cloned_from=image)
        self.adapter.delete(instance, [disk])
        self.assertEqual(1, len(self.manage()))
        self.delete_unit(clone)
        self.assertEqual([], self.manage())

    def test_about_to_be_used(self) -> None:
        instance = self.instance()
        self.adapter.ensure_image(self.context, self.meta, instance=instance)
        self.assertEqual(1, len(self.manage()))
        self.adapter.discard(instance, [])
        self.assertEqual([], self.manage())

    def test_not_old_enough(self) -> None:
        self.age(3600)
        self.adapter.cache_image(self.context, self.source.id)
        self.assertEqual(1, len(self.manage()))

    def test_not_wanted(self) -> None:
        self.age(0, remove=False)
        self.adapter.cache_image(self.context, self.source.id)
        self.assertEqual(1, len(self.manage()))

    def test_cloned_by_another_host_at_the_last_moment(self) -> None:
        self.adapter.cache_image(self.context, self.source.id)
        images = self.adapter._storage.images
        remove = images._remove

        def late(*args: Any) -> None:
            self.boot(self.other)
            remove(*args)

        images._remove = late  # type: ignore
        self.assertEqual(1, len(self.manage()))

    def test_uploads_under_way_stay(self) -> None:
        digits = self.source.id.replace('-', '')
        self.add_unit(f'part00000000image_{digits}', 0.001, type=IMAGE)
        self.add_unit(f'image_{digits}_00000000', type=IMAGE)
        self.assertEqual(2, len(self.manage()))

    def test_others_stay(self) -> None:
        self.add_unit('golden', type=IMAGE)
        self.add_unit(f'image_{"0" * 32}_00000000')
        self.assertEqual(['golden'], self.manage())
        self.assertEqual(2, len(self.names()))

    def test_images_of_the_retired_driver(self) -> None:
        used = self.add_unit(f'image_rhel_{"0" * 32}', type=IMAGE)
        self.add_unit('boot_old', cloned_from=used.udid)
        busy = f'image_sles_{"0" * 32}'
        self.add_unit(busy, type=IMAGE)
        self.add_unit(f'part00000000{busy}', 0.001, type=IMAGE)
        self.add_unit(f'image_aix_{"0" * 32}', type=IMAGE)
        self.assertEqual(
            sorted((used.name, busy, f'part00000000{busy}')),
            sorted(self.manage()),
        )
