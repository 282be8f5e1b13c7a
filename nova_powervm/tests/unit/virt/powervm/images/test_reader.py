# SPDX-License-Identifier: Apache-2.0
"""Pieces as a file."""

from collections.abc import Iterator

import testtools

from nova_powervm.virt.powervm.images import reader


class PieceReaderTest(testtools.TestCase):
    def test_parts_of_pieces(self) -> None:
        file = reader.PieceReader([b'abcde', b'fg'])
        found = [file.read(3) for _ in range(4)]
        self.assertEqual([b'abc', b'de', b'fg', b''], found)
        self.assertEqual(b'', file.read(3))

    def test_whole_pieces(self) -> None:
        file = reader.PieceReader([b'abcde', b'fg'])
        self.assertEqual(b'a', file.read(1))
        self.assertEqual(4, file.held)
        self.assertEqual([b'bcde', b'fg'], [file.read(), file.read()])

    def test_failure_is_kept(self) -> None:
        def pieces() -> Iterator[bytes]:
            yield b'a'
            raise OSError('broken')

        file = reader.PieceReader(pieces())
        file.read()
        for _ in range(2):
            # Nova repeats an upload, which must not end well then.
            self.assertRaises(OSError, file.read)
        self.assertEqual('broken', str(file.error))
