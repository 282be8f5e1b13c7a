# SPDX-License-Identifier: Apache-2.0
"""Migrations that take their time, and how they end."""

from typing import Any

from pypowervm import exceptions as pvm_exc
from pypowervm.tasks import migration
from pypowervm.tasks import power
from pypowervm.tasks import scsi_mapper
from pypowervm.wrappers import job as jobs
from pypowervm.wrappers import managed_system as systems
from pypowervm.wrappers import network
from pypowervm.wrappers import virtual_io_server as vioses

from novalink_sim.tests.conformance import base
from novalink_sim.tests.conformance.migrating import MigrationCase

ERROR = jobs.JobStatus.COMPLETED_WITH_ERROR


class EndsCase(MigrationCase):
    """A partition that begins to migrate, and no job ends by itself."""

    def setUp(self) -> None:
        super().setUp()
        self.sim.job_modes.set('manual', 'Migrate')
        self.vm = self.make()
        self.before = self.state()

    def states(self) -> list[tuple[str, str]]:
        """Return the states on both sides."""
        return [
            (part.state, part.migration_state)
            for part in (self.vm.refresh(), self.moved())
        ]

    def complete(self, job: Any) -> None:
        """Let a job come to its end."""
        runtime = self.host.runtime
        with runtime.locked():
            runtime.jobs.complete(runtime.jobs.get(job.job_id))

    def assert_restored(self) -> None:
        """The platform is as it was before the migration."""
        self.assertEqual(self.before, self.state())

    def assert_failed(self, call: Any, *args: Any, **kwargs: Any) -> str:
        """Return why a job failed."""
        failed = pvm_exc.JobRequestFailed
        return str(self.assertRaises(failed, call, *args, **kwargs))


class ProgressTest(EndsCase):
    """While a partition migrates."""

    def test_both_sides(self) -> None:
        self.start(self.vm)
        now = ('migrating not active', 'Migration_Starting')
        self.assertEqual([now, now], self.states())
        for adapter in (self.adapter, self.other):
            (system,) = systems.System.get(adapter)
            found = system.migration_data
            self.assertEqual(1, found['inactive_migrations_in_progress'])
            self.assertEqual(0, found['active_migrations_in_progress'])

    def test_events(self) -> None:
        hubs = [system.events for system in self.sim.systems.values()]
        for hub in hubs:
            hub.poll('app', 0)
        job = self.start(self.vm)
        self.complete(job)
        path = f'LogicalPartition/{base.LPAR_UUID}'
        found = [
            [
                (event.kind, event.detail)
                for event in hub.poll('app', 0)
                if event.data.endswith(path)
            ]
            for hub in hubs
        ]
        changed = ('MODIFY_URI', 'PartitionState,MigrationState')
        leaves = [kind for kind in found[0] if kind[1] != changed[1]]
        self.assertIn(changed, found[0])
        self.assertEqual(('DELETE_URI', ''), leaves[-1])
        self.assertEqual(('ADD_URI', ''), found[1][0])
        self.assertEqual([changed, changed], found[1][-2:])

    def test_polls(self) -> None:
        self.sim.job_modes.set('polls:2', 'Migrate')
        job = self.start(self.vm)
        self.assertEqual('RUNNING', self.poll(job).job_status)
        self.assertEqual('COMPLETED_OK', self.poll(job).job_status)
        self.assertEqual('not activated', self.moved().state)

    def test_nothing_changes_meanwhile(self) -> None:
        self.start(self.vm)
        lpar = self.vm.refresh()
        (cna,) = network.CNA.get(self.adapter, parent=lpar)
        vios = self.vios(base.MAPPINGS)
        scsi_mapper.remove_maps(vios, lpar.uuid)
        lpar.name = 'other'
        before = self.state()
        for call in (
            lpar.update,
            lpar.delete,
            self.moved().delete,
            cna.delete,
            vios.update,
        ):
            exc = self.assertRaises(pvm_exc.HttpError, call)
            self.assertIn('is migrating', str(exc))
        self.assertRaises(
            pvm_exc.VMPowerOnFailure, power.power_on, self.vm, None
        )
        self.assertIn('is migrating', self.refused(self.vm))
        self.assertEqual(before, self.state())

    def test_one_at_a_time(self) -> None:
        self.target.migration.maximum_inactive = 1
        self.start(self.vm)
        second = self.create_lpar('vm2')
        self.assertIn('can no more', self.refused(second))


