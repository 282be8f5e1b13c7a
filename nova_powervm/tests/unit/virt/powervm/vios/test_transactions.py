# SPDX-License-Identifier: Apache-2.0
import threading
from typing import Any

import fixtures

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import objects
from nova_powervm.virt.powervm.vios import transactions

VIOS = 'VirtualIOServer/{}'
GROUP = 'VirtualIOServer/{}/VolumeGroup/{}'
GIB = intents.GIB


def disk(name: str = 'b_one') -> intents.StorageRef:
    return intents.StorageRef('disk', name)


def workers() -> int:
    return sum(
        thread.name.startswith('powervm-') for thread in threading.enumerate()
    )


class _TransactionsTestCase(simulated.SimulatedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.tx = self._transactions()
        self.vg = self.group_target
        self.target = self.vios_target
        self.forget_requests()

    def _transactions(self, gather: float = 0.0) -> Any:
        tx = transactions.Transactions(self.client, gather=gather)
        self.addCleanup(tx.close)
        return tx

    def _disk_names(self) -> list[str]:
        return sorted(d.name for d in self.group().virtual_disks)

    def _hold(self, tx: Any, target: Any, *wanted: Any) -> list[Any]:
        """Submit while the worker is busy, so that intents are merged."""
        gate = threading.Event()
        entered = threading.Event()
        real = objects.read

        def slow(adapter: Any, which: Any, groups: Any) -> Any:
            entered.set()
            gate.wait(30)
            return real(adapter, which, groups)

        self._patch_read(slow)
        first = tx.submit(target, wanted[0])
        self.assertTrue(entered.wait(30))
        self._patch_read(real)
        futures = [first] + [tx.submit(target, one) for one in wanted[1:]]
        gate.set()
        return futures

    def _patch_read(self, func: Any) -> None:
        self.useFixture(fixtures.MonkeyPatch(f'{objects.__name__}.read', func))


class VolumeGroupTestCase(_TransactionsTestCase):
    def test_one_read_and_one_write(self) -> None:
        (made,) = self.tx.run(self.vg, intents.CreateDisk('b_one', GIB))
        self.assertEqual([f'GET {GROUP}', f'POST {GROUP}'], self.requests())
        self.assertEqual(('b_one', GIB), (made.name, made.size_bytes))
        self.assertTrue(made.udid)

    def test_a_watcher_sees_it_before_and_after(self) -> None:
        seen: list[list[str]] = []
        self.tx.watch(
            self.vg,
            lambda group: seen.append([d.name for d in group.virtual_disks]),
        )
        self.tx.run(self.vg, intents.CreateDisk('b_one', GIB))
        self.assertEqual([[], ['b_one']], seen)
        self.tx.run(self.vg, intents.Look())
        self.assertEqual([[], ['b_one'], ['b_one']], seen)
        self.assertEqual(3, len(self.requests()))

    def test_queued_intents_are_merged(self) -> None:
        wanted = [intents.CreateDisk(f'd{n}', GIB) for n in range(6)]
        futures = self._hold(self.tx, self.vg, *wanted)
        names = [future.result(30).name for future in futures]
        self.assertEqual([f'd{n}' for n in range(6)], names)
        posts = [one for one in self.requests() if one.startswith('POST')]
        self.assertEqual(2, len(posts))

    def test_clash_is_repeated(self) -> None:
        rule = self.fault(method='POST', status=412)
        self.tx.run(self.vg, intents.CreateDisk('b_one', GIB))
        self.assertEqual(1, self.sim.faults.hits(rule))
        self.assertEqual(
            [f'GET {GROUP}', f'POST {GROUP}'] * 2, self.requests()
        )

    def test_clash_for_ever_fails(self) -> None:
        self.fault(method='POST', status=412, times=None)
        self.assertRaises(
            errors.EtagMismatch,
            self.tx.run,
            self.vg,
            intents.CreateDisk('b_one', GIB),
        )

    def test_lost_write_that_took_effect_is_recognised(self) -> None:
        self.fault(method='POST', drop='after')
        (made,) = self.tx.run(self.vg, intents.CreateDisk('b_one', GIB))
        self.assertTrue(made.udid)
        posts = [one for one in self.requests() if one.startswith('POST')]
        self.assertEqual(1, len(posts))
        self.assertIn('b_one', self._disk_names())

    def test_lost_write_without_effect_is_repeated(self) -> None:
        self.fault(method='POST', drop='before')
        self.tx.run(self.vg, intents.CreateDisk('b_one', GIB))
        self.assertIn('b_one', self._disk_names())

    def test_lost_deletion_counts_as_ours(self) -> None:
        self.tx.run(self.vg, intents.CreateDisk('b_one', GIB))
        self.fault(method='POST', drop='after')
        (found,) = self.tx.run(self.vg, intents.DeleteDisk('b_one'))
        self.assertTrue(found)

    def test_bad_intent_fails_alone(self) -> None:
        base = intents.CreateDisk('bad', GIB, base_udid='03nonsense')
        good = [intents.CreateDisk(f'd{n}', GIB) for n in range(3)]
        futures = self._hold(self.tx, self.vg, good[0], base, *good[1:])
        self.assertRaises(errors.PlatformRefused, futures[1].result, 30)
        for future in (futures[0], *futures[2:]):
            self.assertTrue(future.result(30).udid)
        self.assertNotIn('bad', self._disk_names())

    def test_name_in_use_fails_alone_and_early(self) -> None:
        self.tx.run(self.vg, intents.CreateDisk('taken', GIB))
        again = self.tx.submit(self.vg, intents.CreateDisk('taken', GIB))
        exc = self.assertRaises(errors.NameInUse, again.result, 30)
        self.assertTrue(exc.udid)

    def test_too_large_says_the_figures(self) -> None:
        future = self.tx.submit(
            self.vg, intents.CreateDisk('huge', 10**6 * GIB)
        )
        exc = self.assertRaises(errors.NoSpace, future.result, 30)
        self.assertIn('huge', str(exc))
        self.assertEqual([f'GET {GROUP}'], self.requests())

    def test_together_too_large_fails_the_last(self) -> None:
        free = self.group().available_size
        size = int(free * 0.6) * GIB
        one, two = (
            intents.CreateDisk('one', size),
            intents.CreateDisk('two', size),
        )
        wanted = [intents.CreateDisk('zero', GIB), one, two]
        futures = self._hold(self.tx, self.vg, *wanted)
        self.assertEqual('one', futures[1].result(30).name)
        self.assertRaises(errors.NoSpace, futures[2].result, 30)

    def test_nothing_to_do_writes_nothing(self) -> None:
        (found,) = self.tx.run(self.vg, intents.DeleteDisk('nothing'))
        self.assertFalse(found)
        self.assertEqual([f'GET {GROUP}'], self.requests())

    def test_target_that_is_gone(self) -> None:
        gone = intents.VolumeGroupTarget(self.vg.vios_uuid, 'x' * 36)
        future = self.tx.submit(gone, intents.DeleteDisk('a'))
        self.assertRaises(errors.PlatformError, future.result, 30)

    def test_wrong_target_is_an_error_of_the_caller(self) -> None:
        self.assertRaises(
            TypeError, self.tx.submit, self.target, intents.DeleteDisk('a')
        )

    def test_close_ends_threads_and_refuses_more(self) -> None:
        before = workers()
        tx = self._transactions()
        tx.run(self.vg, intents.DeleteDisk('nothing'))
        tx.close()
        self.assertEqual(before, workers())
        self.assertRaises(
            errors.Stopped, tx.submit, self.vg, intents.DeleteDisk('a')
        )

    def test_one_worker_per_target(self) -> None:
        before = workers()
        tx = self._transactions()
        for _count in range(3):
            tx.run(self.vg, intents.DeleteDisk('nothing'))
        tx.read(self.target)
        self.assertEqual(before + 1, workers())


class _MappingsTestCase(_TransactionsTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.lpar = self.create_lpar()
        self.tx.run(self.vg, intents.CreateDisk('b_one', GIB))
        self.forget_requests()

    def _add(self, **changes: Any) -> intents.AddMapping:
        values = {
            'lpar_uuid': self.lpar.uuid,
            'lpar_id': self.lpar.id,
            'storage': disk(),
        }
        return intents.AddMapping(**{**values, **changes})

    def _mapped(self) -> list[str]:
        return [m.backing_storage.name for m in self.vios().scsi_mappings]


class MappingsTestCase(_MappingsTestCase):
    def test_one_read_and_one_write_of_the_mappings_only(self) -> None:
        (made,) = self.tx.run(self.target, self._add())
        self.assertEqual([f'GET {VIOS}', f'POST {VIOS}'], self.requests())
        queries = {
            entry.query
            for entry in self.sim.journal.entries()
            if not entry.event_poll
        }
        self.assertEqual({'group=ViosSCSIMapping'}, queries)
        self.assertTrue(made.added)
        self.assertIsNotNone(made.slot)
        self.assertTrue(made.lua)
        self.assertTrue(made.udid)
        self.assertEqual(self.target.uuid.upper(), made.vios_uuid)

    def test_mapping_that_is_there_is_not_ours(self) -> None:
        first, second = (
            self.tx.run(self.target, self._add())[0] for _count in range(2)
        )
        self.assertFalse(second.added)
        self.assertEqual(first.lua, second.lua)
        self.assertEqual(['b_one'], self._mapped())

    def test_lost_mapping_is_recognised_as_ours(self) -> None:
        self.fault(method='POST', drop='after')
        (made,) = self.tx.run(self.target, self._add())
        self.assertTrue(made.added)
        self.assertEqual(['b_one'], self._mapped())

    def test_requested_slot_is_honoured(self) -> None:
        (made,) = self.tx.run(self.target, self._add(slot=17))
        self.assertEqual(17, made.slot)

    def test_removal_tells_what_was_mapped(self) -> None:
        self.tx.run(self.target, self._add())
        (freed,) = self.tx.run(
            self.target, intents.RemoveMappings(self.lpar.uuid, None)
        )
        self.assertEqual(['b_one'], [item.storage.name for item in freed])
        self.assertTrue(freed[0].storage.udid)
        self.assertEqual([], self._mapped())

    def test_lost_removal_still_tells_what_was_mapped(self) -> None:
        self.tx.run(self.target, self._add())
        self.fault(method='POST', drop='after')
        (freed,) = self.tx.run(
            self.target, intents.RemoveMappings(self.lpar.uuid, None)
        )
        self.assertEqual(['b_one'], [item.storage.name for item in freed])

    def test_removal_of_some(self) -> None:
        self.tx.run(self.vg, intents.CreateDisk('b_two', GIB))
        self.tx.run(self.target, self._add(), self._add(storage=disk('b_two')))
        self.tx.run(
            self.target,
            intents.RemoveMappings(
                self.lpar.uuid, None, storages=(disk('b_two'),)
            ),
        )
        self.assertEqual(['b_one'], self._mapped())

    def test_removal_of_all_but_some(self) -> None:
        self.tx.run(self.vg, intents.CreateDisk('b_two', GIB))
        self.tx.run(self.target, self._add(), self._add(storage=disk('b_two')))
        self.tx.run(
            self.target,
            intents.RemoveMappings(self.lpar.uuid, None, keep=(disk(),)),
        )
        self.assertEqual(['b_one'], self._mapped())

    def test_other_partitions_keep_theirs(self) -> None:
        other = self.create_lpar('other')
        self.tx.run(self.target, self._add())
        self.tx.run(
            self.target,
            intents.RemoveMappings(other.uuid, other.id),
            intents.ScrubStale(other.id, other.uuid),
        )
        self.assertEqual(['b_one'], self._mapped())

    def test_unknown_storage_fails_alone(self) -> None:
        wanted = [self._add(), self._add(storage=disk('nothing'))]
        futures = self._hold(
            self.tx,
            self.target,
            intents.ScrubStale(self.lpar.id, self.lpar.uuid),
            *wanted,
        )
        self.assertTrue(futures[1].result(30).added)
        self.assertRaises(errors.PlatformError, futures[2].result, 30)
        self.assertEqual(['b_one'], self._mapped())


class OfferTestCase(_MappingsTestCase):
    """A change may begin with what somebody has just read."""

    def setUp(self) -> None:
        super().setUp()
        self.tx.offer(self.target, self.tx.read(self.target))
        self.forget_requests()

    def test_nothing_is_read_again(self) -> None:
        self.tx.run(self.target, self._add())
        self.assertEqual([f'POST {VIOS}'], self.requests())
        self.assertEqual(['b_one'], self._mapped())

    def test_what_has_changed_is_read(self) -> None:
        other = self._transactions()
        other.run(self.vg, intents.CreateDisk('b_two', GIB))
        other.run(self.target, self._add(storage=disk('b_two')))
        self.forget_requests()
        self.tx.run(self.target, self._add())
        self.assertEqual(
            [f'POST {VIOS}', f'GET {VIOS}', f'POST {VIOS}'], self.requests()
        )
        self.assertEqual(['b_one', 'b_two'], sorted(self._mapped()))

    def test_nothing_to_do_is_believed_only_after_a_look(self) -> None:
        self._transactions().run(self.target, self._add())
        self.forget_requests()
        (removed,) = self.tx.run(
            self.target,
            intents.RemoveMappings(self.lpar.uuid, self.lpar.id),
        )
        self.assertEqual(1, len(removed))
        self.assertEqual([], self._mapped())

    def test_an_old_one_does_not_count(self) -> None:
        with fixtures.MonkeyPatch(f'{objects.__name__}.KEEP', 0.0):
            self.tx.offer(self.target, self.tx.read(self.target))
        self.forget_requests()
        self.tx.run(self.target, self._add())
        self.assertEqual([f'GET {VIOS}', f'POST {VIOS}'], self.requests())
