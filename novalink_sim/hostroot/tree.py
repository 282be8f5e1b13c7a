# SPDX-License-Identifier: Apache-2.0
"""The directory tree of a management partition, and its console tools.

The tools are executables, because the driver runs them; what they do is
kept in one file for each open console, named by partition id.
"""

from pathlib import Path

#: Where the tools and the state of consoles are, below the root.
TOOLS = Path('usr/sbin')
VTERMS = Path('var/run/novalink_sim/vterm')
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


def create(root: Path) -> None:
    """Make the tree; what is there stays."""
    for name in (*_DIRECTORIES, TOOLS, VTERMS):
        (root / name).mkdir(parents=True, exist_ok=True)
    _write_tool(root / TOOLS / 'mkvterm', _COMMON + _MKVTERM)
    _write_tool(root / TOOLS / 'rmvterm', _COMMON + _RMVTERM)


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
