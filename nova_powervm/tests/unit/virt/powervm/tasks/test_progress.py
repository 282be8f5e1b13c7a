# SPDX-License-Identifier: Apache-2.0
"""How progress is shown."""

from typing import Any

import fixtures
import testtools
from nova import exception

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.tasks import progress


class ProgressTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.saved: list[int] = []
        self.expected: list[Any] = []
        self.now = 0.0
        self.failure: Exception | None = None
        self.useFixture(
            fixtures.MonkeyPatch('nova.objects.Instance.save', self.save)
        )
        self.guest = nova_objects.instance()
        self.progress = progress.Progress(
            self.guest, ['resize_migrating'], lambda: self.now
        )

    def save(
        self, _instance: Any = None, expected_task_state: Any = None
    ) -> None:
        if self.failure is not None:
            raise self.failure
        self.saved.append(self.guest.progress)
        self.expected.append(expected_task_state)

    def test_rate_is_bounded(self) -> None:
        for step in range(100):
            self.now += 1.0
            self.progress(step, 100)
        self.assertEqual(20, len(self.saved))
        self.assertEqual(self.saved, sorted(self.saved))

    def test_end(self) -> None:
        self.progress.done()
        self.assertEqual([100], self.saved)

    def test_only_while_it_is_uploaded(self) -> None:
        """Another state means that the server is deleted."""
        self.progress(1, 2)
        self.assertEqual([['resize_migrating']], self.expected)

    def test_database_that_cannot_be_reached(self) -> None:
        self.failure = OSError('no route')
        self.progress(1, 2)
        self.progress.done()
        self.assertEqual([], self.saved)

    def test_server_that_is_deleted(self) -> None:
        self.failure = exception.InstanceNotFound(instance_id='x')
        self.assertRaises(exception.InstanceNotFound, self.progress, 1, 2)
