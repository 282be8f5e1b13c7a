# SPDX-License-Identifier: Apache-2.0
"""``novalink-sim ctl``: control a running simulator."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from novalink_sim.control import actions as byhand
from novalink_sim.control import client


def add_parser(commands: Any) -> None:
    """Add the sub-command with its own sub-commands."""
    parser = commands.add_parser('ctl', help='control a running simulator')
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument('--control', metavar='URL')
    where.add_argument('--ready-file', type=Path)
    parser.add_argument('--token-file', type=Path)
    actions = parser.add_subparsers(dest='action', required=True)
    for name in ('health', 'about', 'dump', 'reset', 'expire-sessions'):
        actions.add_parser(name)
    _add_load(actions)
    _add_journal(actions)
    _add_faults(actions)
    _add_modes(actions)
    _add_operate(actions)
    parser.set_defaults(run=run)


def _add_load(actions: Any) -> None:
    load = actions.add_parser('load', help='take over a dump')
    load.add_argument('file', type=Path)


def _add_journal(actions: Any) -> None:
    journal = actions.add_parser('journal', help='show the requests')
    journal.add_argument('--since', type=int, default=0)
    journal.add_argument('--clear', action='store_true')


def _add_faults(actions: Any) -> None:
    faults = actions.add_parser('faults', help='list, add or clear faults')
    faults.add_argument('--clear', action='store_true')
    faults.add_argument('--add', metavar='JSON', type=json.loads)


def _add_modes(actions: Any) -> None:
    delays = actions.add_parser('delays', help='set delays')
    delays.add_argument('profile')
    jobs = actions.add_parser(
        'jobs', help='list jobs, set how they progress, or end them'
    )
    jobs.add_argument('mode', nargs='?')
    jobs.add_argument('--operation', help='set the mode of this one only')
    jobs.add_argument(
        '--complete',
        metavar='ID',
        nargs='?',
        const='',
        help='end this job, or all',
    )


def _add_operate(actions: Any) -> None:
    for name in ('power-failure', 'power-return'):
        failing = actions.add_parser(name, help='of a whole system')
        failing.add_argument('system')
    for name, action in byhand.actions().items():
        text = (action.__doc__ or '').splitlines()[0]
        doing = actions.add_parser(name, help=text)
        doing.add_argument('system')
        for key, parameter in byhand.parameters(action).items():
            _add_parameter(doing, key, parameter)


def _add_parameter(doing: Any, key: str, parameter: Any) -> None:
    kind = byhand.kind_of(parameter)
    if kind is bool:
        doing.add_argument(f'--{key}', action='store_true')
        return
    read = json.loads if kind is dict else kind
    if parameter.default is parameter.empty:
        doing.add_argument(key, type=read)
    else:
        option = f'--{key.replace("_", "-")}'
        doing.add_argument(option, type=read, default=parameter.default)


def _operate(args: argparse.Namespace, to: client.ControlClient) -> Any:
    known = byhand.parameters(byhand.actions()[args.action])
    body = {key: getattr(args, key) for key in known}
    body |= {'system': args.system, 'do': args.action}
    return to.call('POST', '/operate', body)


def _client(args: argparse.Namespace) -> client.ControlClient:
    if args.ready_file is not None:
        return client.ControlClient.from_ready_file(args.ready_file)
    return client.ControlClient(args.control, args.token_file)


def _jobs(args: argparse.Namespace, to: client.ControlClient) -> Any:
    if args.complete is not None:
        body = {'id': args.complete or None}
        return to.call('POST', '/jobs/complete', body)
    if args.mode is not None:
        body = {'mode': args.mode, 'operation': args.operation}
        return to.call('POST', '/jobs', body)
    return to.call('GET', '/jobs')


def _act(args: argparse.Namespace, to: client.ControlClient) -> Any:
    match args.action:
        case 'load':
            return to.call('POST', '/load', json.loads(args.file.read_text()))
        case 'reset':
            return to.call('POST', '/reset')
        case 'expire-sessions':
            return to.call('POST', '/sessions/expire')
        case 'journal' if args.clear:
            return to.call('DELETE', '/journal')
        case 'journal':
            return to.call('GET', f'/journal?since={args.since}')
        case 'faults' if args.clear:
            return to.call('DELETE', '/faults')
        case 'faults' if args.add is not None:
            return to.call('POST', '/faults', args.add)
        case 'delays':
            return to.call('POST', '/delays', {'profile': args.profile})
        case 'jobs':
            return _jobs(args, to)
        case 'power-failure' | 'power-return':
            return to.call('POST', f'/{args.action}', {'system': args.system})
        case action if action in byhand.actions():
            return _operate(args, to)
        case action:
            return to.call('GET', f'/{action}')


def run(args: argparse.Namespace) -> int:
    """Send one request and print the answer as JSON."""
    try:
        answer = _act(args, _client(args))
    except (client.ControlError, ValueError, OSError) as exc:
        print(f'novalink-sim: {exc}', file=sys.stderr)
        return 1
    print(json.dumps(answer, indent=1, sort_keys=True))
    return 0
