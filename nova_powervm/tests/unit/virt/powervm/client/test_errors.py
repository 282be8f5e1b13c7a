# SPDX-License-Identifier: Apache-2.0
import testtools

from nova_powervm.virt.powervm.client import errors


class ErrorsTestCase(testtools.TestCase):
    def test_job_failure_names_the_job(self) -> None:
        exc = errors.JobFailed('PowerOn', 'HSCL1')
        self.assertEqual('PowerOn failed: HSCL1', str(exc))

    def test_timed_out_job_is_a_failed_one(self) -> None:
        exc = errors.JobTimedOut('PowerOff', 60)
        self.assertIsInstance(exc, errors.JobFailed)
        self.assertIn('60 seconds', str(exc))

    def test_request_that_timed_out_may_have_taken_effect(self) -> None:
        self.assertTrue(
            issubclass(errors.RequestTimedOut, errors.ConnectionLost)
        )

    def test_name_in_use_tells_what_has_it(self) -> None:
        exc = errors.NameInUse('b_1', '03ab')
        self.assertEqual(('b_1', '03ab'), (exc.name, exc.udid))
