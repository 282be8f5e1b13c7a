# SPDX-License-Identifier: Apache-2.0

import testtools

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.tasks import lpar


class CreateLparTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.host = fake_host.make()
        self.instance = nova_objects.instance()
        self.task = lpar.CreateLpar(self.host)
        self.arguments = {'instance': self.instance, 'spec': 'spec'}

    def test_execute(self) -> None:
        found = self.task.execute(**self.arguments)
        self.assertEqual(fake_host.record(), found)
        self.host.ownership.note.assert_called_once_with(self.instance)

    def test_undo_without_answer_looks_for_the_partition(self) -> None:
        self.host.lpar = fake_host.record(instance_uuid=self.instance.uuid)
        self.task.undo(None, **self.arguments)
        self.host.partitions.delete.assert_called_once_with(self.host.lpar)

    def test_undo_leaves_the_partition_of_another_instance(self) -> None:
        self.host.lpar = fake_host.record(instance_uuid='another')
        self.task.undo(None, **self.arguments)
        self.host.partitions.delete.assert_not_called()

    def test_undo_of_nothing(self) -> None:
        self.task.undo(None, **self.arguments)
        self.host.partitions.delete.assert_not_called()

    def refuse(self, cause: Exception) -> None:
        self.host.lpar = fake_host.record(instance_uuid=self.instance.uuid)
        self.host.partitions.create.side_effect = cause
        self.assertRaises(type(cause), self.task.execute, **self.arguments)
        self.task.undo(None, **self.arguments)

    def test_undo_leaves_what_was_there_before(self) -> None:
        for cause in (
            errors.PlatformRefused('exists already', status=500),
            errors.Busy('come again'),
        ):
            self.refuse(cause)
            self.host.partitions.delete.assert_not_called()

    def test_undo_when_the_reply_was_lost(self) -> None:
        self.refuse(errors.ConnectionLost('reset by peer'))
        self.host.partitions.delete.assert_called_once_with(self.host.lpar)
