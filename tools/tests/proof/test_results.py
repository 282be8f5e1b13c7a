# SPDX-License-Identifier: Apache-2.0
"""Only a test that passed proves anything."""

import pathlib
import unittest
from typing import Any

import fixtures
import testtools
from stestr.repository import file as repositories

from nova_powervm.tests.fixtures import proof
from tools.proof import results


def samples() -> unittest.TestSuite:
    """Make two tests; discovery must not find the one that fails."""

    class Sample(testtools.TestCase):
        PRESET = 'ssp-pair'

        @proof.proves('boot')
        @proof.proves('deletion', disk='localdisk', guest='AIX')
        def test_good(self) -> None:
            self.assertEqual('ssp', proof.disk_of(self))

        @proof.proves('resize')
        def test_bad(self) -> None:
            self.fail('it broke')

    return unittest.TestSuite([Sample('test_good'), Sample('test_bad')])


class ProvenTest(testtools.TestCase):
    """Runs are read from where stestr keeps them."""

    def setUp(self) -> None:
        """Run the samples."""
        super().setUp()
        self.path = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def run_samples(self) -> None:
        """Keep a run as stestr does."""
        repository = repositories.RepositoryFactory().initialise(
            str(self.path)
        )
        inserter = repository.get_inserter()
        inserter.startTestRun()
        result: Any = testtools.ExtendedToStreamDecorator(inserter)
        samples().run(result)
        inserter.stopTestRun()

    def test_what_passed(self) -> None:
        """The preset of a test tells its disk driver."""
        self.run_samples()
        found = results.proven(self.path)
        self.assertEqual(
            {
                results.Cell('boot', 'ssp', 'Linux'),
                results.Cell('deletion', 'localdisk', 'AIX'),
            },
            set(found),
        )
        for tests in found.values():
            self.assertEqual(1, len(tests))

    def test_nothing_ran(self) -> None:
        """No run, no proof."""
        self.assertEqual({}, results.proven(self.path))

    def test_unknown_words(self) -> None:
        """A typing error would make a row of its own."""
        for words in (
            {'operation': 'bot'},
            {'operation': 'boot', 'disk': 'floppy'},
            {'operation': 'boot', 'guest': 'CP/M'},
        ):
            self.assertRaises(ValueError, lambda w=words: proof.proves(**w))
