# SPDX-License-Identifier: Apache-2.0
"""Whether the bytes of an image that is cached are signed.

Nova verifies the signature of an image while it downloads it. A copy that is
there already may come from a time, or from a user, that asked for no
verification. Reading it back to verify it would cost as much as the upload, so
it is told by the checksum that Glance promised when it was made, and which its
bytes had: when a download of those same bytes has a good signature, the copy
has it too. That download is written nowhere.
"""

import threading
from typing import Any

from cursive import certificate_utils
from nova import exception
from oslo_log import log as logging

from nova_powervm.virt.powervm import settings as powervm_settings
from nova_powervm.virt.powervm.images import stream as image_stream

LOG = logging.getLogger(__name__)

_Proof = tuple[str, str, tuple[str, ...]]


class Trust:
    """Remembers what was verified, as long as the service runs.

    What one user trusts says nothing of what another does, so it is remembered
    for each set of trusted certificates.

    :param settings: of the host; Nova's options may want all images verified
    """

    def __init__(self, settings: powervm_settings.HostSettings) -> None:
        self._always = settings.verify_image_signatures
        self._default = settings.trusted_certificates
        self._lock = threading.Lock()
        self._proofs: set[_Proof] = set()

    def asked(self, trusted_certs: Any) -> bool:
        """Tell whether an image has to be signed."""
        return self._always or bool(trusted_certs)

    def note(self, stream: image_stream.GlanceStream) -> None:
        """Note that the whole of a stream has just been verified."""
        with self._lock:
            self._proofs.add(self._proof(stream))

    def check(self, stream: image_stream.GlanceStream) -> None:
        """See that the bytes of an image are signed by whom the user trusts.

        They are downloaded the first time only. The certificate is judged
        every time, for it may have expired.

        :raises nova.exception.CertificateValidationFailed: they are not
        :raises nova.exception.ImageUnacceptable: they are other bytes
        :raises PlatformError: Glance did not deliver
        """
        with self._lock:
            known = self._proof(stream) in self._proofs
        if known:
            self._judge(stream)
            return
        LOG.info(
            'Image %s is cached, but not known to be signed; downloading it '
            'to verify its signature',
            stream.source.id,
        )
        with stream.open() as chunks:
            for _chunk in chunks:
                pass
        self.note(stream)

    def _judge(self, stream: image_stream.GlanceStream) -> None:
        trusted = self._trusted(stream)
        if not trusted:
            return
        certificate = stream.source.certificate
        if certificate is None:
            raise stream.distrusted('it is not signed any more')
        try:
            certificate_utils.verify_certificate(
                stream.context, certificate, trusted
            )
        except Exception as error:
            # Of cursive, of the key manager or of Keystone.
            raise stream.explained(error) from error

    def _trusted(self, stream: image_stream.GlanceStream) -> tuple[str, ...]:
        certs = stream.trusted_certs
        return tuple(sorted(certs.ids)) if certs else self._default

    def _proof(self, stream: image_stream.GlanceStream) -> _Proof:
        return stream.source.id, content(stream), self._trusted(stream)


def content(stream: image_stream.GlanceStream) -> str:
    """Tell what the bytes of an image are known by, once they are cached.

    :raises nova.exception.CertificateValidationFailed: nothing tells them
    """
    known = stream.source.content
    if known is None:
        raise exception.CertificateValidationFailed(
            f'The signature of image {stream.source.id} proves nothing of its '
            'cached copies, as Glance has no SHA-2 checksum of it '
            '(os_hash_algo, os_hash_value). Upload the image again.'
        )
    return known
