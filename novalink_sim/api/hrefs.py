# SPDX-License-Identifier: Apache-2.0
"""Reading hrefs that clients send."""

import re
from typing import Any

from novalink_sim import errors
from novalink_sim.wire.document import Document

_UUID = re.compile(
    r'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', re.I
)


def last_uuid(href: str | None) -> str | None:
    """Return the last uuid of a path, whatever its form."""
    found = _UUID.findall((href or '').partition('?')[0])
    return found[-1] if found else None


def required_uuid(doc: Document, path: str) -> str:
    """Return the uuid that the href at a path names.

    :raises BadRequest: if there is none
    """
    uuid = last_uuid(doc.href(path))
    if uuid is None:
        raise errors.BadRequest(f'Element {path} must refer to an object.')
    return uuid


def required(doc: Document, path: str) -> Any:
    """Return the value at a path.

    :raises BadRequest: if there is none
    """
    value = doc.get(path)
    if value is None:
        raise errors.BadRequest(f'Element {path} is missing in {doc.tag}.')
    return value
