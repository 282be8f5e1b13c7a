# SPDX-License-Identifier: Apache-2.0
import threading

import testtools

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.host import readiness
from nova_powervm.virt.powervm.vios import inventory


def vios(
    name: str = 'vios1', state: str = 'running', rmc: str = 'active'
) -> inventory.ViosRecord:
    return inventory.ViosRecord(
        'U', 1, name, state, rmc, False, 5000, 4096, 1.0, 2
    )


class _Looks:
    """Shows one list of Virtual I/O Servers after the other."""

    def __init__(self, *looks: list[inventory.ViosRecord]) -> None:
        self.looks = list(looks)
        self.seen: list[inventory.ViosRecord] = []
        self.count = 0

    def load(self) -> None:
        self.count += 1
        self.seen = self.looks.pop(0) if self.looks else self.seen

    def all(self) -> list[inventory.ViosRecord]:
        return self.seen


class ReadinessTestCase(testtools.TestCase):
    def _wait(self, looks: _Looks, limit: float = 0) -> None:
        readiness.wait_for_vioses(
            looks,  # type: ignore[arg-type]
            limit,
            threading.Event(),
            interval=0,
        )

    def test_ready_at_once(self) -> None:
        looks = _Looks([vios()])
        self._wait(looks)
        self.assertEqual(1, looks.count)

    def test_waits_for_all_that_are_on(self) -> None:
        looks = _Looks(
            [vios(), vios('vios2', rmc='inactive')],
            [vios(), vios('vios2', rmc='busy')],
        )
        self._wait(looks, 3600)
        self.assertEqual(2, looks.count)

    def test_one_that_is_off_is_not_waited_for(self) -> None:
        looks = _Looks([vios(), vios('vios2', 'not activated', 'inactive')])
        self._wait(looks, 3600)
        self.assertEqual(1, looks.count)

    def test_one_is_enough_in_the_end(self) -> None:
        self._wait(_Looks([vios(), vios('vios2', rmc='inactive')]))

    def test_none_is_not_enough(self) -> None:
        looks = _Looks([vios('vios2', 'not activated', 'inactive')])
        exc = self.assertRaises(errors.NotReady, self._wait, looks)
        for word in (
            'vios2',
            "'not activated'",
            "'inactive'",
            'vios_active_wait_timeout',
        ):
            self.assertIn(word, str(exc))

    def test_no_vios_at_all(self) -> None:
        exc = self.assertRaises(errors.NotReady, self._wait, _Looks([]))
        self.assertIn('the system has none', str(exc))

    def test_stop_ends_the_wait(self) -> None:
        stop = threading.Event()
        stop.set()
        self.assertRaises(
            errors.Stopped,
            readiness.wait_for_vioses,
            _Looks([]),
            3600,
            stop,
        )
