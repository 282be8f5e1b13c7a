# SPDX-License-Identifier: Apache-2.0
"""Tests of the job engine."""

from collections.abc import Callable
from typing import Any

import testtools

from novalink_sim import clock
from novalink_sim import errors
from novalink_sim.jobs import engine
from novalink_sim.jobs import registry


class EngineTest(testtools.TestCase):
    """Progress of jobs."""

    def setUp(self) -> None:
        super().setUp()
        self.clock = clock.ManualClock()
        self.modes = engine.JobModes()
        self.engine = engine.JobEngine(self.clock, self.modes)
        self.calls: list[str] = []

    def submit(
        self, run: Callable[[registry.JobRun], None] | None = None, **kw: Any
    ) -> engine.Job:
        handler = registry.JobHandler(
            'Box', 'Grow', run or (lambda r: self.calls.append('run')), **kw
        )
        made = registry.JobRun(None, 'Box', 'Grow', None, {})
        return self.engine.submit(handler, made, 'U')

    def test_immediate(self) -> None:
        self.assertEqual('COMPLETED_OK', self.submit().status)
        self.assertEqual(['run'], self.calls)

    def test_polls(self) -> None:
        self.modes.set('polls:2')
        job = self.submit()
        self.assertTrue(self.engine.poll(job.number).active)
        self.assertEqual([], self.calls)
        self.assertFalse(self.engine.poll(job.number).active)
        self.engine.poll(job.number)
        self.assertEqual(['run'], self.calls)

    def test_seconds(self) -> None:
        self.modes.set('seconds:2', 'Grow')
        job = self.submit()
        self.assertEqual(2.0, self.engine.next_due())
        self.clock.advance(1.5)
        self.engine.advance()
        self.assertTrue(job.active)
        self.clock.advance(1)
        self.engine.advance()
        self.assertFalse(job.active)
        self.assertIsNone(self.engine.next_due())

    def test_manual_and_cancel(self) -> None:
        self.modes.set('manual')
        job = self.submit(
            begin=lambda r: self.calls.append('begin'),
            cancel=lambda r: self.calls.append('cancel'),
        )
        self.assertTrue(self.engine.poll(job.number).active)
        self.assertRaises(errors.Conflict, self.engine.delete, job.number)
        self.engine.cancel(job.number)
        self.assertEqual(engine.CANCELED, job.status)
        self.engine.delete(job.number)
        self.assertRaises(errors.NotFound, self.engine.poll, job.number)
        self.assertEqual(['begin', 'cancel'], self.calls)

    def test_begin_fails(self) -> None:
        job = self.submit(begin=lambda r: r.fail('no'))
        self.assertEqual(('no', engine.ERROR), (job.message, job.status))
        self.assertEqual([], self.calls)

    def test_hold(self) -> None:
        done: list[bool] = []

        def run(made: registry.JobRun) -> None:
            if not done:
                made.hold()

        job = self.submit(run)
        self.assertTrue(job.active)
        self.assertTrue(self.engine.poll(job.number).active)
        done.append(True)
        self.assertFalse(self.engine.poll(job.number).active)

    def test_modes(self) -> None:
        self.assertEqual('polls:3', str(engine.Mode.parse('polls:3')))
        for text in ('', 'polls', 'soon', 'immediate:1'):
            self.assertRaises(ValueError, engine.Mode.parse, text)

    def test_not_simulated(self) -> None:
        """What a handler cannot do is no failed job."""

        def begin(run: registry.JobRun) -> None:
            raise errors.NotSimulated('not yet')

        self.assertRaises(errors.NotSimulated, self.submit, begin=begin)
        self.assertEqual({}, self.engine.to_dict())

    def test_interrupt(self) -> None:
        self.modes.set('manual')
        job = self.submit()
        job.run.interrupt('stopped')
        self.assertEqual(engine.ERROR, job.status)
        self.assertEqual('stopped', job.message)

    def test_everywhere(self) -> None:
        self.modes.set('manual')
        self.submit()
        self.assertFalse(self.engine.is_everywhere())
        job = self.submit(everywhere=True)
        self.assertTrue(self.engine.is_everywhere())
        self.engine.complete(job)
        self.assertFalse(self.engine.is_everywhere())
