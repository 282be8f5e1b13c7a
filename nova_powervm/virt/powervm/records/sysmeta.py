# SPDX-License-Identifier: Apache-2.0
"""Texts in the system metadata of an instance.

Nova keeps these with the instance, hands them to every host that works on it
and shows them to no user. A value is limited in length, so that a text takes
as many values as it needs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nova import objects

CHUNK = 255
"""Nova: longest value in the system metadata."""


def load(instance: objects.Instance, prefix: str) -> str | None:
    """Read a text.

    :param prefix: begin of its keys; a number follows
    :returns: None when there is none
    """
    chunks = _chunks(instance.system_metadata or {}, prefix)
    return ''.join(chunks.values()) if chunks else None


def store(instance: objects.Instance, prefix: str, text: str) -> bool:
    """Put a text in the place of the one that is there; saves nothing.

    :param text: an empty one takes no value
    :returns: whether that changed anything
    """
    wanted = {
        f'{prefix}{number}': text[start : start + CHUNK]
        for number, start in enumerate(range(0, len(text), CHUNK))
    }
    metadata = dict(instance.system_metadata or {})
    before = _chunks(metadata, prefix)
    if before == wanted:
        return False
    others = {key: val for key, val in metadata.items() if key not in before}
    instance.system_metadata = {**others, **wanted}
    return True


def _chunks(metadata: Mapping[str, Any], prefix: str) -> dict[str, str]:
    found = [key for key in metadata if re.fullmatch(rf'{prefix}\d+', key)]
    found.sort(key=lambda key: int(key.removeprefix(prefix)))
    return {key: str(metadata[key]) for key in found}
