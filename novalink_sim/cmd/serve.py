# SPDX-License-Identifier: Apache-2.0
"""``novalink-sim serve``: run until a signal comes."""

import argparse
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, IO

from novalink_sim import simulator
from novalink_sim.http import auth
from novalink_sim.model import records
from novalink_sim.model.switches import Switches
from novalink_sim.topology import load


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 1 << 16:
        raise ValueError(text)
    return number


def add_parser(commands: Any) -> None:
    """Add the sub-command."""
    parser = commands.add_parser('serve', help='run simulated systems')
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        '--preset', default='localdisk', help=', '.join(load.presets())
    )
    what.add_argument('--topology', type=Path, metavar='FILE')
    parser.add_argument(
        '--port',
        type=_port,
        default=0,
        help='port of the first system, the others follow; 0: any free ones',
    )
    parser.add_argument('--host', default='127.0.0.1')
    parser.add_argument('--control-host', default='127.0.0.1')
    parser.add_argument('--control-port', type=_port, default=0)
    parser.add_argument(
        '--ready-file', type=Path, help='written once all ports listen'
    )
    parser.add_argument('--state-dir', type=Path)
    parser.add_argument('--delays', help='profile of delays, e.g. novalink')
    parser.add_argument(
        '--jobs', help='immediate, polls:N, seconds:T or manual'
    )
    parser.add_argument('--event-block', type=float, default=10.0)
    parser.add_argument(
        '--switch',
        action='append',
        default=[],
        metavar='NAME=VALUE',
        help='set an unknown of the platform (JSON value or text)',
    )
    parser.add_argument(
        '--tls',
        nargs=2,
        metavar=('CERT', 'KEY'),
        help='serve REST over https',
    )
    parser.add_argument(
        '--unreadable-tokens',
        action='store_true',
        help='hand out token files as to a user outside of pvm_admin',
    )
    parser.add_argument(
        '--stop-with-stdin',
        action='store_true',
        help='end when standard input ends, as it does when the process '
        'that holds the other end of a pipe dies',
    )
    parser.add_argument('--debug', action='store_true')
    parser.set_defaults(run=run)


def _switches(given: list[str]) -> Switches:
    values = {}
    for text in given:
        name, _, value = text.partition('=')
        try:
            values[name] = json.loads(value)
        except ValueError:
            values[name] = value
    try:
        found = records.from_plain(Switches, values)
    except ValueError as exc:
        raise ValueError(f'--switch: {exc}') from None
    assert isinstance(found, Switches)
    return found


def _make(args: argparse.Namespace) -> simulator.Simulator:
    topology = load.resolve(args.topology or args.preset)
    ports = {}
    if args.port:
        ports = {
            system.name: args.port + number
            for number, system in enumerate(topology.systems)
        }
    return simulator.Simulator(
        topology,
        state_dir=args.state_dir,
        switches=_switches(args.switch),
        delays=args.delays,
        jobs=args.jobs,
        event_block=args.event_block,
        host=args.host,
        ports=ports,
        tls=(args.tls[0], args.tls[1]) if args.tls else None,
        auth_settings=auth.AuthSettings(readable=not args.unreadable_tokens),
        control=True,
        control_host=args.control_host,
        control_port=args.control_port,
    )


def ready(sim: simulator.Simulator) -> dict[str, Any]:
    """Return what the ready file says."""
    told = {
        'pid': os.getpid(),
        'control': sim.control.url,
        'systems': [
            {
                'name': name,
                'url': system.url,
                'hostroot': str(system.hostroot),
            }
            for name, system in sim.systems.items()
        ],
    }
    if sim.control.token_file is not None:
        told['control_token_file'] = str(sim.control.token_file)
    return told


def _write_ready(path: Path, told: dict[str, Any]) -> None:
    """Write the file so that a reader never sees half of it."""
    part = path.with_name(f'.{path.name}.{os.getpid()}')
    part.write_text(json.dumps(told) + '\n')
    part.replace(path)


def _stop_with(stdin: IO[bytes], done: threading.Event) -> None:
    """Set an event when a stream ends; what is in it does not matter."""

    def wait() -> None:
        while os.read(stdin.fileno(), 4096):
            continue
        done.set()

    threading.Thread(target=wait, name='stdin', daemon=True).start()


def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM, or the end of standard input."""
    logging.basicConfig(level=logging.DEBUG if args.debug else logging.WARNING)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    if args.stop_with_stdin:
        _stop_with(sys.stdin.buffer, done)
    try:
        if args.ready_file:
            # One of an earlier run would mislead who waits for it.
            args.ready_file.unlink(missing_ok=True)
        sim = _make(args)
        with sim:
            told = ready(sim)
            if args.ready_file:
                _write_ready(args.ready_file, told)
            print(json.dumps(told), flush=True)
            done.wait()
    except (ValueError, OSError) as exc:
        print(f'novalink-sim: {exc}', file=sys.stderr)
        return 1
    return 0
