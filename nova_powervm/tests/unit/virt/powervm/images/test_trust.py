# SPDX-License-Identifier: Apache-2.0
"""What a good signature of a download says of a cached copy."""

import dataclasses
import types
from typing import Any

import fixtures
import testtools
from nova import context as nova_context
from nova import exception
from nova import objects

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import signatures
from nova_powervm.virt.powervm.images import stream
from nova_powervm.virt.powervm.images import trust


class TrustTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.glance = self.useFixture(glance.GlanceFixture())
        self.keys = self.useFixture(signatures.KeyManager())
        self.signer = signatures.Signer('vendor', self.keys)
        self.image = self.glance.make()
        signatures.signed(self.glance, self.signer, self.image)
        self.trust = self.make()

    def make(self, **settings: Any) -> trust.Trust:
        """What is known at the start of a service."""
        settings.setdefault('verify_image_signatures', False)
        settings.setdefault('trusted_certificates', ())
        return trust.Trust(types.SimpleNamespace(**settings))  # type: ignore

    def stream(self, *trusted: str) -> stream.GlanceStream:
        certs = objects.TrustedCerts(ids=list(trusted)) if trusted else None
        return stream.GlanceStream.for_image(
            nova_context.RequestContext('user', 'project', is_admin=False),
            self.image.id,
            trusted_certs=certs,
        )

    def check(self, *trusted: str) -> int:
        """Verify; tell how many downloads that took."""
        before = self.glance.downloads[self.image.id]
        self.trust.check(self.stream(*trusted or [self.signer.authority]))
        return self.glance.downloads[self.image.id] - before

    def refusal(self, *trusted: str) -> str:
        return str(
            self.assertRaises(
                exception.CertificateValidationFailed, self.check, *trusted
            )
        )

    def test_once_for_each_set_of_certificates(self) -> None:
        other = signatures.Signer('stranger', self.keys).authority
        self.assertEqual([1, 0, 0], [self.check() for _ in range(3)])
        both = sorted([self.signer.authority, other])
        self.assertEqual(1, self.check(*both))
        self.assertEqual(0, self.check(*reversed(both)))
        self.refusal(other)
        self.trust = self.make()
        self.assertEqual(1, self.check())

    def test_what_was_verified_when_it_was_uploaded(self) -> None:
        self.trust.note(self.stream(self.signer.authority))
        self.assertEqual(0, self.check())

    def test_certificate_that_is_not_good_any_more(self) -> None:
        self.check()
        kept = self.keys.certificates.pop(self.signer.certificate)
        self.assertIn('Certificate not found', self.refusal())
        self.keys.certificates[self.signer.certificate] = kept
        self.assertEqual(0, self.check())
        properties = self.glance.images[self.image.id]['properties']
        del properties['img_signature_certificate_uuid']
        self.assertIn('not signed any more', self.refusal())

    def test_key_manager_that_does_not_answer(self) -> None:
        def fail(*_args: Any, **_kwargs: Any) -> None:
            raise OSError('no answer')

        self.check()
        self.keys.get = fail  # type: ignore[assignment,method-assign]
        error = self.assertRaises(stream.ImageDownloadFailed, self.check)
        self.assertIn('no answer', str(error))

    def test_glance_serves_other_bytes(self) -> None:
        self.glance.faults[self.image.id] = glance.StreamFault(
            at=images.MIB // 2, corrupt=True
        )
        self.assertRaises(exception.NovaException, self.check)
        self.glance.faults.clear()
        self.assertEqual(1, self.check())

    def test_bytes_that_only_a_weak_checksum_tells(self) -> None:
        properties = self.glance.images[self.image.id]['properties']
        del properties['os_hash_algo']
        self.assertIn('no SHA-2 checksum', self.refusal())

    def test_whom_is_asked_for(self) -> None:
        certs = objects.TrustedCerts(ids=['a'])
        self.assertFalse(self.trust.asked(None))
        self.assertTrue(self.trust.asked(certs))
        always = self.make(verify_image_signatures=True)
        self.assertTrue(always.asked(None))

    def test_certificates_that_the_operator_trusts(self) -> None:
        self.trust = self.make(
            verify_image_signatures=True,
            trusted_certificates=(self.signer.authority,),
        )
        self.trust.note(self.stream())
        self.trust.check(self.stream())
        del self.keys.certificates[self.signer.authority]
        error = self.assertRaises(
            exception.CertificateValidationFailed,
            self.trust.check,
            self.stream(),
        )
        self.assertIn('not to be trusted', str(error))

    def test_content_tells_one_promise_from_another(self) -> None:
        source = self.stream().source
        self.assertEqual(28, len(str(source.content)))
        other = dataclasses.replace(source, hash_value='0' * 128)
        self.assertNotEqual(source.content, other.content)
