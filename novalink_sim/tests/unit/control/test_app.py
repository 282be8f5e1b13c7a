# SPDX-License-Identifier: Apache-2.0
"""Tests of the control API, through its own client."""

import http.client
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fixtures
import testtools

from novalink_sim import fixture
from novalink_sim.control import app
from novalink_sim.control import client
from novalink_sim.http import server


class ControlTest(testtools.TestCase):
    """What can be controlled."""

    def setUp(self) -> None:
        super().setUp()
        self.fixture = self.useFixture(
            fixture.NovaLinkSim('tiny', control=True)
        )
        self.sim = self.fixture.sim
        self.client = client.ControlClient(self.sim.control.url)

    def get(self, path: str = 'ManagedSystem') -> int:
        """Ask the system without a session."""
        url = f'{self.fixture.system().url}/rest/api/uom/{path}'
        try:
            with urllib.request.urlopen(url) as reply:
                return int(reply.status)
        except urllib.error.HTTPError as exc:
            return exc.code

    def test_health_and_about(self) -> None:
        self.assertEqual('ok', self.client.health()['status'])
        about = self.client.call('GET', '/about')
        self.assertIn('uom/LogicalPartition', about['types'])
        self.assertIn('LogicalPartition/PowerOn', about['jobs'])

    def test_dump_load_reset(self) -> None:
        before = self.client.dump()
        lock = self.fixture.system().model
        with lock.lock:
            lock.lpars.clear()
        changed = self.client.dump()
        self.assertNotEqual(before['systems'], changed['systems'])
        self.client.load(before)
        self.assertEqual(before['systems'], self.client.dump()['systems'])
        self.client.load(changed)
        self.client.reset()
        self.assertEqual(before['systems'], self.client.dump()['systems'])

    def test_dump_has_no_tokens(self) -> None:
        sessions = self.fixture.system().sessions
        sessions.logon(
            b'<LogonRequest><UserID>u</UserID>'
            b'<Password>hush</Password></LogonRequest>'
        )
        (token,) = sessions.tokens()
        text = json.dumps(self.client.dump())
        self.assertNotIn(token, text)
        self.assertNotIn('hush', text)

    def test_bad_loads(self) -> None:
        dump = self.client.dump()
        for broken in (
            {},
            {'version': 1},
            {'version': 1, 'systems': {'other': {}}},
            {'version': 1, 'systems': {'host1': {'name': '../x'}}},
            {'version': 1, 'systems': {'host1': 3}},
            {'version': 1, 'systems': {'host1': {'memory': {}}}},
        ):
            self.assertRaises(client.ControlError, self.client.load, broken)
        self.assertEqual(dump['systems'], self.client.dump()['systems'])

    def test_journal(self) -> None:
        self.get()
        self.get('Other')
        entries = self.client.journal()
        self.assertEqual([401, 401], [e['status'] for e in entries])
        later = self.client.journal(since=entries[0]['seq'])
        self.assertEqual(1, len(later))
        self.client.clear_journal()
        self.assertEqual([], self.client.journal())

    def test_faults(self) -> None:
        number = self.client.add_fault(fault='http_500', method='GET')
        self.client.add_fault(method='PUT', status=500)
        listed = self.client.call('GET', '/faults')['faults']
        self.assertEqual(2, len(listed))
        self.assertEqual(number, listed[0]['id'])
        self.client.clear_faults()
        self.assertEqual([], self.client.call('GET', '/faults')['faults'])
        for bad in ({'fault': 'x'}, {'verb': 'GET'}, {}):
            self.assertRaises(
                client.ControlError, self.client.add_fault, **bad
            )

    def test_delays_and_jobs(self) -> None:
        self.client.set_delays(profile='novalink')
        self.assertEqual(0.5, self.sim.shared.delays.write)
        self.assertEqual('seconds:2', str(self.sim.job_modes.default))
        self.client.set_jobs('polls:1')
        self.client.set_jobs('manual', 'PowerOff')
        self.assertEqual('manual', str(self.sim.job_modes.of('PowerOff')))
        self.assertRaises(
            client.ControlError, self.client.set_jobs, 'sometimes'
        )

    def test_changes(self) -> None:
        model = self.fixture.system().model
        (vios,) = model.vioses.values()
        self.client.change('host1', 'vios1', rmc='inactive')
        self.assertEqual('inactive', vios.rmc_state)
        self.client.change('host1', 'vios1', power='off')
        self.assertEqual('not activated', vios.state)
        self.client.change(
            'host1', 'vios1', power='on', behaviour={'boot_stalls': 'AA00'}
        )
        self.assertEqual('AA00', vios.reference_code)
        for bad in (
            {'partition': 'x'},
            {'partition': 'vios1', 'speed': 1},
            {'partition': 'vios1', 'power': 'maybe'},
            {'partition': 'vios1', 'behaviour': {'mood': 'bad'}},
        ):
            self.assertRaises(
                client.ControlError,
                self.client.call,
                'POST',
                '/partitions',
                {'system': 'host1'} | bad,
            )

    def test_power_failure_and_return(self) -> None:
        self.client.power_failure('host1')
        system = self.fixture.system()
        states = {part.state for part in system.model.partitions()}
        self.assertEqual({'not activated'}, states)
        self.assertRaises(http.client.RemoteDisconnected, self.get)
        self.client.power_return('host1')
        states = {part.state for part in system.model.partitions()}
        self.assertEqual({'running'}, states)
        self.assertEqual(401, self.get())

    def test_operate(self) -> None:
        self.client.operate('host1', 'crash', partition='vios1')
        vios = self.fixture.system().model.vios('vios1')
        self.assertEqual('error', vios.state)
        exc = self.assertRaises(
            client.ControlError, self.client.operate, 'host1', 'crash'
        )
        self.assertIn('partition', str(exc))

    def test_bodies_that_do_not_fit(self) -> None:
        for path, body in (
            ('/events', {}),
            ('/jobs', {'mode': 3}),
            ('/jobs', {'mode': 'polls:-1'}),
            ('/faults', {'fault': ['x']}),
            (
                '/partitions',
                {
                    'system': 'host1',
                    'partition': 'vios1',
                    'behaviour': {'os_shutdown': 'maybe'},
                },
            ),
        ):
            exc = self.assertRaises(
                client.ControlError, self.client.call, 'POST', path, body
            )
            self.assertNotIn('Internal Server Error', str(exc))

    def refused(self, **headers: str) -> int:
        """Return the status of a reset with an empty body."""
        where = urlsplit(self.sim.control.url)
        conn = http.client.HTTPConnection(where.netloc, timeout=10)
        self.addCleanup(conn.close)
        conn.putrequest('POST', '/_sim/v1/load')
        for name, value in headers.items():
            conn.putheader(name.replace('_', '-'), value)
        conn.endheaders()
        return conn.getresponse().status

    def test_not_for_web_pages(self) -> None:
        self.assertEqual(403, self.refused(Origin='http://example.org'))

    def test_huge_body(self) -> None:
        self.assertEqual(413, self.refused(Content_Length=str(1 << 40)))

    def test_unknown_path(self) -> None:
        self.assertRaises(
            client.ControlError, self.client.call, 'GET', '/nothing'
        )

    def test_token(self) -> None:
        home = Path(self.useFixture(fixtures.TempDir()).path)
        token = home / 'token'
        token.write_text('t')
        guarded = app.ControlApp(self.sim, 't')
        listener = server.Listener(guarded)
        self.addCleanup(listener.stop)
        listener.start()
        bare = client.ControlClient(listener.url)
        exc = self.assertRaises(client.ControlError, bare.health)
        self.assertIn('token', str(exc))
        allowed = client.ControlClient(listener.url, token)
        self.assertEqual('ok', allowed.health()['status'])


class LoopbackTest(testtools.TestCase):
    """Which addresses need no token."""

    def test_all(self) -> None:
        good: Any = ('127.0.0.1', 'localhost', '::1', '127.1.2.3')
        for host in good:
            self.assertTrue(app.is_loopback(host))
        for host in ('0.0.0.0', '', 'example.org', '::'):
            self.assertFalse(app.is_loopback(host))
