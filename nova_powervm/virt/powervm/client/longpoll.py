# SPDX-License-Identifier: Apache-2.0
"""Requests that wait on the server and can be broken off from here."""

import contextlib
import http.client
import pathlib
import socket
import ssl
import threading
from typing import Any

from nova_powervm.virt.powervm.client import errors

_HEADERS = {'Accept': 'application/atom+xml'}


class LongPoll:
    """One connection for GET requests of one thread.

    pypowervm's requests cannot be broken off, so the end of the service
    would have to wait for the server's reply.

    :param session: PowerVMSession, for the address and the token
    :param timeout: seconds to wait for a reply
    """

    def __init__(self, session: Any, timeout: float) -> None:
        self._session = session
        self._timeout = timeout
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        self._aborted = False

    def get(self, path: str) -> bytes:
        """Read what the server has at the path.

        :returns: the body, empty if there is nothing
        :raises errors.ConnectionLost: no reply, or broken off
        :raises errors.PlatformRefused: the server answered with an error
        :raises pypowervm.exceptions.Error: the token expired and logging on
            again failed
        """
        token = self._session.token
        status, body = self._get(path, token)
        if status == 401:
            self._session.renew(token)
            status, body = self._get(path, self._session.token)
        if status >= 300:
            raise errors.PlatformRefused(
                f'HTTP error {status} for GET {path}', status=status
            )
        return body

    def abort(self) -> None:
        """Break off what is under way and refuse what comes."""
        with self._lock:
            self._aborted = True
            connection = self._connection
        sock = connection.sock if connection is not None else None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _get(self, path: str, token: str) -> tuple[int, bytes]:
        connection = self._connected()
        headers = {
            **_HEADERS,
            'X-API-Session': token,
            'X-Audit-Memento': self._session.auditmemento,
        }
        try:
            if connection.sock is None:
                connection.connect()
            # abort() either sees the socket or is seen here.
            self._check()
            connection.request('GET', path, headers=headers)
            reply = connection.getresponse()
            return reply.status, reply.read()
        except (OSError, http.client.HTTPException) as exc:
            connection.close()
            raise errors.ConnectionLost(
                f'no reply to GET {path}: {exc!r}'
            ) from exc

    def _check(self) -> None:
        if self._aborted:
            raise errors.ConnectionLost('broken off')

    def _connected(self) -> http.client.HTTPConnection:
        with self._lock:
            self._check()
            if self._connection is None:
                self._connection = self._new()
            return self._connection

    def _new(self) -> http.client.HTTPConnection:
        host, port = self._session.host.strip('[]'), self._session.port
        if self._session.protocol == 'https':
            return http.client.HTTPSConnection(
                host,
                port,
                timeout=self._timeout,
                context=_context(self._session.verify),
            )
        return http.client.HTTPConnection(host, port, timeout=self._timeout)


def _context(verify: bool | str) -> ssl.SSLContext:
    if verify is True:
        return ssl.create_default_context()
    place = pathlib.Path(str(verify))
    if place.is_dir():
        return ssl.create_default_context(capath=str(place))
    return ssl.create_default_context(cafile=str(place))
