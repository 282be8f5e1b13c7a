# SPDX-License-Identifier: Apache-2.0
import threading
from typing import Any

import testtools
from nova import context as nova_context
from nova import exception as nova_exc
from oslo_context import context as oslo_context
from taskflow import task
from taskflow.patterns import graph_flow

from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors


class Meet(task.Task):
    """Ends only when another task runs at the same time."""

    def __init__(self, name: str, barrier: threading.Barrier) -> None:
        super().__init__(name=name, provides=name)
        self.barrier = barrier

    def execute(self) -> Any:
        self.barrier.wait(timeout=10)
        return oslo_context.get_current()


class Break(task.Task):
    """Fails."""

    def __init__(self, name: str, exc: Exception) -> None:
        super().__init__(name=name)
        self.exc = exc

    def execute(self) -> None:
        raise self.exc


class EngineTest(testtools.TestCase):
    def test_branches_run_in_parallel_with_the_context(self) -> None:
        context = nova_context.RequestContext(
            'user', 'project', is_admin=False
        )
        context.update_store()
        self.addCleanup(setattr, oslo_context._request_store, 'context', None)
        barrier = threading.Barrier(2)
        flow = graph_flow.Flow('f').add(Meet('a', barrier), Meet('b', barrier))
        found = engine.run(flow, {}, errors.for_spawn)
        self.assertIs(context, found['a'])
        self.assertIs(context, found['b'])

    def test_failures_are_mapped(self) -> None:
        flow = graph_flow.Flow('f').add(Break('a', KeyError('oops')))
        error = self.assertRaises(
            nova_exc.InstanceTerminationFailure,
            engine.run,
            flow,
            {},
            errors.for_destroy,
        )
        self.assertIn('oops', str(error))

    def test_exceptions_of_nova_are_not_their_own_cause(self) -> None:
        cause = nova_exc.ImageUnacceptable(image_id='i', reason='r')
        flow = graph_flow.Flow('f').add(Break('a', cause))
        error = self.assertRaises(
            nova_exc.ImageUnacceptable,
            engine.run,
            flow,
            {},
            errors.for_destroy,
        )
        self.assertIsNone(error.__cause__)

    def test_the_final_one_of_several_failures_is_told(self) -> None:
        flow = graph_flow.Flow('f').add(
            Break('a', ValueError('other')),
            Break('b', nova_exc.ImageUnacceptable(image_id='i', reason='r')),
        )
        self.assertRaises(
            nova_exc.NovaException, engine.run, flow, {}, errors.for_spawn
        )