class AbortTest(EndsCase):
    """MigrateAbort, and jobs that nobody waits for any more."""

    def test_abort(self) -> None:
        job = self.start(self.vm)
        migration.migrate_abort(self.vm)
        self.assert_restored()
        job = self.poll(job)
        self.assertEqual(ERROR, job.job_status)
        self.assertIn('was stopped', job.get_job_message())
        # It can migrate as if nothing had been.
        job = self.start(self.vm)
        self.complete(job)
        self.assertEqual('not activated', self.moved().state)

    def test_hanging(self) -> None:
        self.sim.job_modes.set('polls:1', 'Migrate')
        self.model.lpar('vm1').behaviour.migration = 'hang'
        job = self.start(self.vm)
        self.assertEqual('RUNNING', self.poll(self.poll(job)).job_status)
        migration.migrate_abort(self.vm)
        self.assert_restored()
        self.assertEqual(ERROR, self.poll(job).job_status)

    def test_nothing_to_abort(self) -> None:
        why = self.assert_failed(migration.migrate_abort, self.vm)
        self.assertIn('is not migrating', why)

    def test_not_from_the_target(self) -> None:
        self.start(self.vm)
        why = self.assert_failed(migration.migrate_abort, self.moved())
        self.assertIn('from host1 only', why)

    def test_cancel_alone_does_not_stop_it(self) -> None:
        job = self.start(self.vm)
        self.adapter.update(
            None,
            None,
            root_type='jobs',
            root_id=job.job_id,
            suffix_type='cancel',
        )
        self.assertNotEqual('RUNNING', self.poll(job).job_status)
        self.assertEqual('migrating not active', self.vm.refresh().state)
        migration.migrate_abort(self.vm)
        self.assert_restored()

    def test_cancel_stops_it(self) -> None:
        job = self.start(self.vm)
        with self.switched(migration_cancel='abort'):
            self.adapter.update(
                None,
                None,
                root_type='jobs',
                root_id=job.job_id,
                suffix_type='cancel',
            )
        self.assert_restored()


class RecoverTest(EndsCase):
    """Migrations that fail, and MigrateRecover."""

    def broken(self) -> None:
        """Let the migration break off half-way."""
        self.sim.job_modes.set('immediate', 'Migrate')
        self.model.lpar('vm1').behaviour.migration = 'break'
        why = self.assert_failed(self.migrate, self.vm)
        self.assertIn('has to be recovered', why)

    def test_failed_and_undone(self) -> None:
        self.sim.job_modes.set('immediate', 'Migrate')
        self.model.lpar('vm1').behaviour.migration = 'fail'
        self.assertIn('has failed', self.assert_failed(self.migrate, self.vm))
        self.assert_restored()

    def test_broken_off(self) -> None:
        self.broken()
        now = ('migrating not active', 'Migration_Failed')
        self.assertEqual([now, now], self.states())
        self.assertIn(
            'recovered', self.assert_failed(migration.migrate_abort, self.vm)
        )
        self.assertIn('recovery', self.refused(self.vm))
        migration.migrate_recover(self.vm)
        self.assert_restored()

    def test_from_the_target(self) -> None:
        self.broken()
        migration.migrate_recover(self.moved(), force=True)
        self.assert_restored()

    def test_nothing_to_recover(self) -> None:
        why = self.assert_failed(migration.migrate_recover, self.vm)
        self.assertIn('is not migrating', why)

    def test_still_migrating(self) -> None:
        self.start(self.vm)
        why = self.assert_failed(
            migration.migrate_recover, self.vm, force=True
        )
        self.assertIn('still migrating', why)

    def test_target_loses_power(self) -> None:
        target = self.sim.systems['host2']
        job = self.start(self.vm)
        target.power_failure()
        self.complete(job)
        self.assertEqual(ERROR, self.poll(job).job_status)
        lpar = self.vm.refresh()
        self.assertEqual('Migration_Failed', lpar.migration_state)
        why = self.assert_failed(migration.migrate_recover, lpar)
        self.assertIn('can be forced', why)
        migration.migrate_recover(lpar, force=True)
        self.assertEqual('not activated', lpar.refresh().state)
        target.power_return()
        self.assertEqual('Migration_Failed', self.moved().migration_state)
        migration.migrate_recover(self.moved())
        self.assertRaises(pvm_exc.HttpNotFound, self.moved)
        self.assertEqual(self.before[0]['host1'], self.state()[0]['host1'])

    def test_source_loses_power(self) -> None:
        source = self.sim.systems['host1']
        self.start(self.vm)
        source.power_failure()
        source.power_return()
        self.assertEqual('Migration_Failed', self.vm.refresh().migration_state)
        migration.migrate_recover(self.vm)
        self.assertEqual('not activated', self.vm.refresh().state)
        self.assertRaises(pvm_exc.HttpNotFound, self.moved)

    def test_state_that_was_loaded(self) -> None:
        self.start(self.vm)
        dump = self.sim.dump()
        migration.migrate_abort(self.vm)
        self.sim.load(dump)
        self.assertEqual('migrating not active', self.moved().state)
        migration.migrate_recover(self.vm)
        self.assert_restored()

    def test_target_vios_is_down(self) -> None:
        """What it serves stays behind, as orphans do."""
        self.start(self.vm)
        self.target.vios('vios2').rmc_state = 'inactive'
        migration.migrate_abort(self.vm)
        self.assertEqual(self.before[0]['host1'], self.state()[0]['host1'])
        self.assertRaises(pvm_exc.HttpNotFound, self.moved)
        self.target.vios('vios2').rmc_state = 'active'
        found = vioses.VIOS.get(self.other, xag=[base.MAPPINGS])
        orphans = [
            mapping
            for vios in found
            for mapping in vios.scsi_mappings
            if mapping.client_adapter is None
        ]
        self.assertEqual(1, len(orphans))
