# SPDX-License-Identifier: Apache-2.0
"""Tests of the lock of a system and what is done without it."""

import threading

from novalink_sim.http import runtime
from novalink_sim.jobs import registry
from novalink_sim.tests.unit import toy
from novalink_sim.tests.unit.http import base


class UnlockedTest(base.Case):
    """Work that takes long does not hold the lock."""

    def setUp(self) -> None:
        super().setUp()
        self.runtime = self.toy.runtime
        self.done: list[bool] = []

    def work(self) -> None:
        """Note whether another thread can have the lock."""
        thread = threading.Thread(target=self.try_lock)
        thread.start()
        thread.join()

    def try_lock(self) -> None:
        free = self.model.lock.acquire(blocking=False)
        if free:
            self.model.lock.release()
        self.done.append(free)

    def test_after_the_lock(self) -> None:
        with self.runtime.locked() as model:
            model.unlocked.append(self.work)
            self.assertEqual([], self.done)
        self.assertEqual([True], self.done)
        with self.runtime.locked():
            pass
        self.assertEqual([True], self.done)

    def test_in_spite_of_an_error(self) -> None:
        def fail() -> None:
            with self.runtime.locked() as model:
                model.unlocked.append(self.work)
                raise ValueError

        self.assertRaises(ValueError, fail)
        self.assertEqual([True], self.done)

    def test_replaced_model(self) -> None:
        old = self.model
        other = type(old)()

        def use() -> None:
            with self.runtime.locked() as model:
                self.done.append(model is other)

        with old.lock:
            thread = threading.Thread(target=use)
            thread.start()
            self.runtime.model = other
        thread.join(10)
        self.assertEqual([True], self.done)


class EverywhereTest(base.Case):
    """Locks of several systems."""

    def setUp(self) -> None:
        super().setUp()
        self.runtime = self.toy.runtime
        # It sorts before the first one, and so is locked first.
        self.other = toy.ToyModel(None)
        runtime.SystemRuntime(
            'another',
            self.other,
            self.toy.shared,
            self.runtime.table,
            self.runtime.handlers,
            self.runtime.jobs,
            self.runtime.events,
            self.runtime.sessions,
        )

    def is_free(self) -> bool:
        """Whether another thread can have the lock of the other system."""
        found: list[bool] = []

        def look() -> None:
            free = self.other.lock.acquire(blocking=False)
            if free:
                self.other.lock.release()
            found.append(free)

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        return found[0]

    def test_own_lock_only(self) -> None:
        with self.runtime.locked():
            self.assertTrue(self.is_free())

    def test_all_locks(self) -> None:
        with self.runtime.locked(everywhere=True) as model:
            self.assertIs(self.model, model)
            self.assertFalse(self.is_free())
        self.assertTrue(self.is_free())

    def test_while_a_job_goes_on(self) -> None:
        self.toy.shared.modes.set('manual')
        handler = registry.JobHandler(
            'Box', 'Move', lambda run: None, everywhere=True
        )
        run = registry.JobRun(self.model, 'Box', 'Move', None, {})
        job = self.runtime.jobs.submit(handler, run, None)
        with self.runtime.locked():
            self.assertFalse(self.is_free())
            self.runtime.jobs.complete(job)
        with self.runtime.locked():
            self.assertTrue(self.is_free())
