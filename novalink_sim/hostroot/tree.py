# SPDX-License-Identifier: Apache-2.0
"""The directory tree of a management partition, and its tools.

The tools are executables, because the driver runs them. What those of consoles
do is kept in one file for each open console, named by partition id; those of
mounts are in :mod:`.mounting`.
"""

import shlex
import sys
from pathlib import Path

from novalink_sim.hostroot import mounting

#: Where the tools and the state of consoles are, below the root.
TOOLS = Path('usr/sbin')
VTERMS = Path('var/run/novalink_sim/vterm')
_BINARIES = Path('usr/bin')
_DIRECTORIES = (
    'dev/disk/by-id',
    'proc',
    'sys/block',
    'sys/bus/vio/devices',
    'var/lib/novalink_sim',
)

_COMMON = """#!/bin/sh
# Console tool of a simulated management partition.
state="${0%/*}/../../var/run/novalink_sim/vterm"
id=
while [ $# -gt 0 ]; do
    case "$1" in
        --id) id="$2"; shift ;;
    esac
    shift
done
case "$id" in
    ''|*[!0-9]*) echo "usage: ${0##*/} --id ID" >&2; exit 1 ;;
esac
"""

_MKVTERM = """
if [ -e "$state/$id" ]; then
    cat "$state/$id"
    exit 3
fi
echo $((5900 + id)) > "$state/$id"
cat "$state/$id"
"""

_RMVTERM = """
rm -f "$state/$id"
"""

_MOUNTING = """#!/bin/sh
# {name} of a simulated management partition.
root="$(cd "${{0%/*}}/../.." && pwd)"
exec {python} -I {script} "$root" {name} "$@"
"""


def create(root: Path) -> None:
    """Make the tree; what is there stays."""
    for name in (*_DIRECTORIES, TOOLS, VTERMS, _BINARIES):
        (root / name).mkdir(parents=True, exist_ok=True)
    _write_tool(root / TOOLS / 'mkvterm', _COMMON + _MKVTERM)
    _write_tool(root / TOOLS / 'rmvterm', _COMMON + _RMVTERM)
    mounting.create(root)
    for name in ('mount', 'umount'):
        text = _MOUNTING.format(
            name=name,
            python=shlex.quote(sys.executable),
            script=shlex.quote(mounting.__file__),
        )
        _write_tool(root / _BINARIES / name, text)


def _write_tool(path: Path, text: str) -> None:
    path.write_text(text, encoding='utf-8')
    path.chmod(0o755)


def open_vterms(root: Path) -> list[int]:
    """Return the ids of partitions with an open console, sorted."""
    directory = root / VTERMS
    if not directory.is_dir():
        return []
    return sorted(int(file.name) for file in directory.iterdir())


def set_vterms(root: Path, wanted: list[int]) -> None:
    """Let exactly these partitions have an open console."""
    directory = root / VTERMS
    directory.mkdir(parents=True, exist_ok=True)
    for file in directory.iterdir():
        if int(file.name) not in wanted:
            file.unlink()
    for number in wanted:
        (directory / str(number)).write_text(f'{5900 + number}\n')
