# SPDX-License-Identifier: Apache-2.0
import threading
import traceback
from typing import Any

import fixtures

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm.client import errors

JOB = '/rest/api/uom/jobs/{}'
LPAR = 'LogicalPartition/{}'
TEMPLATE = f'GET {LPAR}/do/PowerOn'
START = f'PUT {LPAR}/do/PowerOn'
POLL = 'GET jobs/{}'
FORGET = 'DELETE jobs/{}'
HARD = {'operation': 'shutdown', 'immediate': 'true'}


class _JobsTestCase(simulated.SimulatedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.uuid = self.create_lpar().uuid
        self.forget_requests()

    def _left(self) -> list[str]:
        """The jobs that the platform keeps."""
        return list(self.system.jobs.to_dict())

    def _run(self, operation: str = 'PowerOn', **kwargs: object) -> None:
        self.client.jobs.run(
            'LogicalPartition',
            self.uuid,
            operation,
            **kwargs,  # type: ignore[arg-type]
        )


class JobRunnerTestCase(_JobsTestCase):
    def test_answer_at_once_needs_no_poll(self) -> None:
        self._run()
        self.assertEqual([TEMPLATE, START, FORGET], self.requests())
        self.assertEqual('running', self.model.lpars[self.uuid].state)

    def test_template_is_read_once(self) -> None:
        self._run()
        self.uuid = self.create_lpar('other').uuid
        self.forget_requests()
        self._run()
        self.assertEqual([START, FORGET], self.requests())

    def test_templates_do_not_wait_for_each_other(self) -> None:
        asked, go = threading.Event(), threading.Event()
        in_time: list[bool] = []
        read = self.client.adapter.read

        def slow(*args: Any, **kwargs: Any) -> Any:
            if kwargs.get('suffix_parm') == 'PowerOn':
                asked.set()
                in_time.append(go.wait(10))
            return read(*args, **kwargs)

        self.useFixture(
            fixtures.MockPatchObject(self.client.adapter, 'read', slow)
        )
        starting = threading.Thread(target=self._run)
        starting.start()
        self.addCleanup(starting.join)
        self.addCleanup(go.set)
        self.assertTrue(asked.wait(10))
        self.assertRaises(errors.JobFailed, self._run, 'PowerOff', params=HARD)
        go.set()
        starting.join()
        self.assertEqual([True], in_time)

    def test_parameters_reach_the_platform_alone(self) -> None:
        self._run()
        self._run('PowerOff', params=HARD)
        self.assertEqual('not activated', self.model.lpars[self.uuid].state)
        self._run()
        self._run('PowerOff', params=HARD)
        self.assertEqual('not activated', self.model.lpars[self.uuid].state)

    def test_failure_has_the_words_of_the_platform(self) -> None:
        self._run()
        exc = self.assertRaises(errors.JobFailed, self._run)
        self.assertIn('HSCL3681', exc.reason)
        self.assertEqual([FORGET], self.requests()[-1:])

    def test_failure_has_results(self) -> None:
        exc = self.assertRaises(
            errors.JobFailed,
            self.client.jobs.run,
            'VirtualIOServer',
            next(iter(self.model.vioses)),
            'RescanVirtualDisk',
            {'VirtualDiskUDID': 'none'},
        )
        self.assertEqual({'RETURN_CODE': '-1'}, exc.results)

    def test_secrets_that_the_platform_repeats(self) -> None:
        self._run()
        secret = {'userPassword': 'HSCL3681', 'empty_password': ''}
        exc = self.assertRaises(errors.JobFailed, self._run, params=secret)
        self.assertIn('HSCL3681', str(exc))
        exc = self.assertRaises(
            errors.JobFailed, self._run, params=secret, sensitive=True
        )
        self.assertNotIn('HSCL3681', str(exc))
        self.assertIn('***', exc.reason)
        self.fault(method='PUT', status=500, message='not HSCL3681')
        refused = self.assertRaises(
            errors.PlatformRefused, self._run, params=secret, sensitive=True
        )
        told = ''.join(traceback.format_exception(refused))
        self.assertIn('not ***', told)
        self.assertNotIn('HSCL3681', told)

    def test_refused_start(self) -> None:
        self.fault(method='PUT', status=500)
        self.assertRaises(errors.PlatformRefused, self._run)

    def test_lost_start_is_an_error_unless_harmless(self) -> None:
        self.fault(method='PUT', drop='before', times=2)
        self.assertRaises(errors.ConnectionLost, self._run)
        self._run(idempotent=True)
        self.assertEqual('running', self.model.lpars[self.uuid].state)

    def test_failed_removal_is_made_up_for(self) -> None:
        self.fault(method='DELETE', status=500, times=2)
        self._run()
        self.assertEqual('running', self.model.lpars[self.uuid].state)
        self.assertEqual(1, len(self._left()))
        self._run('PowerOff', params=HARD)
        self.assertEqual([], self._left())


class PollingTestCase(_JobsTestCase):
    SIMULATOR = {'jobs': 'polls:3'}

    def test_is_asked_until_it_ends(self) -> None:
        self._run()
        self.assertEqual(
            [TEMPLATE, START, *[POLL] * 3, FORGET], self.requests()
        )

    def test_job_that_could_not_be_watched_is_removed_later(self) -> None:
        self.fault(method='GET', path=JOB, status=500)
        self.assertRaises(errors.PlatformRefused, self._run)
        (lost,) = self.system.jobs
        self._run('PowerOff', params=HARD)
        # It still runs, as nobody asked after it.
        self.assertEqual([lost.number], self._left())
        self.system.jobs.complete(lost)
        self._run()
        self.assertEqual([], self._left())

    def test_cancel_that_cannot_be_watched_is_a_timeout(self) -> None:
        self.sim.job_modes.set('manual')
        self.fault(method='GET', path=JOB, status=500)
        self.assertRaises(errors.JobTimedOut, self._run, timeout=0)

    def test_job_that_does_not_end(self) -> None:
        self.sim.job_modes.set('manual')
        exc = self.assertRaises(errors.JobTimedOut, self._run, timeout=0)
        self.assertEqual('PowerOn', exc.operation)
        self.assertIn('POST jobs/{}/cancel', self.requests())
