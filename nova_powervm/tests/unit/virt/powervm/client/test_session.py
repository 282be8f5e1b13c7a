# SPDX-License-Identifier: Apache-2.0
import io
import pathlib
from typing import Any
from unittest import mock

import fixtures
import requests
from pypowervm import exceptions as pvm_exc

from nova_powervm.tests.unit import simulated
from nova_powervm.tests.unit.virt.powervm.client import case
from nova_powervm.virt.powervm import settings as host_settings
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import session
from novalink_sim import fixture as sim_fixture


class CertificateTestCase(case.ServerTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.useFixture(fixtures.EnvironmentVariable('REQUESTS_CA_BUNDLE'))
        self.useFixture(fixtures.EnvironmentVariable('CURL_CA_BUNDLE'))
        self.ca = case.certificate(self.dir, 'ca')
        self.port = self.serve(self.ca)

    def test_trusted_certificate(self) -> None:
        client = self.connect(
            self.port, protocol='https', ca_file=str(self.ca)
        )
        reply = client.adapter.read(
            'LogicalPartition', 'x', suffix_type='quick', suffix_parm='a'
        )
        self.assertEqual('"hello"', reply.body)

    def test_other_authority_is_refused(self) -> None:
        other = case.certificate(self.dir, 'other')
        exc = self.assertRaises(
            errors.AccessDenied,
            self.connect,
            self.port,
            protocol='https',
            ca_file=str(other),
        )
        self.assertIn('rest_ca_file', str(exc))
        self.assertEqual([], self.handler.seen)

    def test_system_store_does_not_know_it(self) -> None:
        self.assertRaises(
            errors.AccessDenied, self.connect, self.port, protocol='https'
        )

    def test_every_request_is_checked(self) -> None:
        client = self.connect(
            self.port, protocol='https', ca_file=str(self.ca)
        )
        other = case.certificate(self.dir, 'other')
        client.session._verify = str(other)
        self.assertRaises(
            pvm_exc.Error, client.session.request, 'GET', '/rest/api/uom/x'
        )

    def test_environment_does_not_choose_the_authority(self) -> None:
        other = case.certificate(self.dir, 'other')
        for name in ('REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'):
            with self.subTest(name), self._environment(name, str(other)):
                self.connect(
                    self.port, protocol='https', ca_file=str(self.ca)
                ).session.request('GET', '/rest/api/uom/x')

    def test_environment_does_not_add_an_authority(self) -> None:
        for name in ('REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'):
            with self.subTest(name), self._environment(name, str(self.ca)):
                self.assertRaises(
                    errors.AccessDenied,
                    self.connect,
                    self.port,
                    protocol='https',
                )

    def _environment(self, name: str, value: str) -> Any:
        return fixtures.EnvironmentVariable(name, value)

    def test_trust(self) -> None:
        self.assertIs(False, session.trust('http', None))
        self.assertEqual('/ca', session.trust('https', '/ca'))
        self.assertTrue(session.trust('https', None))


class LogonTestCase(case.ServerTestCase):
    def test_absent_api_says_what_to_check(self) -> None:
        exc = self.assertRaises(errors.NotReady, self.connect, 1)
        for word in ('127.0.0.1:1', 'pvm-rest', 'rest_port'):
            self.assertIn(word, str(exc))

    def test_waits_for_an_api_that_starts(self) -> None:
        port = self.serve()
        self.handler.status[:] = [404, 503]
        self.useFixture(
            fixtures.MonkeyPatch(
                f'{session.__name__}._PATIENCE', simulated.POLICY
            )
        )
        self.useFixture(
            fixtures.MonkeyPatch(
                f'{session.__name__}.retry.Deadline.left', lambda _self: 60
            )
        )
        log = self.useFixture(fixtures.FakeLogger())
        self.connect(port)
        self.assertEqual(3, len(self.handler.seen))
        self.assertEqual(1, log.output.count('Waiting for the PowerVM REST'))

    def test_stop_ends_the_wait(self) -> None:
        self.stop.set()
        self.assertRaises(errors.Stopped, self.connect, 1)

    def test_wrong_password(self) -> None:
        port = self.serve()
        self.handler.status.append(401)
        exc = self.assertRaises(errors.AccessDenied, self.connect, port)
        self.assertIn('rest_password', str(exc))
        self.assertNotIn('pw-very-secret', str(exc))
        self.assertEqual(1, len(self.handler.seen))

    def _file(self, path: pathlib.Path) -> Exception:
        self.handler.answer = f'<X-API-SessionFile>{path}</X-API-SessionFile>'
        return self.assertRaises(
            errors.AccessDenied,
            self.connect,
            self.serve(),
            user=None,
            password=None,
        )

    def test_unreadable_token_says_how_to_mend_it(self) -> None:
        denied = mock.Mock(side_effect=PermissionError(13, 'denied'))
        target = 'pypowervm.adapter.open'
        with mock.patch(target, denied, create=True):
            exc = self._file(self.dir / 'token')
        self.assertIn('usermod -aG pvm_admin', str(exc))

    def test_token_on_another_machine(self) -> None:
        exc = self._file(self.dir / 'nowhere')
        self.assertIn('rest_user and rest_password', str(exc))

    def test_nothing_secret_is_logged(self) -> None:
        log = self.useFixture(fixtures.FakeLogger(level=1))
        port = self.serve()
        client = self.connect(port)
        client.session.request('GET', '/rest/api/uom/x')
        client.close()
        for secret in ('pw-very-secret', case.SECRET):
            self.assertNotIn(secret, log.output)
            self.assertNotIn(secret, repr(client))


class EnvironmentTestCase(case.ServerTestCase):
    def test_no_proxy_is_used(self) -> None:
        port = self.serve()
        for name in ('http_proxy', 'HTTP_PROXY', 'all_proxy'):
            value = fixtures.EnvironmentVariable(name, 'http://127.0.0.1:1')
            self.useFixture(value)
        for name in ('no_proxy', 'NO_PROXY'):
            self.useFixture(fixtures.EnvironmentVariable(name))
        client = self.connect(port)
        reply = client.session.request('GET', '/rest/api/uom/x')
        self.assertEqual(200, reply.status)

    def test_no_password_of_netrc_is_sent(self) -> None:
        netrc = self.dir / 'netrc'
        netrc.write_text('machine 127.0.0.1 login a password b')
        self.useFixture(fixtures.EnvironmentVariable('NETRC', str(netrc)))
        client = self.connect(self.serve())
        with mock.patch(
            'requests.adapters.HTTPAdapter.send',
            autospec=True,
            side_effect=requests.ConnectionError,
        ) as sent:
            self.assertRaises(
                pvm_exc.Error, client.session.request, 'GET', '/x'
            )
        self.assertNotIn('Authorization', sent.call_args.args[1].headers)


class SimulatedTlsTestCase(case.ServerTestCase):
    def test_the_simulator_is_verified(self) -> None:
        ca = case.certificate(self.dir, 'ca')
        other = case.certificate(self.dir, 'other')
        self.useFixture(
            fixtures.EnvironmentVariable('REQUESTS_CA_BUNDLE', str(other))
        )
        sim = self.useFixture(
            sim_fixture.NovaLinkSim('tiny', tls=(str(ca), str(ca)))
        ).sim
        (system,) = sim.systems.values()
        rest: dict[str, Any] = {
            'protocol': 'https',
            'port': system.port,
            'user': None,
            'password': None,
        }
        client = self.connect(**rest, ca_file=str(ca))
        self.assertTrue(client.adapter.sys_uuid)
        self.assertRaises(
            errors.AccessDenied, self.connect, **rest, ca_file=str(other)
        )


class PolicyTestCase(case.ServerTestCase):
    def test_the_operator_says_how_to_wait(self) -> None:
        settings: Any = mock.Mock(
            retry_attempts=3, retry_first_wait=0.25, retry_longest_wait=0.3
        )
        policy = session.configured_policy(settings)
        self.assertEqual([0.25, 0.3], list(policy.delays()))

    def test_the_operator_says_how_long_to_wait(self) -> None:
        settings: Any = simulated.Settings(
            host_settings.RestSettings(
                '127.0.0.1', 'http', 1, None, None, 5, None, start_timeout=0
            ),
            '/',
        )
        exc = self.assertRaises(
            errors.NotReady, session.connect, settings, self.stop
        )
        self.assertIn('within 0 seconds', str(exc))


class ExpiryTestCase(case.ServerTestCase):
    def test_expired_token_is_renewed(self) -> None:
        client = self.connect(self.serve())
        self.handler.status.append(401)
        reply = client.session.request('GET', '/rest/api/uom/x')
        self.assertEqual(200, reply.status)

    def test_expired_token_fails_an_upload(self) -> None:
        client = self.connect(self.serve())
        self.handler.seen.clear()
        self.handler.status.append(401)
        path = '/rest/api/web/File/contents/1'
        self.assertRaises(
            pvm_exc.HttpUnauth,
            client.session.request,
            'PUT',
            path,
            filehandle=io.BytesIO(b'12345'),
        )
        self.assertEqual([(f'PUT {path}', 5)], self.handler.seen)

    def test_every_request_has_a_limit(self) -> None:
        client = self.connect(self.serve())
        with mock.patch('requests.Session.request', autospec=True) as sent:
            sent.return_value.status_code = 204
            for timeout in (-1, None, 5):
                client.session.request('GET', '/x', timeout=timeout)
        limits = [call.kwargs['timeout'] for call in sent.call_args_list]
        self.assertEqual([(10, 10), (10, 10), (5, 5)], limits)


class ClientTestCase(simulated.SimulatedTestCase):
    def test_logs_on_by_file(self) -> None:
        self.assertEqual('PVM', self.client.session.mc_type)
        self.assertTrue(self.client.adapter.sys_uuid)

    def test_close_ends_the_session_and_all_waits(self) -> None:
        self.client.close()
        self.assertTrue(self.stop.is_set())
        self.assertRaises(
            pvm_exc.Error, self.client.adapter.read, 'ManagedSystem'
        )

    def test_renew_after_another_thread_did(self) -> None:
        old = self.client.session.token
        self.client.session.renew(old)
        new = self.client.session.token
        self.assertNotEqual(old, new)
        self.client.session.renew(old)
        self.assertEqual(new, self.client.session.token)
