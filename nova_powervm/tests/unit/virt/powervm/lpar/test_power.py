# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from typing import Any

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import power

LPAR = 'LogicalPartition/{}'
ENTRY = f'GET {LPAR}'
QUICK = f'GET {LPAR}/quick/PartitionState'
JOB = ['GET jobs/{}', 'DELETE jobs/{}']


class PowerTestCase(simulated.SimulatedTestCase):
    SIMULATOR = {'jobs': 'polls:1'}

    def setUp(self) -> None:
        super().setUp()
        self.lpar = self.create_lpar()
        self.cache = lpar_cache.LparCache(self.client)
        self.cache.load()
        self.settings.lpar_start_timeout = 0.2
        self.power = power.PowerManager(self.client, self.cache, self.settings)
        self.behaviour = self._model().behaviour

    def _model(self) -> Any:
        return self.model.lpars[self.lpar.uuid]

    @property
    def record(self) -> lpar_cache.LparRecord:
        found = self.cache.get(self.lpar.uuid)
        assert found is not None
        return found

    def _warm(self) -> None:
        """Let the templates of jobs be read."""
        self.power.start(self.record)
        self.power.stop(self.record, hard=True)

    def _started(self) -> None:
        self._warm()
        self.power.start(self.record)
        self.forget_requests()
        self.jobs: list[dict[str, str]] = []
        real: Callable[..., Any] = self.client.jobs.run

        def run(*args: Any, **kwargs: Any) -> Any:
            self.jobs.append(dict(args[3]))
            return real(*args, **kwargs)

        self.client.jobs.run = run  # type: ignore[method-assign]


class StartTestCase(PowerTestCase):
    def test_four_requests(self) -> None:
        self._warm()
        self.forget_requests()
        record = self.power.start(self.record)
        self.assertEqual('running', record.state)
        self.assertEqual('running', self.record.state)
        self.assertEqual(
            [f'PUT {LPAR}/do/PowerOn', *JOB, ENTRY], self.requests()
        )

    def test_already_on_is_success(self) -> None:
        stale = self.record
        self.power.start(stale)
        record = self.power.start(stale)
        self.assertEqual('running', record.state)

    def test_known_to_be_on_asks_only(self) -> None:
        self.power.start(self.record)
        self.forget_requests()
        self.power.start(self.record)
        self.assertEqual([QUICK, ENTRY], self.requests())

    def test_boot_that_stalls_tells_its_reference_code(self) -> None:
        self.behaviour.boot_stalls = 'AA00E1F1'
        exc = self.assertRaises(
            power.PartitionNotRunning, self.power.start, self.record
        )
        self.assertEqual('AA00E1F1', exc.reference_code)
        self.assertIn('AA00E1F1', str(exc))

    def test_boot_that_fails_is_not_waited_for(self) -> None:
        self.behaviour.boot_fails = 'BA210000'
        self.power._start_limit = 3600
        exc = self.assertRaises(
            power.PartitionNotRunning, self.power.start, self.record
        )
        self.assertEqual('BA210000', exc.reference_code)

    def test_refused_boot_says_why(self) -> None:
        self.behaviour.boot_refused = 'HSCL9999 no'
        exc = self.assertRaises(
            errors.JobFailed, self.power.start, self.record
        )
        self.assertIn('HSCL9999 no', str(exc))

    def test_wrong_state_is_an_error(self) -> None:
        self.behaviour.boot_fails = 'BA210000'
        self.assertRaises(
            power.PartitionNotRunning, self.power.start, self.record
        )
        exc = self.assertRaises(
            power.WrongState, self.power.start, self.record
        )
        self.assertIn("'error'", str(exc))

    def test_gone_partition_is_not_found(self) -> None:
        record = self.record
        self.lpar.delete()
        self.assertRaises(errors.PlatformError, self.power.start, record)

    def test_lost_request_is_repeated(self) -> None:
        self._warm()
        for mode in ('immediate', 'polls:2'):
            self.sim.job_modes.set(mode)
            for drop in ('before', 'after'):
                self.fault(method='PUT', operation='PowerOn', drop=drop)
                record = self.power.start(self.record)
                self.assertEqual('running', record.state)
                self.fault(method='PUT', operation='PowerOff', drop=drop)
                self.power.stop(self.record, hard=True)
                self.assertEqual('not activated', self.record.state)


