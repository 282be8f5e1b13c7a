# SPDX-License-Identifier: Apache-2.0
"""``novalink-sim``: serve simulated POWER servers, and control them."""

import argparse
import sys
from collections.abc import Sequence

try:
    from novalink_sim.cmd import ctl
    from novalink_sim.cmd import serve
except ModuleNotFoundError as missing:
    sys.exit(
        f'novalink-sim: {missing.name} is not installed; the simulator needs '
        'the extra: pip install nova-powervm[simulator]'
    )


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog='novalink-sim',
        description='Simulated POWER servers with the NovaLink REST API. '
        'For development and tests only.',
    )
    commands = parser.add_subparsers(dest='command', required=True)
    serve.add_parser(commands)
    ctl.add_parser(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    args = make_parser().parse_args(argv)
    status = args.run(args)
    assert isinstance(status, int)
    return status


if __name__ == '__main__':
    sys.exit(main())
