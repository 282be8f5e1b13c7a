# SPDX-License-Identifier: Apache-2.0
import threading
import uuid
from unittest import mock

import fixtures
import testtools
from nova import exception as nova_exc

from nova_powervm.tests.fixtures import driver as driver_fixture
from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.fixtures import waits
from nova_powervm.virt.powervm import startup
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import intents
from novalink_sim.topology import spec

LIMIT = 14
"""Requests that a start may make, however many partitions there are."""


def own_threads() -> set[threading.Thread]:
    """The threads of drivers that run now."""
    return {
        thread
        for thread in threading.enumerate()
        if thread.name.startswith('powervm-') and thread.is_alive()
    }


class StartupTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        self.useFixture(waits.QuickWaits())

    def start(
        self, *lpars: spec.LparSpec
    ) -> tuple[platform.InProcess, driver_fixture.DriverHarness]:
        host = self.useFixture(platform.InProcess(platform.with_lpars(*lpars)))
        return host, self.useFixture(driver_fixture.DriverHarness(host))

    def requests(self, host: platform.InProcess) -> int:
        entries = host.sim.journal.entries()
        return sum(not entry.event_poll for entry in entries)

    def test_requests_do_not_grow_with_the_partitions(self) -> None:
        many = spec.LparSpec('other-{n}', count=40, memory_mb=256)
        counts = []
        for lpars in ((), (many,)):
            host, harness = self.start(*lpars)
            host.sim.journal.clear()
            harness.restart()
            counts.append(self.requests(host))
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[0], LIMIT)

    def test_mappings_of_partitions_that_live_are_not_left_over(self) -> None:
        host, harness = self.start(spec.LparSpec('alive', memory_mb=256))
        (alive,) = (
            lpar
            for lpar in host.model('host1').lpars.values()
            if lpar.name == 'alive'
        )
        host.add_disk('host1', 'data', 1.0)
        host.map_disk('host1', alive.uuid, 'data')
        before = host.state('host1')
        vios = host.vios('host1').uuid
        # Another partition claims its number, as after a reuse.
        stale = intents.ScrubStale(alive.id, str(uuid.uuid4()))
        transactions = harness.driver.host.transactions
        future = transactions.submit(intents.ViosTarget(vios), stale)
        future.result(timeout=60)
        self.assertEqual([], host.changes('host1', before))

    def test_the_threads_end_with_the_service(self) -> None:
        before = own_threads()
        _host, harness = self.start()
        self.assertNotEqual(set(), own_threads() - before)
        harness.driver.cleanup_host('host1')
        self.assertEqual(set(), own_threads() - before)

    def test_what_was_opened_is_closed_after_a_failure(self) -> None:
        before = own_threads()
        _host, harness = self.start()
        settings = harness.driver.host.settings
        harness.driver.cleanup_host('host1')
        for cause, wanted in (
            (errors.NotReady('no VIOS'), nova_exc.HypervisorUnavailable),
            (journal.JournalError('torn'), nova_exc.InvalidConfiguration),
        ):
            with mock.patch.object(
                journal.Journal,
                'for_host',
                autospec=True,
                side_effect=cause,
            ):
                error = self.assertRaises(
                    wanted, startup.start, settings, mock.Mock()
                )
            self.assertIn(str(cause), str(error))
            self.assertEqual(set(), own_threads() - before)
