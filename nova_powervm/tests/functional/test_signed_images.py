# SPDX-License-Identifier: Apache-2.0
"""Users trust images that are signed, and no others."""

from collections.abc import Sequence
from typing import Any

from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import isos
from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.fixtures import signatures
from nova_powervm.tests.functional import base


class TestSignedImages(base.FunctionalTest):
    """Images of a vendor whom some users trust."""

    HOSTS: Sequence[str] = ('host1',)

    def setUp(self) -> None:
        super().setUp()
        self.keys = self.useFixture(signatures.KeyManager())
        self.signer = signatures.Signer('vendor', self.keys)
        self.image = self.glance.make(1)
        self.bad = self.glance.make(2)
        self.sign(self.image)
        stolen = self.glance.images[self.image.id]['properties']
        self.sign(self.bad, img_signature=stolen['img_signature'])

    def sign(self, image: images.ImageFile, **other: str) -> None:
        """Let the vendor sign an image."""
        signatures.signed(self.glance, self.signer, image, **other)

    def installer(self) -> images.ImageFile:
        """Offer an ISO image, which is not cached, with a bad signature."""
        image: images.ImageFile = self.glance.add(
            isos.make_iso(self.glance.directory)
        )
        stolen = self.glance.images[self.image.id]['properties']
        self.sign(image, img_signature=stolen['img_signature'])
        return image

    def trusting(
        self, image: images.ImageFile, status: str, *authorities: str
    ) -> base.Server:
        """Boot a server for somebody who trusts the vendor, or others."""
        certs = list(authorities) or [self.signer.authority]
        return self.boot(
            image, status=status, trusted_image_certificates=certs
        )

    def unlike(self, before: Any) -> list[str]:
        """What is different on the platform, but for the good image."""
        return list(self.platform.changes('host1', before, self.image))

    @proof.proves('signed images')
    def test_boot(self) -> None:
        # The first who wants the image does not want it verified.
        self.boot(self.image)
        self.assertEqual(1, self.glance.downloads[self.image.id])
        uploads = len(self.platform.uploads())
        for _number in range(2):
            server = self.trusting(self.image, 'ACTIVE')
        self.assertEqual(2, self.glance.downloads[self.image.id])
        self.assertEqual(uploads, len(self.platform.uploads()))
        before = self.platform.state('host1', self.image)
        stranger = signatures.Signer('stranger', self.keys)
        for image, authority, text in (
            (self.image, stranger.authority, 'signing certificate'),
            (self.bad, self.signer.authority, 'its signature is wrong'),
            (self.glance.make(1), self.signer.authority, 'Cannot verify'),
        ):
            failed = self.trusting(image, 'ERROR', authority)
            self.assertIn(text, self.fault(failed))
            self.delete(failed)
            self.assertEqual([], self.unlike(before))
        self.check_rebuild_and_rescue(server, before)

    def check_rebuild_and_rescue(
        self, server: base.Server, before: Any
    ) -> None:
        """Neither takes a server to an image with a bad signature."""
        self.api.post_server_action(
            server['id'],
            {
                'rebuild': {
                    'imageRef': self.bad.id,
                    'trusted_image_certificates': [self.signer.authority],
                }
            },
        )
        self._wait_for(
            lambda: 'its signature is wrong' in self.reasons(server),
            'the reason of the failure',
        )
        self.wait_for(server, 'ACTIVE')
        self.assertEqual([], self.unlike(before))
        for image in (self.bad, self.installer()):
            self.api.post_server_action(
                server['id'], {'rescue': {'rescue_image_ref': image.id}}
            )
            # It is in error after the first one.
            text = f'Image {image.id} is not to be trusted'
            self.wait_for(server, 'ERROR')
            self._wait_for(lambda t=text: t in self.fault(server), text)
            self.assertEqual([], self.unlike(before))


class TestSignedImagesInPool(TestSignedImages):
    """The image is in a pool, which has no record for all hosts."""

    HOSTS = ('host1', 'host2')
    PRESET = 'ssp-pair'
    SETTINGS = {'disk_driver': 'ssp'}

    def trusting(
        self, image: images.ImageFile, status: str, *authorities: str
    ) -> base.Server:
        """Boot a server on the first host."""
        certs = list(authorities) or [self.signer.authority]
        return self.boot(
            image,
            status=status,
            host='host1',
            trusted_image_certificates=certs,
        )
