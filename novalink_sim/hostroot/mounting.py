# SPDX-License-Identifier: Apache-2.0
"""``mount`` and ``umount`` of a simulated management partition.

They are run as executables below its root, by users without any rights: a
mount is a symbolic link to the directory of the share in place of the mount
point, whose own directory is put aside. ``proc/1/mounts`` tells of it as the
kernel does. This file is also run as a script and needs nothing but Python.
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

#: Where everything is, below the root.
TABLE = Path('proc/1/mounts')
STATE = Path('var/run/novalink_sim')
#: Link to what file systems the network has.
SHARES = STATE / 'shares.json'
#: Files that the partition itself has open, as a Virtual I/O Server.
BUSY = STATE / 'busy.json'
_LOCK = STATE / 'mounts.lock'
_ASIDE = STATE / 'covered'
_ROOT_LINE = '/dev/mapper/rootvg-root / xfs rw,relatime 0 0\n'
#: util-linux: status of a wrong call, and of a mount that failed.
USAGE = 1
FAILED = 32
_OPTIONS = 'rw,relatime'
#: Linux: how a table of mounts writes what would break its lines.
_ESCAPES = {'\\': '\\134', ' ': '\\040', '\t': '\\011', '\n': '\\012'}


@dataclasses.dataclass(frozen=True)
class Mount:
    """A file system of the network that is mounted.

    :ivar share: its name: ``host:/path`` for NFS
    :ivar at: the mount point, without the first slash
    """

    share: str
    at: str
    type: str = 'nfs4'
    options: str = _OPTIONS


class MountError(Exception):
    """What the commands say before they fail."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


def create(root: Path) -> None:
    """Make an empty table; one that is there stays."""
    for name in (STATE, TABLE.parent, _ASIDE):
        (root / name).mkdir(parents=True, exist_ok=True)
    for link, target in (('self', '1'), ('mounts', 'self/mounts')):
        path = root / 'proc' / link
        if not path.is_symlink():
            path.symlink_to(target)
    if not (root / TABLE).exists():
        _write(root, [])


def read(root: Path) -> list[Mount]:
    """Return the mounts of file systems of the network, oldest first."""
    found = []
    for line in (root / TABLE).read_text(encoding='utf-8').splitlines():
        share, at, kind, options = map(_plain, line.split()[:4])
        if not share.startswith('/'):
            found.append(Mount(share, at.lstrip('/'), kind, options))
    return found


def replace(root: Path, wanted: Sequence[Mount]) -> None:
    """Let exactly these file systems be mounted, whatever holds them."""
    with _locked(root):
        for mount in reversed(read(root)):
            _uncover(root, mount)
        _write(root, [])
        for mount in wanted:
            (root / mount.at).mkdir(parents=True, exist_ok=True)
            _cover(root, mount)
        _write(root, wanted)


def mount(root: Path, wanted: Mount) -> None:
    """Mount a share.

    :raises MountError: as the command fails
    """
    with _locked(root):
        now = read(root)
        point = root / wanted.at
        if not point.is_dir():
            raise MountError(
                f'mount: /{wanted.at}: mount point does not exist.'
            )
        if any(found.at == wanted.at for found in now):
            raise MountError(
                f'mount.nfs: /{wanted.at} is busy or already mounted'
            )
        _check(root, wanted)
        _cover(root, wanted)
        _write(root, [*now, wanted])


def unmount(root: Path, at: str) -> None:
    """Unmount what is mounted at a path.

    :raises MountError: as the command fails
    """
    with _locked(root):
        now = read(root)
        found = next((m for m in now if m.at == at), None)
        if found is None:
            raise MountError(f'umount: /{at}: not mounted.')
        if any(place.startswith(f'{at}/') for place in busy(root)):
            raise MountError(f'umount: /{at}: target is busy.')
        _uncover(root, found)
        _write(root, [m for m in now if m is not found])


def busy(root: Path) -> list[str]:
    """Return the files that are open, without the first slash."""
    found = _json(root / BUSY) or []
    return [str(place) for place in found]


