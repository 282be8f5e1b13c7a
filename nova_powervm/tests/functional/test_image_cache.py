# SPDX-License-Identifier: Apache-2.0
"""Administrators fill the image cache; Nova's options empty it."""

from nova import context as nova_context

from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base
from nova_powervm.virt.powervm import identity


class ImageCacheTest(base.FunctionalTest):
    """One host in an aggregate."""

    HOSTS = ('host1',)

    def setUp(self) -> None:
        super().setUp()
        self.image = self.glance.make(1)
        body = {'aggregate': {'name': 'power'}}
        self.aggregate = self.admin_api.post_aggregate(body)['id']
        self.admin_api.add_host_to_aggregate(self.aggregate, 'host1')

    def precache(self, *wanted: images.ImageFile) -> None:
        """Ask for images on all hosts of the aggregate."""
        self.admin_api.api_post(
            f'/os-aggregates/{self.aggregate}/images',
            {'cache': [{'id': image.id} for image in wanted]},
            check_response_status=[202],
        )

    def is_cached(self, image: images.ImageFile) -> bool:
        """Tell whether the host has an image."""
        name = identity.image_disk_name(image.id)
        return name in self.platform.disks('host1')

    def run_periodic_task(self) -> None:
        """Let Nova look after the cache."""
        with self.on_host('host1'):
            self.computes['host1'].manager._run_image_cache_manager_pass(
                nova_context.get_admin_context()
            )

    def test_ahead_of_its_use(self) -> None:
        broken = self.glance.make(1)
        self.glance.images[broken.id]['disk_format'] = 'qcow2'
        self.precache(self.image, broken)
        self._wait_for(
            lambda: 'disk_format is qcow2' in self.compute_logs(),
            'the host to look at both images',
        )
        self.assertTrue(self.is_cached(self.image))
        self.assertFalse(self.is_cached(broken))
        self.boot(self.image)
        self.assertEqual(1, self.glance.downloads[self.image.id])

    @proof.proves('image cache')
    def test_until_nobody_used_it_for_long_enough(self) -> None:
        server = self.boot(self.image)
        self.flags(
            remove_unused_original_minimum_age_seconds=0, group='image_cache'
        )
        self.restart_host('host1')
        self.run_periodic_task()
        self.assertTrue(self.is_cached(self.image))
        self.delete(server)
        self.run_periodic_task()
        self.assertFalse(self.is_cached(self.image))
        self.assertIn('1 were deleted', self.compute_logs())
