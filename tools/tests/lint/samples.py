# SPDX-License-Identifier: Apache-2.0
"""Sources made of text, for the tests of the lints."""

import pathlib
import textwrap

from tools.lint import source

DRIVER = 'nova_powervm/virt/powervm/driver.py'
TASK = 'nova_powervm/virt/powervm/tasks/lpar.py'


def codes(check: source.Check, path: str, text: str) -> list[str]:
    """Run a check over a text; return the codes that it finds."""
    sample = source.Source(
        pathlib.PurePosixPath(path), textwrap.dedent(text).lstrip('\n')
    )
    return [found.code for found in source.run([check], [sample])]
