# SPDX-License-Identifier: Apache-2.0
"""Tests of logon and sessions."""

from novalink_sim import clock as clocks
from novalink_sim.http import auth
from novalink_sim.tests.unit.http import base


class LogonTest(base.Case):
    """Sessions."""

    def test_without_session(self) -> None:
        got = self.call('GET', 'Box')
        self.assertEqual(401, got.status)
        self.assertEqual('401', got.text('.//w:HTTPStatus'))

    def test_file_and_logoff(self) -> None:
        self.logon()
        self.assertEqual(200, self.call('GET', 'Box').status)
        got = self.call('DELETE', '/rest/api/web/Logon')
        self.assertEqual(204, got.status)
        self.assertEqual(401, self.call('GET', 'Box').status)
        self.assertEqual([], list(self.toy.directory.iterdir()))

    def test_token_file_is_private(self) -> None:
        self.logon()
        (path,) = self.toy.directory.iterdir()
        self.assertEqual(0o600, path.stat().st_mode & 0o777)


class PasswordTest(base.Case):
    """Logon with a password, and expiry."""

    kwargs = {'auth': auth.AuthSettings({'me': 'secret'}, lifetime=60)}

    def setUp(self) -> None:
        self.clock = clocks.ManualClock()
        self.kwargs = self.kwargs | {'clock': self.clock}
        super().setUp()

    def test_wrong(self) -> None:
        got = self.call('PUT', '/rest/api/web/Logon', base.PASSWORD % 'x')
        self.assertEqual(401, got.status)

    def test_right_until_it_expires(self) -> None:
        got = self.call('PUT', '/rest/api/web/Logon', base.PASSWORD % 'secret')
        self.token = got.text('w:X-API-Session')
        self.assertEqual(200, self.call('GET', 'Box').status)
        self.clock.advance(61)
        self.assertEqual(401, self.call('GET', 'Box').status)
