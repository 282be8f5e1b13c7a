# SPDX-License-Identifier: Apache-2.0
"""Logon, session tokens and their files."""

import dataclasses
import os
import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from novalink_sim import clock as clocks
from novalink_sim import errors
from novalink_sim.wire import document
from novalink_sim.wire import fields

SCHEMA = 'V1_3_0'


@dataclasses.dataclass(frozen=True)
class AuthSettings:
    """Who may log on.

    ``users`` maps names to passwords; None accepts any. ``lifetime`` of a
    session is in seconds. ``readable`` false hands out token files that
    only root can read, as to a user outside of the group pvm_admin.
    """

    users: Mapping[str, str] | None = None
    lifetime: float | None = None
    readable: bool = True
    file_logon: bool = True


@dataclasses.dataclass
class _Session:
    user: str
    expires: float | None
    path: Path | None


class Sessions:
    """The sessions of one system; token files live in ``directory``."""

    def __init__(
        self, directory: Path, clock: clocks.Clock, settings: AuthSettings
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, _Session] = {}
        self.settings = settings

    def logon(self, body: bytes) -> str:
        """Open a session; returns the XML of the LogonResponse.

        :raises Unauthorized: for a wrong password
        """
        request = document.parse_xml(body)
        user = request.findtext('{*}UserID') or ''
        wants_file = request.findtext('{*}GenerateX-API-SessionFile')
        if (wants_file or '').strip().lower() == 'true':
            if not self.settings.file_logon:
                raise errors.Unauthorized('Local logon is not allowed.')
            return self._reply('X-API-SessionFile', str(self._file(user)))
        self._check(user, request.findtext('{*}Password'))
        return self._reply('X-API-Session', self._open(user, None))

    def _check(self, user: str, password: str | None) -> None:
        users = self.settings.users
        if password and (users is None or users.get(user) == password):
            return
        raise errors.Unauthorized('The user name or password is wrong.')

    def _reply(self, name: str, value: str) -> str:
        return (
            f'<LogonResponse xmlns="{fields.WEB}" schemaVersion="{SCHEMA}">'
            f'<Metadata><Atom/></Metadata><{name} kb="ROR" kxe="false">'
            f'{escape(value)}</{name}></LogonResponse>'
        )

    def _open(self, user: str, path: Path | None) -> str:
        token = secrets.token_urlsafe(48)
        life = self.settings.lifetime
        expires = None if life is None else self._clock.now() + life
        with self._lock:
            self._sessions[token] = _Session(user, expires, path)
        return token

    def _file(self, user: str) -> Path:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._directory / secrets.token_hex(16)
        token = self._open(user, path)
        mode = 0o600 if self.settings.readable else 0
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, 'w') as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(token)
        return path

    def check(self, token: str | None) -> None:
        """Refuse a request without a live session.

        :raises Unauthorized: always with the same text
        """
        with self._lock:
            session = self._sessions.get(token or '')
        if session is not None:
            live = session.expires
            if live is None or self._clock.now() < live:
                return
            self.logoff(token)
        raise errors.Unauthorized('The session is invalid or has expired.')

    def logoff(self, token: str | None) -> None:
        """Close a session and remove its file; unknown ones are fine."""
        with self._lock:
            session = self._sessions.pop(token or '', None)
        if session is not None and session.path is not None:
            session.path.unlink(missing_ok=True)

    def tokens(self) -> list[str]:
        """Return the tokens of all sessions."""
        with self._lock:
            return list(self._sessions)

    def expire_all(self) -> None:
        """Close all sessions, as a restart of the REST service does."""
        for token in self.tokens():
            self.logoff(token)
