# SPDX-License-Identifier: Apache-2.0
"""Servers to log on to, with certificates or without."""

import datetime
import http.server
import ipaddress
import pathlib
import ssl
import threading
from typing import Any, ClassVar

import fixtures
import testtools
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm import settings as host_settings
from nova_powervm.virt.powervm.client import session

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


class ServerTestCase(testtools.TestCase):
    """With a server that speaks as much of the REST API as a logon needs."""

    def setUp(self) -> None:
        super().setUp()
        self.stop = threading.Event()
        self.addCleanup(self.stop.set)
        self.dir = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.handler: Any = type(
            'Handler', (_Handler,), {'status': [], 'seen': []}
        )

    def serve(self, tls: pathlib.Path | None = None) -> int:
        """Start the server; gives its port."""
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

    def connect(self, port: int, **changes: Any) -> session.Client:
        """Log on, with some of the settings changed."""
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
