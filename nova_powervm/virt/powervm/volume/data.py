# SPDX-License-Identifier: Apache-2.0
"""Readers for what Cinder tells of a volume, one for each kind of value.

What Cinder tells comes from many drivers of storage, and nobody checks it on
the way. A value that is not what it should be refuses the volume before
anything is changed; the text names the key and the value, never that of a
secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from nova_powervm.virt.powervm.volume import base

_SECRET = re.compile('password|secret|auth|keyring')
_SHOWN = 60
"""Characters of a value in a text: Nova shows users the first 255 of it."""


def text(volume_id: str, key: str, value: object) -> str | None:
    """Read a text; None if there is none.

    :param volume_id: for the error
    :param key: what Cinder calls the value
    :raises base.VolumeRefused: it is something else
    """
    if value is None or isinstance(value, str):
        return value or None
    _refuse(volume_id, key, value, 'a text')


def texts(volume_id: str, key: str, value: object) -> list[str]:
    """Read a list of texts, or one that stands alone.

    :raises base.VolumeRefused: it is something else
    """
    found = _several(value)
    if not all(isinstance(item, str) and item for item in found):
        _refuse(volume_id, key, value, 'a list of texts')
    return found


def integers(volume_id: str, key: str, value: object) -> list[int]:
    """Read a list of whole numbers from 0 up, or one that stands alone.

    :raises base.VolumeRefused: it is something else
    """
    what = 'a list of whole numbers from 0 up'
    return [
        _integer(volume_id, key, item, value, what) for item in _several(value)
    ]


def mapping(volume_id: str, key: str, value: object) -> Mapping[str, Any]:
    """Read values with names; an empty mapping if there are none.

    :raises base.VolumeRefused: it is something else
    """
    if value is None:
        return {}
    if isinstance(value, Mapping) and all(isinstance(k, str) for k in value):
        return value
    _refuse(volume_id, key, value, 'a mapping')


def _several(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _integer(
    volume_id: str, key: str, item: object, value: object, what: str
) -> int:
    if isinstance(item, int) and not isinstance(item, bool) and item >= 0:
        return item
    if isinstance(item, str) and item.isascii() and item.isdigit():
        return int(item)
    _refuse(volume_id, key, value, what)


def _refuse(volume_id: str, key: str, value: object, what: str) -> NoReturn:
    shown = 'a value' if _SECRET.search(key) else _short(value)
    raise base.VolumeRefused(
        f'volume {volume_id}: Cinder tells {shown} as {key}, which is not '
        f'{what}; see the driver of its backend in Cinder'
    )


def _short(value: object) -> str:
    """Show a value, of what may hold secrets only its type."""
    if isinstance(value, (Mapping, list, tuple)) and any(
        isinstance(item, (Mapping, list, tuple)) for item in _items(value)
    ):
        return f'a {type(value).__name__}'
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f'{shown[:_SHOWN]}...'


def _items(value: Any) -> list[Any]:
    return list(value.values() if isinstance(value, Mapping) else value)
