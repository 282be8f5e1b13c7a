# SPDX-License-Identifier: Apache-2.0
"""The command line, as a process of its own."""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import fixtures
import testtools

from novalink_sim.cmd import main
from novalink_sim.control import client

COMMAND = [sys.executable, '-m', 'novalink_sim.cmd.main']


class ServeTest(testtools.TestCase):
    """serve and ctl."""

    def setUp(self) -> None:
        super().setUp()
        self.home = Path(self.useFixture(fixtures.TempDir()).path)
        self.ready = self.home / 'ready.json'

    def serve(self, *args: str, stdin: Any = None) -> dict[str, object]:
        process = subprocess.Popen(
            [*COMMAND, 'serve', '--ready-file', str(self.ready), *args],
            stdin=stdin,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.process = process
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.terminate)
        assert process.stdout is not None
        self.addCleanup(process.stdout.close)
        return dict(json.loads(process.stdout.readline()))

    def ctl(self, *args: str) -> tuple[int, str]:
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            status = main.main(['ctl', '--ready-file', str(self.ready), *args])
        return status, told.getvalue()

    def test_serve_and_ctl(self) -> None:
        told = self.serve('--preset', 'tiny', '--port', '0')
        written = json.loads(self.ready.read_text())
        self.assertEqual(told, written)
        self.assertEqual(self.process.pid, written['pid'])
        (system,) = written['systems']
        self.assertEqual('host1', system['name'])
        self.assertIn('http://127.0.0.1:', system['url'])
        dump = json.loads(self.ctl('dump')[1])
        self.assertIn('host1', dump['systems'])
        self.ctl('faults', '--add', '{"fault": "http_500"}')
        listed = json.loads(self.ctl('faults')[1])['faults']
        self.assertEqual(1, len(listed))
        self.assertEqual(0, self.ctl('faults', '--clear')[0])
        self.assertEqual(1, self.ctl('jobs', 'never')[0])

    def test_jobs(self) -> None:
        self.serve('--preset', 'tiny')
        self.ctl('jobs', 'manual', '--operation', 'PowerOn')
        listed = json.loads(self.ctl('jobs')[1])
        self.assertEqual({'PowerOn': 'manual'}, listed['operations'])
        self.assertEqual({'host1': {}}, listed['jobs'])
        done = json.loads(self.ctl('jobs', '--complete')[1])
        self.assertEqual([], done['completed'])

    def test_ends_with_a_signal(self) -> None:
        self.serve('--preset', 'tiny', '--state-dir', str(self.home / 's'))
        self.process.terminate()
        self.assertEqual(0, self.process.wait(10))

    def test_ends_with_whoever_started_it(self) -> None:
        read, write = os.pipe()
        with os.fdopen(write, 'wb'), os.fdopen(read, 'rb') as stdin:
            self.serve('--preset', 'tiny', '--stop-with-stdin', stdin=stdin)
            self.assertIsNone(self.process.poll())
        self.assertEqual(0, self.process.wait(10))

    def test_token_on_other_addresses(self) -> None:
        told = self.serve('--preset', 'tiny', '--control-host', '0.0.0.0')
        path = Path(str(told['control_token_file']))
        self.assertEqual(0o600, path.stat().st_mode & 0o777)
        control = client.ControlClient.from_ready_file(self.ready)
        self.assertEqual('ok', control.health()['status'])

    def test_bad_topology(self) -> None:
        path = self.home / 'bad.yaml'
        path.write_text('systems:\n- nam: x\n')
        done = subprocess.run(
            [*COMMAND, 'serve', '--topology', str(path)],
            capture_output=True,
            text=True,
        )
        self.assertEqual(1, done.returncode)
        self.assertIn('bad.yaml:2: systems[0].nam', done.stderr)
