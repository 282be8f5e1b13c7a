# SPDX-License-Identifier: Apache-2.0
"""Who uploads an image, and how long the others wait."""

import threading
from typing import Any

from oslo_utils import uuidutils

from nova_powervm.tests.fixtures import waits
from nova_powervm.tests.unit.virt.powervm.disk import poolcase
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import claims
from nova_powervm.virt.powervm.disk import pool
from nova_powervm.virt.powervm.disk import poolnames
from nova_powervm.virt.powervm.disk import units
from nova_powervm.virt.powervm.records import journal

IMAGE = 'VirtualIO_Image'


class ClaimsCase(poolcase.PoolCase):
    """Claims of two hosts; all wait a hundredth of the usual time."""

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(waits.QuickWaits())
        self.image_id = uuidutils.generate_uuid()
        self.digits = self.image_id.replace('-', '')
        self.first = self.claims_of('host1')
        self.second = self.claims_of('host2')

    def claims_of(self, host: str) -> Any:
        parts = self.parts_of(host)
        facts = pool.choose(parts.settings, parts.client, parts.vios)
        found = pool.Pool(parts.client, facts, parts.vios)
        changes = units.Units(parts.client, found, parts.journal)
        made = claims.Claims(found, changes, parts.client.stop)
        self.journals = getattr(self, 'journals', {})
        self.journals[host] = parts.journal
        return made

    def in_background(self, asked: Any) -> Any:
        """Let somebody ask; gives the thread and what it gets."""
        got: list[Any] = []
        thread = threading.Thread(
            target=lambda: got.append(asked.acquire(self.image_id))
        )
        thread.start()
        self.addCleanup(thread.join, 60)
        return thread, got

    def upload(self, attempt: str) -> Any:
        """Make the unit of an attempt."""
        return self.add_unit(f'image_{self.digits}_{attempt}', type=IMAGE)

    def claim(self, attempt: str) -> Any:
        """Make a claim that nobody keeps alive."""
        return self.add_unit(
            f'part{attempt}image_{self.digits}', 0.001, type=IMAGE
        )


class AcquireTest(ClaimsCase):
    """Who may upload."""

    def test_nobody_else(self) -> None:
        won = self.first.acquire(self.image_id)
        self.assertEqual([str(won.name)], self.names())
        (entry,) = self.journals['host1'].entries(journal.IMAGE)
        self.assertEqual(
            (str(won.image), journal.UPLOADING), (entry.name, entry.state)
        )
        self.assertTrue(self.first.withdraw(won))
        self.assertEqual([], self.names())
        self.assertEqual([], self.journals['host1'].entries())

    def test_an_image_that_is_there(self) -> None:
        self.upload('0badcafe')
        self.assertIsNone(self.first.acquire(self.image_id))

    def test_the_other_waits_until_the_image_is_whole(self) -> None:
        won = self.first.acquire(self.image_id)
        thread, got = self.in_background(self.second)
        thread.join(0.5)
        self.assertTrue(thread.is_alive())
        unit = self.upload(won.name.attempt)
        thread.join(0.3)
        self.assertTrue(thread.is_alive())
        self.first.finish(
            won, pool.UnitFacts.from_wrapper(self.wrapper(unit), '')
        )
        thread.join(60)
        self.assertEqual([None], got)
        self.assertEqual([unit.name], self.names())

    def wrapper(self, unit: Any) -> Any:
        """What pypowervm would read of a unit."""
        unit.is_thin = unit.thin
        unit.lu_type = unit.type
        unit.cloned_from_udid = None
        return unit

    def test_the_other_goes_on_when_it_fails(self) -> None:
        won = self.first.acquire(self.image_id)
        self.upload(won.name.attempt)
        thread, got = self.in_background(self.second)
        self.first.withdraw(won, with_image=True)
        thread.join(60)
        (second,) = got
        self.assertIsNotNone(second)
        self.second.withdraw(second)
        self.assertEqual([], self.names())

    def test_only_one_of_two_at_once(self) -> None:
        for _ in range(5):
            pairs = [self.in_background(c) for c in (self.first, self.second)]
            threads = [thread for thread, _ in pairs]
            while all(thread.is_alive() for thread in threads):
                threads[0].join(0.05)
            (winner,) = [i for i in (0, 1) if not threads[i].is_alive()]
            won = pairs[winner][1][0]
            threads[1 - winner].join(0.3)
            self.assertTrue(threads[1 - winner].is_alive())
            unit = self.upload(won.name.attempt)
            (self.first, self.second)[winner].withdraw(won)
            threads[1 - winner].join(60)
            self.assertEqual([None], pairs[1 - winner][1])
            self.delete_unit(unit)
            self.assertEqual([], self.names())

    def test_signs_of_life_keep_others_waiting(self) -> None:
        won = self.first.acquire(self.image_id)
        self.upload(won.name.attempt)
        thread, got = self.in_background(self.second)
        # Much longer than the dead are waited for.
        for _ in range(25):
            won.moved()
            thread.join(0.1 * claims.DEAD / 100)
        self.assertTrue(thread.is_alive(), got)
        self.assertLess(2, won.name.beat)
        self.first.withdraw(won, with_image=True)
        thread.join(60)
        self.second.withdraw(got[0])
        self.assertEqual([], self.names())

    def test_uploads_that_hang_are_taken_over(self) -> None:
        won = self.first.acquire(self.image_id)
        unit = self.upload(won.name.attempt)
        second = self.second.acquire(self.image_id)
        self.assertIsNotNone(second)
        self.assertIn('hangs', self.log.output)
        self.assertIsNone(self.pool.find(unit.udid))
        # When it wakes up it finds out, and tries again.
        facts = pool.UnitFacts.from_wrapper(self.wrapper(unit), '')
        self.assertRaises(errors.PlatformError, self.first.finish, won, facts)
        self.first.withdraw(won, with_image=True)
        self.second.withdraw(second)
        self.assertEqual([], self.names())

    def test_service_stops(self) -> None:
        self.claim('00000000')
        failed: list[Any] = []

        def ask() -> None:
            try:
                self.second.acquire(self.image_id)
            except errors.Stopped as exc:
                failed.append(exc)

        thread = threading.Thread(target=ask)
        thread.start()
        self.stop.set()
        thread.join(60)
        self.assertEqual(1, len(failed))


