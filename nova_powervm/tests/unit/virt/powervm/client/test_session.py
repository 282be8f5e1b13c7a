# SPDX-License-Identifier: Apache-2.0
import datetime
import http.server
import io
import ipaddress
import pathlib
import ssl
import threading
from typing import Any, ClassVar
from unittest import mock

import fixtures
import requests
import testtools
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pypowervm import exceptions as pvm_exc

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm import settings as host_settings
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import session
from novalink_sim import fixture as sim_fixture

LOGON = (
    '<LogonResponse schemaVersion="V1_8_0" xmlns="http://www.ibm.com/xmlns/'
    'systems/power/firmware/web/mc/2012_10/">{}</LogonResponse>'
)
SECRET = 'tok-0123456789'


class _Handler(http.server.BaseHTTPRequestHandler):
    """Logs everybody on; then refuses with a status, or says hello."""

    answer: ClassVar[str] = f'<X-API-Session>{SECRET}</X-API-Session>'
    status: ClassVar[list[int]] = []
    seen: ClassVar[list[tuple[str, int]]] = []

    def _reply(self, body: str) -> None:
        size = int(self.headers.get('Content-Length', 0))
        got = len(self.rfile.read(size))
        if self.headers.get('Transfer-Encoding') == 'chunked':
            got = self._chunks()
        kind = type(self)
        kind.seen.append((f'{self.command} {self.path}', got))
        status = kind.status.pop(0) if kind.status else 200
        self.send_response(status)
        self.send_header('X-MC-Type', 'PVM')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def _chunks(self) -> int:
        total = 0
        while size := int(self.rfile.readline(), 16):
            total += len(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return total

    def do_PUT(self) -> None:
        self._reply(LOGON.format(self.answer))

    def do_GET(self) -> None:
        self._reply('"hello"')

    def do_DELETE(self) -> None:
        self._reply('')

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def certificate(directory: pathlib.Path, name: str) -> pathlib.Path:
    """Make a key and a certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address('127.0.0.1'))
    cert = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(1))
        .not_valid_after(now + datetime.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([address]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    path = directory / f'{name}.pem'
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + cert.public_bytes(serialization.Encoding.PEM)
    )
    return path


class _ServerTestCase(testtools.TestCase):
    """With a server that speaks as much of the REST API as a logon needs."""

    def setUp(self) -> None:
        super().setUp()
        self.stop = threading.Event()
        self.addCleanup(self.stop.set)
        self.dir = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.handler: Any = type(
            'Handler', (_Handler,), {'status': [], 'seen': []}
        )

    def _serve(self, tls: pathlib.Path | None = None) -> int:
        server = http.server.ThreadingHTTPServer(
            ('127.0.0.1', 0), self.handler
        )
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            server.socket = context.wrap_socket(
                server.socket, server_side=True
            )
        thread = threading.Thread(
            target=server.serve_forever, args=(0.01,), daemon=True
        )
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return int(server.server_address[1])

    def _connect(self, port: int, **changes: Any) -> session.Client:
        values: dict[str, Any] = {
            'host': '127.0.0.1',
            'protocol': 'http',
            'port': port,
            'user': 'admin',
            'password': 'pw-very-secret',
            'timeout': 10,
            'ca_file': None,
        }
        settings: Any = simulated.Settings(
            host_settings.RestSettings(**{**values, **changes}), '/'
        )
        client = session.connect(
            settings, self.stop, policy=simulated.POLICY, limit=0
        )
        self.addCleanup(client.close)
        return client


class CertificateTestCase(_ServerTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.useFixture(fixtures.EnvironmentVariable('REQUESTS_CA_BUNDLE'))
        self.useFixture(fixtures.EnvironmentVariable('CURL_CA_BUNDLE'))
        self.ca = certificate(self.dir, 'ca')
        self.port = self._serve(self.ca)

    def test_trusted_certificate(self) -> None:
        client = self._connect(
            self.port, protocol='https', ca_file=str(self.ca)
        )
        reply = client.adapter.read(
            'LogicalPartition', 'x', suffix_type='quick', suffix_parm='a'
        )
        self.assertEqual('"hello"', reply.body)

    def test_other_authority_is_refused(self) -> None:
        other = certificate(self.dir, 'other')
        exc = self.assertRaises(
            errors.AccessDenied,
            self._connect,
            self.port,
            protocol='https',
            ca_file=str(other),
        )
        self.assertIn('rest_ca_file', str(exc))
        self.assertEqual([], self.handler.seen)

    def test_system_store_does_not_know_it(self) -> None:
        self.assertRaises(
            errors.AccessDenied, self._connect, self.port, protocol='https'
        )

    def test_every_request_is_checked(self) -> None:
        client = self._connect(
            self.port, protocol='https', ca_file=str(self.ca)
        )
        other = certificate(self.dir, 'other')
        client.session._verify = str(other)
        self.assertRaises(
            pvm_exc.Error, client.session.request, 'GET', '/rest/api/uom/x'
        )

    def test_environment_does_not_choose_the_authority(self) -> None:
        other = certificate(self.dir, 'other')
        for name in ('REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'):
            with self.subTest(name), self._environment(name, str(other)):
                self._connect(
                    self.port, protocol='https', ca_file=str(self.ca)
                ).session.request('GET', '/rest/api/uom/x')

    def test_environment_does_not_add_an_authority(self) -> None:
        for name in ('REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'):
            with self.subTest(name), self._environment(name, str(self.ca)):
                self.assertRaises(
                    errors.AccessDenied,
                    self._connect,
                    self.port,
                    protocol='https',
                )

    def _environment(self, name: str, value: str) -> Any:
        return fixtures.EnvironmentVariable(name, value)

    def test_trust(self) -> None:
        self.assertIs(False, session.trust('http', None))
        self.assertEqual('/ca', session.trust('https', '/ca'))
        self.assertTrue(session.trust('https', None))


class LogonTestCase(_ServerTestCase):
    def test_absent_api_says_what_to_check(self) -> None:
        exc = self.assertRaises(errors.NotReady, self._connect, 1)
        for word in ('127.0.0.1:1', 'pvm-rest', 'rest_port'):
            self.assertIn(word, str(exc))

    def test_waits_for_an_api_that_starts(self) -> None:
        port = self._serve()
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
        self._connect(port)
        self.assertEqual(3, len(self.handler.seen))
        self.assertEqual(1, log.output.count('Waiting for the PowerVM REST'))

    def test_stop_ends_the_wait(self) -> None:
        self.stop.set()
        self.assertRaises(errors.Stopped, self._connect, 1)

    def test_wrong_password(self) -> None:
        port = self._serve()
        self.handler.status.append(401)
        exc = self.assertRaises(errors.AccessDenied, self._connect, port)
        self.assertIn('rest_password', str(exc))
        self.assertNotIn('pw-very-secret', str(exc))
        self.assertEqual(1, len(self.handler.seen))

    def _file(self, path: pathlib.Path) -> Exception:
        self.handler.answer = f'<X-API-SessionFile>{path}</X-API-SessionFile>'
        return self.assertRaises(
            errors.AccessDenied,
            self._connect,
            self._serve(),
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
        port = self._serve()
        client = self._connect(port)
        client.session.request('GET', '/rest/api/uom/x')
        client.close()
        for secret in ('pw-very-secret', SECRET):
            self.assertNotIn(secret, log.output)
            self.assertNotIn(secret, repr(client))


class EnvironmentTestCase(_ServerTestCase):
    def test_no_proxy_is_used(self) -> None:
        port = self._serve()
        for name in ('http_proxy', 'HTTP_PROXY', 'all_proxy'):
            value = fixtures.EnvironmentVariable(name, 'http://127.0.0.1:1')
            self.useFixture(value)
        for name in ('no_proxy', 'NO_PROXY'):
            self.useFixture(fixtures.EnvironmentVariable(name))
        client = self._connect(port)
        reply = client.session.request('GET', '/rest/api/uom/x')
        self.assertEqual(200, reply.status)

    def test_no_password_of_netrc_is_sent(self) -> None:
        netrc = self.dir / 'netrc'
        netrc.write_text('machine 127.0.0.1 login a password b')
        self.useFixture(fixtures.EnvironmentVariable('NETRC', str(netrc)))
        client = self._connect(self._serve())
        with mock.patch(
            'requests.adapters.HTTPAdapter.send',
            autospec=True,
            side_effect=requests.ConnectionError,
        ) as sent:
            self.assertRaises(
                pvm_exc.Error, client.session.request, 'GET', '/x'
            )
        self.assertNotIn('Authorization', sent.call_args.args[1].headers)


class SimulatedTlsTestCase(_ServerTestCase):
    def test_the_simulator_is_verified(self) -> None:
        ca = certificate(self.dir, 'ca')
        other = certificate(self.dir, 'other')
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
        client = self._connect(**rest, ca_file=str(ca))
        self.assertTrue(client.adapter.sys_uuid)
        self.assertRaises(
            errors.AccessDenied, self._connect, **rest, ca_file=str(other)
        )


class PolicyTestCase(_ServerTestCase):
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


class ExpiryTestCase(_ServerTestCase):
    def test_expired_token_is_renewed(self) -> None:
        client = self._connect(self._serve())
        self.handler.status.append(401)
        reply = client.session.request('GET', '/rest/api/uom/x')
        self.assertEqual(200, reply.status)

    def test_expired_token_fails_an_upload(self) -> None:
        client = self._connect(self._serve())
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
        client = self._connect(self._serve())
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
