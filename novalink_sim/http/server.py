# SPDX-License-Identifier: Apache-2.0
"""Threaded HTTP listeners."""

import logging
import socket
import ssl
import threading
from typing import Any, cast, IO

from werkzeug import serving

LOG = logging.getLogger(__name__)


class _ChunkedBody(serving.DechunkedInput):
    """A body in HTTP chunks, read without copies in between.

    The one of werkzeug copies each byte twice more.
    """

    def read(self, size: int = -1) -> bytes:
        """Return bytes of one chunk, at most so many; none at the end."""
        if size < 0:
            return super().read(size)
        if self._done or not size:
            return b''
        if not self._len:
            self._len = self.read_chunk_len()
            self._done = not self._len
        found = self._rfile.read(min(size, self._len))
        self._len -= len(found)
        if not found and not self._done:
            raise OSError('The body broke off')
        if not self._len and self._rfile.readline(2) != b'\r\n':
            raise OSError('Missing chunk terminating newline')
        return found


class _Handler(serving.WSGIRequestHandler):
    """Logs to our logger; a client uses one connection per request."""

    def make_environ(self) -> dict[str, Any]:
        environ = super().make_environ()
        if isinstance(environ['wsgi.input'], serving.DechunkedInput):
            environ['wsgi.input'] = _ChunkedBody(cast(IO[bytes], self.rfile))
        return environ

    def log(self, type: str, message: str, *args: Any) -> None:
        LOG.debug('%s', message % args if args else message)

    def connection_dropped(
        self, error: BaseException, environ: Any = None
    ) -> None:
        self.close_connection = True

    def setup(self) -> None:
        super().setup()
        # Small answers in several writes must not wait for each other.
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _Server(serving.ThreadedWSGIServer):
    daemon_threads = True
    block_on_close = False

    def log(self, type: str, message: str, *args: Any) -> None:
        LOG.error('%s', message % args if args else message)


def _tls_context(files: tuple[str, str] | None) -> ssl.SSLContext | None:
    if files is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context


def _listen(host: str, port: int) -> socket.socket:
    """Bind a port ourselves: werkzeug would end the process if it fails."""
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    bound = socket.socket(family)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        # NovaLink's clients open a connection for every request.
        bound.listen(1024)
    except (OSError, OverflowError) as exc:
        bound.close()
        raise OSError(f'cannot listen on {host}, port {port}: {exc}') from exc
    return bound


class Listener:
    """A WSGI application on a port of its own.

    :param host: address to bind
    :param port: port, 0 for any free one
    :param tls: files of a certificate and its key, for https
    :raises OSError: if the port cannot be bound, or a file not be read
    """

    def __init__(
        self,
        app: Any,
        host: str = '127.0.0.1',
        port: int = 0,
        tls: tuple[str, str] | None = None,
    ) -> None:
        context = _tls_context(tls)
        with _listen(host, port) as bound:
            self._server = _Server(
                host,
                port,
                app,
                handler=_Handler,
                ssl_context=context,
                fd=bound.fileno(),
            )
        self._scheme = 'https' if tls else 'http'
        self._thread: threading.Thread | None = None
        self.host = host
        self.port = int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Base URL, without a trailing slash."""
        host = f'[{self.host}]' if ':' in self.host else self.host
        return f'{self._scheme}://{host}:{self.port}'

    def start(self) -> None:
        """Serve in a thread of its own; the port listens already."""
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={'poll_interval': 0.05},
            name=f'novalink-sim-{self.port}',
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; requests under way may end by themselves."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()
