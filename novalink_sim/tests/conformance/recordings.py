# SPDX-License-Identifier: Apache-2.0
"""Replies recorded from real platforms, as installed with pypowervm."""

import functools
import re
from collections.abc import Iterator
from importlib import resources

from lxml import etree

_BODY = re.compile(r'<((?:\w+:)?(?:feed|entry))[\s>].*</\1>', re.DOTALL)


def local(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return str(etree.QName(element).localname)


@functools.cache
def names() -> tuple[str, ...]:
    """Return the names of all recordings."""
    directory = resources.files('pypowervm.tests') / 'data'
    found = (item.name for item in directory.iterdir())
    return tuple(sorted(name for name in found if name.endswith('.txt')))


@functools.cache
def load(name: str) -> etree._Element | None:
    """Return the feed or entry of a recording; None if it has none."""
    path = resources.files('pypowervm.tests') / 'data' / name
    match = _BODY.search(path.read_text(encoding='utf-8'))
    if match is None:
        return None
    try:
        return etree.fromstring(match.group(0).encode())
    except etree.XMLSyntaxError:
        # Some recordings are broken on purpose, for the client's tests.
        return None


def objects(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the objects in a feed or entry."""
    for content in root.iter('{http://www.w3.org/2005/Atom}content'):
        for element in content:
            if isinstance(element.tag, str):
                yield element


@functools.cache
def recorded(kind: str) -> tuple[tuple[str, etree._Element], ...]:
    """Return all recorded objects of a type, with their recording."""
    found = []
    for name in names():
        root = load(name)
        if root is None:
            continue
        for element in objects(root):
            if local(element) == kind and len(element):
                found.append((name, element))
    return tuple(found)


def paths(
    element: etree._Element, prefix: str = ''
) -> Iterator[tuple[str, etree._Element]]:
    """Yield the path of every element below one, Metadata aside."""
    for child in element:
        if not isinstance(child.tag, str) or local(child) == 'Metadata':
            continue
        path = f'{prefix}/{local(child)}' if prefix else local(child)
        yield path, child
        yield from paths(child, path)
