# SPDX-License-Identifier: Apache-2.0
"""What the command line of serve refuses, and its ready file."""

import json
from pathlib import Path

import fixtures
import testtools

from novalink_sim import fixture
from novalink_sim.cmd import main
from novalink_sim.cmd import serve


class ServeTest(testtools.TestCase):
    """One message, no traceback, before anything listens."""

    def setUp(self) -> None:
        super().setUp()
        self.home = Path(self.useFixture(fixtures.TempDir()).path)
        self.told = self.useFixture(fixtures.StringStream('stderr')).stream
        self.useFixture(fixtures.MonkeyPatch('sys.stderr', self.told))

    def refused(self, *args: str) -> str:
        self.assertEqual(1, main.main(['serve', *args]))
        self.told.seek(0)
        return str(self.told.read())

    def test_switches(self) -> None:
        self.assertIn('bogus', self.refused('--switch', 'bogus=1'))
        for wrong in ('etag_scope=sometimes', 'rmc_delay=x', 'guest_rmc=1'):
            name = wrong.partition('=')[0]
            self.assertIn(name, self.refused('--switch', wrong))

    def test_ports(self) -> None:
        for option in ('--port', '--control-port'):
            exc = self.assertRaises(
                SystemExit, main.main, ['serve', option, '65536']
            )
            self.assertEqual(2, exc.code)

    def test_stale_ready_file(self) -> None:
        ready = self.home / 'ready'
        ready.write_text('{}')
        self.refused('--jobs', 'never', '--ready-file', str(ready))
        self.assertFalse(ready.exists())

    def test_ready(self) -> None:
        made = fixture.NovaLinkSim('localdisk', control=True)
        sim = self.useFixture(made).sim
        told = json.loads(json.dumps(serve.ready(sim)))
        self.assertEqual(sim.control.url, told['control'])
        self.assertEqual(
            [(name, system.url) for name, system in sim.systems.items()],
            [(entry['name'], entry['url']) for entry in told['systems']],
        )
        self.assertNotIn('control_token_file', told)
