# SPDX-License-Identifier: Apache-2.0
"""Virtual SCSI as the Linux of a management partition shows it.

Each virtual SCSI adapter of the partition has a directory below
``sys/bus/vio/devices``, named by its slot, with a file ``scan``. A device
that was mapped to the adapter appears after something was written to that
file: as ``sys/block/sdX``, ``dev/sdX``, and a link in ``dev/disk/by-id`` that
ends with the last 32 characters of the unique device id of the storage. It
stays, without its bytes when the mapping goes, until ``1`` is written to
``sys/block/sdX/device/delete``.

The kernel would hear of these writes; here files are looked at: before each
request is answered, and every :data:`LOOK` seconds while there is an adapter
or a device.
"""

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

ADAPTERS = Path('sys/bus/vio/devices')
BLOCK = Path('sys/block')
NODES = Path('dev')
BY_ID = Path('dev/disk/by-id')
#: Seconds between two looks at the files.
LOOK = 0.02
#: How many characters of an id are in the name of the link.
TAIL = 32
_PREFIX = 'scsi-SAIX_VDASD_'


def adapter_name(slot: int) -> str:
    """Return the name of an adapter's directory.

    Linux: the unit address of the virtual device, in hex.
    """
    return f'{0x30000000 | slot:x}'


def scan_file(root: Path, slot: int) -> Path:
    """Return the file of an adapter that starts a scan."""
    host = f'host{slot}'
    adapter = root / ADAPTERS / adapter_name(slot)
    return adapter / host / 'scsi_host' / host / 'scan'


def delete_file(root: Path, name: str) -> Path:
    """Return the file of a device that removes it."""
    return root / BLOCK / name / 'device' / 'delete'


def set_adapters(root: Path, slots: set[int]) -> None:
    """Let exactly these slots have an adapter."""
    wanted = {adapter_name(slot): slot for slot in slots}
    for entry in (root / ADAPTERS).iterdir():
        if entry.name not in wanted:
            shutil.rmtree(entry)
    for slot in wanted.values():
        file = scan_file(root, slot)
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()


def take_scan(root: Path, slot: int) -> bool:
    """Tell whether a scan was asked for, once for each time."""
    # Emptied before anything is looked at: what is written from now on
    # starts another scan.
    return _take(scan_file(root, slot)) != ''


def take_delete(root: Path, name: str) -> bool:
    """Tell whether the removal of a device was asked for."""
    return _take(delete_file(root, name)).strip() == '1'


def _take(file: Path) -> str:
    try:
        text = file.read_text(encoding='utf-8')
    except FileNotFoundError:
        return ''
    if text:
        os.truncate(file, 0)
    return text


def set_devices(root: Path, devices: Mapping[str, tuple[str, Path]]) -> None:
    """Let exactly these devices be there.

    :param devices: by name (sda): unique device id, and the file with the
        bytes, which need not exist
    """
    for entry in (root / BLOCK).iterdir():
        if entry.name not in devices:
            shutil.rmtree(entry)
            (root / NODES / entry.name).unlink(missing_ok=True)
    links = {}
    for name, (udid, file) in devices.items():
        delete = delete_file(root, name)
        delete.parent.mkdir(parents=True, exist_ok=True)
        delete.touch()
        _link(root / NODES / name, str(file))
        links[f'{_PREFIX}{udid[-TAIL:]}'] = name
    for entry in (root / BY_ID).glob(f'{_PREFIX}*'):
        if entry.name not in links:
            entry.unlink()
    for link, name in links.items():
        _link(root / BY_ID / link, f'../../{name}')


def _link(path: Path, target: str) -> None:
    with contextlib.suppress(OSError):
        if os.readlink(path) == target:
            return
        path.unlink()
    path.symlink_to(target)


def free_name(used: set[str]) -> str:
    """Return the next name of a disk: sda to sdz, sdaa ..."""
    number = 0
    while (name := _name(number)) in used:
        number += 1
    return name


def _name(number: int) -> str:
    letters = ''
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord('a') + digit) + letters
    return f'sd{letters}'
