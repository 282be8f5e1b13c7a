# SPDX-License-Identifier: Apache-2.0
"""``/etc/ceph`` of a management partition, by which it is a Ceph client."""

import configparser
from pathlib import Path

DIRECTORY = Path('etc/ceph')
#: Ceph: the name of the cluster that commands use unless they are told.
CLUSTER = 'ceph'


def _config(root: Path) -> Path:
    return root / DIRECTORY / f'{CLUSTER}.conf'


def _keyring(root: Path, user: str) -> Path:
    return root / DIRECTORY / f'{CLUSTER}.client.{user}.keyring'


def write_config(root: Path, fsid: str, monitors: tuple[str, ...]) -> None:
    """Let the partition be a client of a cluster."""
    (root / DIRECTORY).mkdir(parents=True, exist_ok=True)
    _config(root).write_text(
        f'[global]\nfsid = {fsid}\nmon_host = {",".join(monitors)}\n',
        encoding='utf-8',
    )


def write_key(root: Path, user: str, key: str) -> None:
    """Let the partition have the key of a user."""
    path = _keyring(root, user)
    path.touch(mode=0o600)
    path.write_text(f'[client.{user}]\n\tkey = {key}\n', encoding='utf-8')


def fsid(root: Path) -> str | None:
    """Return which cluster the partition is a client of."""
    return _value(_config(root), 'global', 'fsid')


def users(root: Path) -> list[str]:
    """Return the users whose keys the partition has, sorted."""
    prefix, suffix = f'{CLUSTER}.client.', '.keyring'
    found = (root / DIRECTORY).glob(f'{prefix}*{suffix}')
    return sorted(f.name[len(prefix) : -len(suffix)] for f in found)


def key(root: Path, user: str) -> str | None:
    """Return the key of a user that the partition has."""
    return _value(_keyring(root, user), f'client.{user}', 'key')


def _value(path: Path, section: str, name: str) -> str | None:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding='utf-8')
        return parser.get(section, name).strip()
    except (configparser.Error, OSError):
        return None