class StopTestCase(PowerTestCase):
    def test_four_requests(self) -> None:
        self._started()
        self.assertTrue(self.power.stop(self.record, hard=False, timeout=9))
        self.assertEqual(
            [f'PUT {LPAR}/do/PowerOff', *JOB, QUICK], self.requests()
        )
        self.assertEqual('not activated', self.record.state)
        self.assertEqual([power._OS_NOW], self.jobs)

    def test_hard(self) -> None:
        self._started()
        self.power.stop(self.record, hard=True)
        self.assertEqual([power._VSP_HARD], self.jobs)

    def test_no_time_means_hard(self) -> None:
        self._started()
        self.power.stop(self.record, hard=False, timeout=0)
        self.assertEqual([power._VSP_HARD], self.jobs)

    def test_off_already(self) -> None:
        self.forget_requests()
        self.assertFalse(self.power.stop(self.record, hard=True))
        self.assertEqual([QUICK], self.requests())

    def test_off_meanwhile_is_success(self) -> None:
        self._started()
        stale = self.record
        self.power.stop(stale, hard=True)
        self.assertTrue(self.power.stop(stale, hard=True))

    def test_failed_os_shutdown_goes_on_politely(self) -> None:
        self._started()
        self.behaviour.os_shutdown = 'fail'
        self.power.stop(self.record, hard=False, timeout=9)
        self.assertEqual([power._OS_NOW, power._VSP_NORMAL], self.jobs[:2])
        self.assertEqual('not activated', self.record.state)

    def test_os_that_hangs_is_cut_off(self) -> None:
        self._started()
        self.behaviour.os_shutdown = 'hang'
        self.power.stop(self.record, hard=False, timeout=1)
        self.assertEqual([power._OS_NOW, power._VSP_HARD], self.jobs)
        self.assertEqual('not activated', self.record.state)

    def test_without_rmc_no_os_shutdown(self) -> None:
        self.behaviour.rmc = False
        self._started()
        self.power.stop(self.record, hard=False, timeout=9)
        self.assertEqual([power._VSP_NORMAL], self.jobs)
        self.assertEqual('not activated', self.record.state)

    def test_without_rmc_one_that_hangs_is_cut_off(self) -> None:
        self.behaviour.rmc = False
        self._started()
        self.behaviour.os_shutdown = 'hang'
        self.power.stop(self.record, hard=False, timeout=1)
        self.assertEqual([power._VSP_NORMAL, power._VSP_HARD], self.jobs)
        self.assertEqual('not activated', self.record.state)


class RebootTestCase(PowerTestCase):
    def test_soft(self) -> None:
        self._started()
        record = self.power.reboot(self.record, hard=False, timeout=9)
        self.assertEqual('running', record.state)
        self.assertEqual([{**power._OS_NOW, 'restart': 'true'}], self.jobs)

    def test_hard(self) -> None:
        self._started()
        record = self.power.reboot(self.record, hard=True)
        self.assertEqual('running', record.state)
        self.assertEqual([{**power._VSP_HARD, 'restart': 'true'}], self.jobs)

    def test_no_time_means_hard(self) -> None:
        self._started()
        self.power.reboot(self.record, hard=False, timeout=0)
        self.assertEqual([{**power._VSP_HARD, 'restart': 'true'}], self.jobs)

    def test_os_that_hangs_is_cut_off(self) -> None:
        self._started()
        self.behaviour.os_shutdown = 'hang'
        self.power.reboot(self.record, hard=False, timeout=1)
        self.assertEqual(
            [
                {**power._OS_NOW, 'restart': 'true'},
                {**power._VSP_HARD, 'restart': 'true'},
            ],
            self.jobs,
        )
        self.assertEqual('running', self.record.state)

    def test_one_that_is_off_is_started(self) -> None:
        record = self.power.reboot(self.record, hard=False)
        self.assertEqual('running', record.state)

    def test_one_that_stalls(self) -> None:
        self._started()
        self.behaviour.boot_stalls = 'AA00E1F1'
        self.assertRaises(
            power.PartitionNotRunning,
            self.power.reboot,
            self.record,
            hard=True,
        )