def set_busy(root: Path, places: Sequence[str]) -> None:
    """Let exactly these files be open."""
    (root / BUSY).write_text(json.dumps(sorted(places)))


def _check(root: Path, wanted: Mount) -> None:
    shares = _json(root / SHARES) or {}
    share = shares.get(wanted.share)
    server = wanted.share.partition(':')[0]
    if share is None:
        if any(name.startswith(f'{server}:') for name in shares):
            raise MountError(
                'mount.nfs: access denied by server while mounting '
                f'{wanted.share}'
            )
        raise MountError(
            f'mount.nfs: Failed to resolve server {server}: Name or service '
            'not known'
        )
    if not share['answers']:
        raise MountError(f'mount.nfs: Connection timed out for {wanted.share}')


def _directory(root: Path, share: str) -> str:
    return str((_json(root / SHARES) or {}).get(share, {}).get('directory'))


def _cover(root: Path, wanted: Mount) -> None:
    point = root / wanted.at
    os.rename(point, _aside(root, wanted.at))
    os.symlink(_directory(root, wanted.share), point)


def _uncover(root: Path, found: Mount) -> None:
    point = root / found.at
    if point.is_symlink():
        os.unlink(point)
        os.rename(_aside(root, found.at), point)


def _aside(root: Path, at: str) -> Path:
    return root / _ASIDE / at.replace('/', '\\')


def _json(path: Path) -> Any:
    with contextlib.suppress(FileNotFoundError):
        return json.loads(path.read_text(encoding='utf-8'))
    return None


@contextlib.contextmanager
def _locked(root: Path) -> Iterator[None]:
    with open(root / _LOCK, 'w', encoding='utf-8') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(root: Path, mounts: Sequence[Mount]) -> None:
    lines = [
        f'{_escaped(m.share)} {_escaped(f"/{m.at}")} {m.type} {m.options} 0 0'
        '\n'
        for m in mounts
    ]
    draft = root / TABLE.with_suffix('.new')
    draft.write_text(_ROOT_LINE + ''.join(lines), encoding='utf-8')
    os.replace(draft, root / TABLE)


def _escaped(text: str) -> str:
    for char, code in _ESCAPES.items():
        text = text.replace(char, code)
    return text


def _plain(text: str) -> str:
    for char, code in reversed(_ESCAPES.items()):
        text = text.replace(code, char)
    return text


def _place(root: Path, text: str) -> str:
    """Return a path of the partition without the first slash."""
    path = os.path.normpath(text)
    if not path.startswith(f'{root}/'):
        raise MountError(f'{text} is not below {root}', USAGE)
    return path[len(str(root)) + 1 :]


def run(root: Path, name: str, args: Sequence[str]) -> None:
    """Do what a command line says.

    :param root: / of the partition; mount points are named below it
    :param name: mount or umount
    :raises MountError: as the command fails
    """
    words, options, kind = _parse(name, list(args))
    if name == 'umount' and len(words) == 1:
        unmount(root, _place(root, words[0]))
    elif name == 'mount' and len(words) == 2 and kind in ('nfs', 'nfs4'):
        at = _place(root, words[1])
        told = ','.join([_OPTIONS, *options])
        mount(root, Mount(words[0], at, 'nfs4', told))
    else:
        raise MountError(f'{name}: bad usage', USAGE)


def _parse(name: str, args: list[str]) -> tuple[list[str], list[str], str]:
    words: list[str] = []
    options: list[str] = []
    kind = ''
    while args:
        word = args.pop(0)
        if word == '--':
            words += args
            break
        if word in ('-t', '-o') and args:
            value = args.pop(0)
            kind = value if word == '-t' else kind
            options += [value] if word == '-o' else []
        elif word.startswith('-'):
            raise MountError(f'{name}: invalid option {word}', USAGE)
        else:
            words.append(word)
    return words, options, kind


def main(args: Sequence[str]) -> int:
    """Be the command: root, name, and what it was given."""
    root, name, *rest = args
    try:
        run(Path(root), name, rest)
    except MountError as exc:
        print(exc, file=sys.stderr)
        return exc.status
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
