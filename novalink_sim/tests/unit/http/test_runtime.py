# SPDX-License-Identifier: Apache-2.0
"""Tests of the lock of a system and what is done without it."""

import threading

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
