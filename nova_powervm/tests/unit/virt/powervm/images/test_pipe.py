# SPDX-License-Identifier: Apache-2.0
"""The pipe bounds memory and tells both ends what happened."""

import threading

import testtools

from nova_powervm.virt.powervm.images import pipe as image_pipe


class PipeTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.pipe = image_pipe.Pipe(limit=10, patience=20)

    def test_bytes_come_out_in_order(self) -> None:
        for chunk in (b'one', b'', b'two'):
            self.assertEqual(len(chunk), self.pipe.write(chunk))
        self.pipe.finish()
        self.assertEqual([b'onetwo'], list(self.pipe))

    def test_pieces_are_no_larger_than_the_limit(self) -> None:
        pipe = image_pipe.Pipe()
        half = bytes(image_pipe._PIECE // 2)
        large = bytes(2 * image_pipe._PIECE)
        for chunk in (half, half, half, large):
            pipe.write(chunk)
        pipe.finish()
        self.assertEqual([half * 2, half, large], list(pipe))

    def test_the_writer_waits(self) -> None:
        written = []

        def write() -> None:
            for _number in range(10):
                self.pipe.write(b'0123456789')
                written.append(self.pipe._held)
            self.pipe.finish()

        writer = threading.Thread(target=write)
        writer.start()
        size = sum(len(chunk) for chunk in self.pipe)
        writer.join()
        self.assertEqual(100, size)
        self.assertLessEqual(max(written), 10)

    def test_an_end_without_finish_is_none(self) -> None:
        pipe = image_pipe.Pipe(patience=0.01)
        pipe.write(b'one')
        chunks = iter(pipe)
        self.assertEqual(b'one', next(chunks))
        self.assertRaises(image_pipe.PipeStalled, next, chunks)

    def test_an_error_comes_before_what_is_left(self) -> None:
        self.pipe.write(b'one')
        self.pipe.finish(ValueError('late'))
        self.pipe.finish()
        self.assertRaises(ValueError, list, self.pipe)

    def test_truncate_discards(self) -> None:
        self.pipe.write(b'one')
        self.pipe.truncate(0)
        self.pipe.finish()
        self.assertRaises(image_pipe.PipeClosed, list, self.pipe)

    def test_the_reason_for_discarding_is_told(self) -> None:
        self.pipe.write(b'one')
        told = []

        def read() -> None:
            try:
                list(self.pipe)
            except ValueError as error:
                told.append(error)

        reader = threading.Thread(target=read)
        reader.start()
        self.pipe.truncate(0)
        self.pipe.finish(ValueError('bad signature'))
        self.pipe.finish()
        reader.join()
        self.assertEqual(1, len(told))

    def test_close_frees_the_writer(self) -> None:
        self.pipe.write(b'0123456789')
        failed = []

        def write() -> None:
            try:
                self.pipe.write(b'more')
            except image_pipe.PipeClosed as error:
                failed.append(error)

        writer = threading.Thread(target=write)
        writer.start()
        self.pipe.close()
        writer.join()
        self.assertEqual(1, len(failed))
