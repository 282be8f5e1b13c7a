# SPDX-License-Identifier: Apache-2.0
"""Tests of the pipeline: faults, the journal, delays."""

import threading
import time

from novalink_sim.control import faults
from novalink_sim.tests.unit.http import base
from novalink_sim.wire import fields


class FaultTest(base.Case):
    """Faults on the wire and the journal's account of them."""

    def setUp(self) -> None:
        super().setUp()
        self.logon()
        self.body = f'<Box xmlns="{fields.UOM}"><BoxName>two</BoxName></Box>'
        self.toy.shared.journal.clear()

    def test_drop_before(self) -> None:
        self.toy.shared.faults.add(faults.drop_before(method='PUT'))
        self.assertRaises(
            ConnectionResetError, self.call, 'PUT', 'Box', self.body
        )
        self.assertEqual(1, len(self.model.boxes))

    def test_drop_after(self) -> None:
        self.toy.shared.faults.add(faults.drop_after(method='PUT'))
        self.assertRaises(
            ConnectionResetError, self.call, 'PUT', 'Box', self.body
        )
        self.assertEqual(2, len(self.model.boxes))
        (entry,) = self.toy.shared.journal.writes()
        self.assertTrue(entry.effect)
        self.assertIsNone(entry.status)
        self.assertEqual('after', entry.dropped)

    def test_nth(self) -> None:
        rule = faults.vios_busy(path='/rest/api/uom/Box', nth=2)
        self.toy.shared.faults.add(rule)
        statuses = [self.call('GET', 'Box').status for _ in range(3)]
        self.assertEqual([200, 500, 200], statuses)

    def test_journal_numbers_occurrences(self) -> None:
        self.call('PUT', 'Box', self.body)
        self.call('PUT', 'Box', self.body)
        keys = [entry.key for entry in self.toy.shared.journal.writes()]
        self.assertEqual(
            [
                ('PUT', '/rest/api/uom/Box', 1),
                ('PUT', '/rest/api/uom/Box', 2),
            ],
            keys,
        )


class DelayTest(base.Case):
    """Delays do not hold the lock of the system."""

    kwargs = {'delays': {'get': 0.2}}

    def test_requests_overlap(self) -> None:
        self.logon()
        start = time.monotonic()
        threads = [
            threading.Thread(target=self.call, args=('GET', 'Box'))
            for _ in range(5)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLess(time.monotonic() - start, 0.8)
