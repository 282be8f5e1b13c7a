# SPDX-License-Identifier: Apache-2.0
"""What the tests that ran prove: python -m tools.proof [--check].

Without an argument the table in the docs is written anew; with ``--check`` it
is compared: each cell that it promises must have been proven by the runs that
stestr keeps.
"""

import argparse
import pathlib
import sys
from collections.abc import Sequence

from tools.proof import results
from tools.proof import table

PATH = pathlib.Path('doc/source/reference/proof.inc')


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table, or tell what it promises without a proof."""
    parser = argparse.ArgumentParser(prog='tools.proof')
    parser.add_argument('--check', action='store_true')
    options = parser.parse_args(arguments)
    proven = results.proven(pathlib.Path('.'))
    if not options.check:
        PATH.write_text(table.render(proven), encoding='utf-8')
        print(f'{PATH}: {len(proven)} cells')
        return 0
    text = PATH.read_text(encoding='utf-8')
    missing = sorted(table.promised(text) - set(proven))
    for cell in missing:
        print(f'promised by {PATH}, but no test proved it: {cell}')
    return 1 if missing else 0


if __name__ == '__main__':
    sys.exit(main())