class DeadTest(ClaimsCase):
    """The uploader died half-way."""

    def test_its_upload_is_taken_over(self) -> None:
        self.claim('00000000')
        dead = self.upload('00000000')
        won = self.first.acquire(self.image_id)
        self.assertIsNotNone(won)
        self.assertIsNone(self.pool.find(dead.udid))
        self.assertIn('no sign of life', self.log.output)
        # Its claim stays: it may be asleep, and still make something.
        self.assertIn('part00000000', self.names()[0])
        self.first.withdraw(won)

    def test_what_a_sleeper_makes_is_not_taken_for_whole(self) -> None:
        self.claim('00000000')
        won = self.first.acquire(self.image_id)
        self.first.withdraw(won)
        self.upload('00000000')
        again = self.first.acquire(self.image_id)
        self.assertIsNotNone(again)
        self.first.withdraw(again)

    def test_its_owner_clears_up_when_it_starts_again(self) -> None:
        won = self.first.acquire(self.image_id)
        won.stop()
        self.upload(won.name.attempt)
        self.on('host1')
        self.assertEqual([], self.names())
        again = self.claims_of('host1')
        self.assertEqual([], self.journals['host1'].entries())
        again.withdraw(again.acquire(self.image_id))

    def test_claims_of_pypowervm_are_no_obstacle(self) -> None:
        name = f'image_rhel_{"0" * 32}'
        self.add_unit(f'part00000000{name}', 0.001, type=IMAGE)
        self.first.withdraw(self.first.acquire(self.image_id))
        self.assertEqual([f'part00000000{name}'], self.names())


class WatchTest(ClaimsCase):
    """When somebody counts as dead."""

    def setUp(self) -> None:
        super().setUp()
        self.watch = claims.Watch()

    def look(self, *beats: int, waited: float = 0.0) -> set[str]:
        return self.watch.look(
            [poolnames.ClaimName('image', 'a', beat) for beat in beats], waited
        )

    def test_no_change_for_long(self) -> None:
        self.assertEqual(set(), self.look(1, waited=claims.DEAD))
        self.assertEqual(set(), self.look(1, waited=claims.DEAD - 1))
        self.assertEqual({'a'}, self.look(1, waited=1))

    def test_a_change_in_time(self) -> None:
        self.look(1)
        self.look(1, waited=claims.DEAD - 1)
        self.assertEqual(set(), self.look(1, 2, waited=1))
        self.assertEqual(set(), self.look(2, waited=claims.DEAD - 1))
        self.assertEqual({'a'}, self.look(2, waited=1))

    def test_waking_up(self) -> None:
        self.look(1)
        self.assertEqual({'a'}, self.look(1, waited=claims.DEAD))
        self.assertEqual(set(), self.look(2, waited=1))
