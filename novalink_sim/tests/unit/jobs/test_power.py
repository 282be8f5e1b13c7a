# SPDX-License-Identifier: Apache-2.0
"""PowerOn and PowerOff as jobs."""

from typing import Any

from novalink_sim.jobs import engine
from novalink_sim.jobs import HANDLERS
from novalink_sim.jobs import registry
from novalink_sim.model import power
from novalink_sim.tests.unit.model import base


class PowerJobsTest(base.ModelCase):
    """Options, refusals and what the guest makes of it."""

    def setUp(self) -> None:
        super().setUp()
        self.created = self.lpar()
        self.table = registry.JobTable(HANDLERS)
        self.jobs = engine.JobEngine(self.clock, engine.JobModes())

    def run_job(self, operation: str, /, **params: str) -> Any:
        handler = self.table.find('LogicalPartition', operation)
        run = registry.JobRun(
            self.system,
            'LogicalPartition',
            operation,
            self.created,
            params,
        )
        return self.jobs.submit(handler, run, self.created.uuid)

    def assert_failed(
        self, code: str, operation: str, /, **params: str
    ) -> None:
        job = self.run_job(operation, **params)
        self.assertEqual(engine.ERROR, job.status)
        self.assertIn(code, job.message)

    def test_on(self) -> None:
        self.assertEqual(engine.OK, self.run_job('PowerOn').status)
        self.assertEqual('running', self.created.state)
        self.assert_failed('HSCL3681', 'PowerOn')

    def test_boot_modes(self) -> None:
        self.run_job('PowerOn', bootmode='sms', keylock='manual')
        self.assertEqual('open firmware', self.created.state)
        self.assertEqual('manual', self.created.keylock)

    def test_change_keylock(self) -> None:
        self.run_job(
            'PowerOn', keylock='manual', OperationType='changeKeylock'
        )
        self.assertEqual('not activated', self.created.state)
        self.assertEqual('manual', self.created.keylock)

    def test_network_installation(self) -> None:
        params = {
            'OperationType': 'netboot',
            'IPAddress': '192.0.2.9',
            'ServerIPAddress': '192.0.2.1',
            'Gateway': '192.0.2.254',
            'IBMiImageServerDirectory': '/ibmi',
            'SubnetMask': '255.255.255.0',
        }
        self.assert_failed('HSCL3684', 'PowerOn', **params)
        self.created.type = 'OS400'
        self.assert_failed('HSCL3680', 'PowerOn', **{**params, 'Gateway': ''})
        self.assertIsNone(self.created.netboot)
        self.run_job('PowerOn', **params)
        del params['OperationType']
        self.assertEqual(params, self.created.netboot)

    def test_bad_options(self) -> None:
        self.assert_failed('HSCL3680', 'PowerOn', bootmode='no')
        self.assert_failed('HSCL3680', 'PowerOn', keylock='no')
        self.assert_failed('HSCL3680', 'PowerOn', OperationType='no')
        self.assert_failed('HSCL3680', 'PowerOff', operation='no')

    def test_off(self) -> None:
        self.assert_failed('HSCL1558', 'PowerOff')
        self.run_job('PowerOn')
        job = self.run_job('PowerOff', operation='osshutdown')
        self.assertEqual(engine.OK, job.status)
        self.assertEqual('not activated', self.created.state)

    def test_no_rmc(self) -> None:
        self.created.behaviour.rmc = False
        self.run_job('PowerOn')
        self.assert_failed('HSCL0DB4', 'PowerOff', operation='osshutdown')
        self.assertEqual('running', self.created.state)

    def test_restart(self) -> None:
        for params in (
            {'restart': 'true', 'immediate': 'true'},
            {'operation': 'dumprestart'},
        ):
            self.run_job('PowerOn')
            self.run_job('PowerOff', **params)
            self.assertEqual('running', self.created.state)

    def test_dump(self) -> None:
        """Only an operating system can be dumped; it starts again."""
        self.assert_failed('HSCL1558', 'PowerOff', operation='dumprestart')
        self.run_job('PowerOn', bootmode='of')
        self.assert_failed('HSCL3685', 'PowerOff', operation='dumprestart')
        self.run_job('PowerOff', immediate='true')
        self.run_job('PowerOn')
        self.run_job('PowerOff', operation='dumprestart')
        self.assertEqual(1, self.created.dumps)
        self.assertEqual('running', self.created.state)

    def test_states_without_a_way_out(self) -> None:
        for state in ('not available', 'unknown', 'migrating running'):
            power.force_state(self.created, state)
            self.assert_failed('HSCL3682', 'PowerOn')
            self.assert_failed('HSCL3683', 'PowerOff', immediate='true')

    def test_unusual_states(self) -> None:
        for state in ('suspended', 'hardware discovery'):
            power.force_state(self.created, state)
            self.assert_failed('HSCL3682', 'PowerOn')
            self.switch_to(stop_unusual='refuse')
            self.assert_failed('HSCL3683', 'PowerOff', immediate='true')
            self.switch_to(stop_unusual='allow')
            self.run_job('PowerOff', immediate='true')
            self.assertEqual('not activated', self.created.state)

    def test_error_can_be_left_both_ways(self) -> None:
        for operation, state in (
            ('PowerOn', 'running'),
            ('PowerOff', 'not activated'),
        ):
            power.force_state(self.created, 'error')
            self.run_job(operation)
            self.assertEqual(state, self.created.state)

    def test_shutdown_takes_its_time(self) -> None:
        self.created.behaviour.shutdown_delay = 20
        self.run_job('PowerOn')
        job = self.run_job('PowerOff', operation='osshutdown')
        self.assertEqual(engine.RUNNING, job.status)
        self.assertEqual('shutting down', self.created.state)
        self.clock.advance(20)
        self.jobs.poll(job.number)
        self.assertEqual(engine.OK, job.status)
        self.assertEqual('not activated', self.created.state)

    def test_boot_string(self) -> None:
        disk = self.disk('rescue')
        disk.file.write_bytes(b'system')
        mapped = self.map(self.created, disk)
        slot = mapped.bus.client_slot
        self.run_job('PowerOn', bootstring=f'/vdevice/v-scsi@3{slot:07x}')
        self.assertEqual('rescue', self.created.booted_from.name)

    def test_hang(self) -> None:
        """A shutdown that hangs keeps its job; power still goes off."""
        self.created.behaviour.os_shutdown = 'hang'
        self.run_job('PowerOn')
        job = self.run_job('PowerOff', operation='shutdown')
        self.assertEqual(engine.RUNNING, job.status)
        self.jobs.poll(job.number)
        self.assertEqual(engine.RUNNING, job.status)
        self.assertEqual('running', self.created.state)
        hard = self.run_job('PowerOff', operation='shutdown', immediate='true')
        self.assertEqual(engine.OK, hard.status)
        self.assertEqual('not activated', self.created.state)
        self.jobs.poll(job.number)
        self.assertEqual(engine.OK, job.status)

    def test_hard_hang_and_failure(self) -> None:
        self.run_job('PowerOn')
        self.created.behaviour.hard_shutdown = 'hang'
        job = self.run_job('PowerOff', immediate='true')
        self.assertEqual(engine.RUNNING, job.status)
        self.jobs.cancel(job.number)
        self.created.behaviour.hard_shutdown = 'fail'
        self.assert_failed('HSCL0DB5', 'PowerOff', immediate='true')

    def test_shutting_down(self) -> None:
        """While the job lasts the partition is shutting down."""
        self.run_job('PowerOn')
        modes = engine.JobModes()
        modes.set('manual')
        self.jobs = engine.JobEngine(self.clock, modes)
        job = self.run_job('PowerOff', operation='osshutdown')
        self.assertEqual('shutting down', self.created.state)
        self.jobs.cancel(job.number)
        self.assertEqual('running', self.created.state)

    def test_stalled(self) -> None:
        """A partition that stalls in its boot can be powered off."""
        self.created.behaviour.boot_stalls = 'BA060042'
        self.assertEqual(engine.OK, self.run_job('PowerOn').status)
        self.assertEqual('starting', self.created.state)
        self.run_job('PowerOff', operation='shutdown')
        self.assertEqual('not activated', self.created.state)

    def test_refused(self) -> None:
        self.created.behaviour.boot_refused = 'HSCL0001 no'
        self.assert_failed('HSCL0001', 'PowerOn')
        self.assertEqual('not activated', self.created.state)

    def test_optical(self) -> None:
        self.map(self.created, self.media())
        self.run_job(
            'PowerOn', remove_optical_name='cfg', remove_optical_time='1'
        )
        self.clock.advance(60)
        self.system.advance()
        self.assertEqual([], self.vios.buses)
