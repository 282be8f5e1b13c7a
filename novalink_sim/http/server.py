# SPDX-License-Identifier: Apache-2.0
"""Threaded HTTP listeners."""

import logging
import threading
from typing import Any

from werkzeug import serving

LOG = logging.getLogger(__name__)


class _Handler(serving.WSGIRequestHandler):
    """Logs to our logger; a client uses one connection per request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        LOG.debug('%s', message % args if args else message)

    def connection_dropped(
        self, error: BaseException, environ: Any = None
    ) -> None:
        self.close_connection = True

    def setup(self) -> None:
        super().setup()
        # Small answers in several writes must not wait for each other.
        self.connection.setsockopt(6, 1, 1)


class _Server(serving.ThreadedWSGIServer):
    # NovaLink's clients open a connection for every request.
    request_queue_size = 1024
    daemon_threads = True
    block_on_close = False

    def log(self, type: str, message: str, *args: Any) -> None:
        LOG.error('%s', message % args if args else message)


class Listener:
    """A WSGI application on a port of its own.

    :param host: address to bind
    :param port: port, 0 for any free one
    """

    def __init__(self, app: Any, host: str = '127.0.0.1', port: int = 0):
        self._server = _Server(host, port, app, handler=_Handler)
        self._thread: threading.Thread | None = None
        self.host = host
        self.port = int(self._server.server_port)

    @property
    def url(self) -> str:
        """Base URL, without a trailing slash."""
        return f'http://{self.host}:{self.port}'

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
