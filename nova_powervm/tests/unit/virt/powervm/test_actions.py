# SPDX-License-Identifier: Apache-2.0
"""Events that cannot be told leave what they are about alone."""

from unittest import mock

import fixtures
import testtools
from nova import exception as nova_exc
from nova import objects

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm import actions

GONE = nova_exc.InstanceActionNotFound(request_id='1', instance_uuid='2')


class EventTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        self.instance = nova_objects.instance()
        self.start = self.replaced('event_start')
        self.finish = self.replaced('event_finish_with_failure')

    def replaced(self, method: str) -> mock.Mock:
        return self.useFixture(
            fixtures.MockPatchObject(
                objects.InstanceActionEvent, method, autospec=True
            )
        ).mock

    def work(self, failure: Exception | None = None) -> None:
        with actions.event(None, self.instance, 'host1', 'resize'):
            if failure is not None:
                raise failure

    def test_told(self) -> None:
        self.work()
        self.assertEqual('powervm_resize', self.start.call_args.args[2])
        self.assertIsNone(self.finish.call_args.kwargs['exc_val'])

    def test_work_that_nobody_asked_for(self) -> None:
        self.start.side_effect = GONE
        self.work()
        self.finish.assert_not_called()

    def test_work_goes_on_when_nova_cannot_be_told(self) -> None:
        self.start.side_effect = self.finish.side_effect = TimeoutError()
        self.work()

    def test_failures_are_not_hidden(self) -> None:
        failure = nova_exc.ResizeError(reason='no room')
        for trouble in (None, GONE, TimeoutError()):
            self.finish.side_effect = trouble
            found = self.assertRaises(nova_exc.ResizeError, self.work, failure)
            self.assertIs(failure, found)
            self.assertIs(failure, self.finish.call_args.kwargs['exc_val'])
