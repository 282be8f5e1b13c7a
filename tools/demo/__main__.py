# SPDX-License-Identifier: Apache-2.0
"""``make demo``: a server through its life on two simulated hosts."""

from __future__ import annotations

import argparse
import logging
import os
import pathlib
import signal
import sys
import unittest

# Nova decides on its threads by the first module of it that is imported.
os.environ.setdefault('OS_NOVA_DISABLE_EVENTLET_PATCHING', 'true')

from rich import console

from tools.demo import timeline


def main() -> int:
    """Tell the story; fail when it does not end well."""
    parser = argparse.ArgumentParser(prog='make demo', description=__doc__)
    parser.add_argument(
        '--image', type=_readable, help='a raw image to boot from'
    )
    arguments = parser.parse_args()
    out = console.Console(file=sys.__stdout__, highlight=False)
    line = timeline.Timeline(out)
    line.say('nova', 'importing Nova')
    from tools.demo import story

    # They say farewell when nobody catches what Nova logs any more.
    logging.getLogger('nova.thread_pool_factory').setLevel(logging.WARNING)
    story.Story.line = line
    story.Story.image_path = arguments.image
    for number in (signal.SIGTERM, signal.SIGHUP):
        # As Ctrl-C does: the simulator must not outlive the demo.
        signal.signal(number, signal.default_int_handler)
    result = unittest.TestResult()
    try:
        story.Story('tell').run(result)
    except KeyboardInterrupt:
        line.say('you', 'stop the demo')
        return 128 + signal.SIGINT
    if story.Story.refusal:
        line.say('nova', f'the server is ERROR: {story.Story.refusal}')
        return 1
    for _, trouble in (*result.errors, *result.failures):
        print(trouble, file=sys.__stderr__)
    return 0 if result.wasSuccessful() else 1


def _readable(text: str) -> pathlib.Path:
    path = pathlib.Path(text).expanduser()
    if not path.is_file() or not os.access(path, os.R_OK):
        raise argparse.ArgumentTypeError(f'{text}: no file that can be read')
    if not path.stat().st_size:
        raise argparse.ArgumentTypeError(f'{text}: the file is empty')
    return path


if __name__ == '__main__':
    sys.exit(main())
