# SPDX-License-Identifier: Apache-2.0
from typing import Any

import fixtures
import testtools
from nova import exception as nova_exc
from nova import objects

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.records import moves


class MovesTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.instance = nova_objects.instance(task_state='resize_reverting')

    def record(self, source: str, target: str) -> Any:
        return objects.Migration(source_compute=source, dest_compute=target)

    def answer(self, method: str, result: Any) -> None:
        def get(*_args: Any, **_kwargs: Any) -> Any:
            if isinstance(result, Exception):
                raise result
            return result

        self.useFixture(
            fixtures.MonkeyPatch(f'nova.objects.Migration.{method}', get)
        )

    def test_where_it_leads(self) -> None:
        self.assertTrue(moves.Move.of(self.record('host1', 'host1')).stays)
        self.assertFalse(moves.Move.of(self.record('host1', 'host2')).stays)
        self.assertTrue(moves.Move('host1', 'host1').stays_on('host1'))
        self.assertFalse(moves.Move('host2', 'host2').stays_on('host1'))

    def test_begun(self) -> None:
        self.answer('get_by_id_and_instance', self.record('host1', 'host2'))
        self.instance.migration_context = objects.MigrationContext(
            migration_id=7
        )
        self.assertEqual(
            moves.Move('host1', 'host2'), moves.begun(None, self.instance)
        )

    def test_begun_without_a_record(self) -> None:
        self.instance.migration_context = None
        self.assertRaises(
            nova_exc.MigrationNotFoundForInstance,
            moves.begun,
            None,
            self.instance,
        )

    def test_storage_of_another_host(self) -> None:
        for stats, wanted in (
            ({'powervm_storage': 'pool'}, 'pool'),
            ({'powervm_storage': ''}, None),
            (None, None),
        ):
            node = objects.ComputeNode(stats=stats)
            with fixtures.MonkeyPatch(
                'nova.objects.ComputeNodeList.get_all_by_host',
                lambda *_args, found=node: [found],
            ):
                self.assertEqual(wanted, moves.storage_of(None, 'host2'))

    def test_reverting(self) -> None:
        self.answer(
            'get_by_instance_and_status', self.record('host1', 'host1')
        )
        self.assertEqual(
            moves.Move('host1', 'host1'), moves.reverting(self.instance)
        )

    def test_reverting_by_what_the_instance_tells(self) -> None:
        """A move that broke off while it was taken back keeps its state."""
        self.answer(
            'get_by_instance_and_status', self.record('host1', 'host2')
        )
        self.answer('get_by_id_and_instance', self.record('host1', 'host1'))
        self.instance.migration_context = objects.MigrationContext(
            migration_id=7
        )
        self.assertEqual(
            moves.Move('host1', 'host1'), moves.reverting(self.instance)
        )

    def test_not_reverting(self) -> None:
        missing = nova_exc.MigrationNotFoundByStatus(
            instance_id=self.instance.uuid, status='reverting'
        )
        self.answer('get_by_instance_and_status', missing)
        self.assertIsNone(moves.reverting(self.instance))

    def test_nobody_is_asked_of_other_work(self) -> None:
        self.answer('get_by_instance_and_status', AssertionError('asked'))
        for state in (None, 'deleting'):
            self.instance.task_state = state
            self.assertIsNone(moves.reverting(self.instance))
