# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import threading
from collections.abc import Callable
from typing import Any

import testtools

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.volume import initiators


class _Jobs:
    """Answers with what it is told, one question after the other."""

    def __init__(self) -> None:
        self.answers: list[str | Exception | None] = []
        self.asked = 0
        self.asking = threading.Event()
        self.go = threading.Event()
        self.go.set()

    def initiator(self, _vios_uuid: str) -> str | None:
        answer = self.answers[self.asked]
        self.asked += 1
        self.asking.set()
        assert self.go.wait(10)
        if isinstance(answer, Exception):
            raise answer
        return answer


class NamesTestCase(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.jobs = _Jobs()
        jobs: Any = self.jobs
        self.names = initiators.Names(jobs)
        self.pool = concurrent.futures.ThreadPoolExecutor(2)
        self.addCleanup(self.pool.shutdown)

    def _begin(self) -> Any:
        """Ask, and do not get an answer yet."""
        self.jobs.go.clear()
        asking = self.pool.submit(self.names.get, 'uuid')
        self.assertTrue(self.jobs.asking.wait(10))
        return asking

    def test_once(self) -> None:
        self.jobs.answers = ['iqn.a', 'iqn.b']
        names = [self.names.get('uuid') for _ in range(2)]
        self.assertEqual(['iqn.a', 'iqn.a'], names)
        self.assertEqual('iqn.b', self.names.get('other'))

    def test_a_vios_without_initiator(self) -> None:
        self.jobs.answers = [None]
        self.assertIsNone(self.names.get('uuid'))
        self.assertIsNone(self.names.get('uuid'))

    def test_failure_is_not_kept(self) -> None:
        self.jobs.answers = [errors.PlatformError('no'), 'iqn.a']
        self.assertRaises(errors.PlatformError, self.names.get, 'uuid')
        self.assertEqual('iqn.a', self.names.get('uuid'))

    def test_forgotten(self) -> None:
        self.jobs.answers = ['iqn.a', 'iqn.b', 'iqn.c']
        cases: list[tuple[str, Callable[[], None]]] = [
            ('iqn.a', lambda: self.names.forget('uuid')),
            ('iqn.b', self.names.forget),
            ('iqn.c', lambda: self.names.forget('other')),
            ('iqn.c', lambda: None),
        ]
        for name, forget in cases:
            self.assertEqual(name, self.names.get('uuid'))
            forget()

    def test_two_ask_at_once(self) -> None:
        self.jobs.answers = ['iqn.a']
        first = self._begin()
        second = self.pool.submit(self.names.get, 'uuid')
        self.jobs.go.set()
        self.assertEqual({'iqn.a'}, {first.result(10), second.result(10)})

    def test_old_answer_is_not_kept(self) -> None:
        self.jobs.answers = ['iqn.old', 'iqn.new']
        asking = self._begin()
        self.names.forget()
        self.jobs.go.set()
        self.assertEqual('iqn.old', asking.result(10))
        self.assertEqual('iqn.new', self.names.get('uuid'))
