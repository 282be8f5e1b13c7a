# SPDX-License-Identifier: Apache-2.0
"""Checksums beside a transfer."""

import hashlib
import threading

import testtools

from nova_powervm.virt.powervm.images import sums


class SumsTest(testtools.TestCase):
    def test_all_of_them(self) -> None:
        found = sums.Sums(('sha256', 'sha512'))
        pieces = [bytes([number]) * 1000 for number in range(50)]
        for piece in pieces:
            found.update(piece)
        whole = b''.join(pieces)
        self.assertEqual(
            {
                'sha256': hashlib.sha256(whole).hexdigest(),
                'sha512': hashlib.sha512(whole).hexdigest(),
            },
            found.finish(),
        )

    def test_threads_end(self) -> None:
        before = threading.active_count()
        found = sums.Sums(('sha256',))
        found.close()
        found.close()
        self.assertEqual(before, threading.active_count())
