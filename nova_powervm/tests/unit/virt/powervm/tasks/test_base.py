# SPDX-License-Identifier: Apache-2.0
from typing import Any

import testtools
from taskflow import engines
from taskflow.patterns import linear_flow

from nova_powervm.virt.powervm.tasks import base

HOST: Any = object()


class Make(base.PowerVMTask):
    """Reverts: notes what it was given."""

    default_provides = 'made'

    def __init__(self, seen: list[Any], fail: bool = False) -> None:
        super().__init__(HOST)
        self.seen = seen
        self.fail = fail

    def execute(self, thing: str) -> str:
        if self.fail:
            raise ValueError('no')
        return thing + '!'

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        self.seen.append((made, kwargs))


class Stumble(base.PowerVMTask):
    """Reverts: badly."""

    def execute(self, made: str) -> None:
        raise ValueError('broken')

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        raise KeyError('worse')


class PowerVMTaskTest(testtools.TestCase):
    def run_flow(self, *tasks: base.PowerVMTask) -> None:
        flow = linear_flow.Flow('f').add(*tasks)
        engines.run(flow, store={'thing': 'x'})

    def test_name_and_keys_come_from_the_class(self) -> None:
        task = Make([])
        self.assertEqual('Make', task.name)
        self.assertEqual({'thing'}, set(task.requires))
        self.assertEqual({'made'}, set(task.provides))

    def test_undo_gets_result_and_arguments(self) -> None:
        seen: list[Any] = []
        error = self.assertRaises(
            ValueError, self.run_flow, Make(seen), Stumble(HOST)
        )
        self.assertEqual('broken', str(error))
        self.assertEqual([('x!', {'thing': 'x'})], seen)

    def test_undo_of_a_failed_task_gets_no_result(self) -> None:
        seen: list[Any] = []
        self.assertRaises(ValueError, self.run_flow, Make(seen, fail=True))
        self.assertEqual([(None, {'thing': 'x'})], seen)

    def test_injected_arguments_reach_undo(self) -> None:
        seen: list[Any] = []
        task = Make(seen, fail=True)
        task.inject = {'thing': 'y'}
        self.assertRaises(ValueError, self.run_flow, task)
        self.assertEqual([(None, {'thing': 'y'})], seen)
