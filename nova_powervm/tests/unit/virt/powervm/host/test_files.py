# SPDX-License-Identifier: Apache-2.0
"""Which files of the management partition can hold volumes."""

import os
import pathlib
import stat
import threading

import fixtures
import testtools

from nova_powervm.virt.powervm.host import files


class CheckTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (self.root / 'dev').mkdir()
        self.volume = self.root / 'volume'
        self.volume.write_text('bytes')

    def refused(self, path: str, devices: bool = False) -> str:
        return str(
            self.assertRaises(
                files.UnusableFile,
                files.check,
                str(self.root),
                path,
                devices=devices,
            )
        )

    def test_file(self) -> None:
        self.assertEqual(5, files.check(str(self.root), '/volume'))

    def test_server_that_does_not_answer(self) -> None:
        answers = threading.Event()
        self.addCleanup(answers.set)
        self.useFixture(fixtures.MonkeyPatch(f'{files.__name__}.PATIENCE', 0))

        def never(path: str) -> os.stat_result:
            answers.wait()
            return os.stat(path)

        with fixtures.MonkeyPatch('os.lstat', never):
            self.assertIn('does not answer', self.refused('/volume'))

    def test_none(self) -> None:
        self.assertIn('No such file', self.refused('/none'))

    def test_paths(self) -> None:
        for path in (
            'volume',
            '/',
            '',
            '/dev/../volume',
            '/./volume',
            '/volume/',
            '//volume',
            '/vol\nume',
            '/vol\0ume',
        ):
            self.assertIn('no absolute path', self.refused(path))
        self.assertRaises(files.UnusableFile, files.check_path, None)

    def test_other_things(self) -> None:
        os.mkfifo(self.root / 'pipe')
        (self.root / 'link').symlink_to('volume')
        (self.root / 'dev/link').symlink_to('../volume')
        (self.root / 'dev/gone').symlink_to('nothing')
        for path in ('/dev', '/pipe', '/link', '/dev/link'):
            self.assertIn('no plain file', self.refused(path))
            self.assertIn('block device', self.refused(path, devices=True))
        self.assertIn('No such file', self.refused('/dev/gone', devices=True))

    def test_block_devices(self) -> None:
        """Nobody but root can make one."""
        (self.root / 'dev/mapper').symlink_to('dm-0')
        (self.root / 'dev/dm-0').touch()
        (self.root / 'link').symlink_to('dev/dm-0')
        is_block = fixtures.MonkeyPatch('stat.S_ISBLK', stat.S_ISREG)
        is_file = fixtures.MonkeyPatch('stat.S_ISREG', lambda mode: False)
        with is_block, is_file:
            for path in ('/dev/dm-0', '/dev/mapper'):
                files.check(str(self.root), path, devices=True)
                self.refused(path)
            # A node in a file system that others can write to.
            for path in ('/link', '/volume'):
                self.refused(path, devices=True)
