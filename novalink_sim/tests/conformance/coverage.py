# SPDX-License-Identifier: Apache-2.0
"""How much of what was recorded the declarations know.

``python -m novalink_sim.tests.conformance.coverage`` prints a table.
"""

import dataclasses
import sys
from collections.abc import Iterator

from lxml import etree

from novalink_sim import api
from novalink_sim.tests.conformance import recordings
from novalink_sim.wire import fields
from novalink_sim.wire.types.pcm_preference import PCM_PREFERENCE


def declarations() -> dict[str, fields.TypeDecl]:
    """Return the declaration of every type that is served."""
    found = {cls.decl.name: cls.decl for cls in api.RESOURCES}
    found[PCM_PREFERENCE.name] = PCM_PREFERENCE
    return found


def known_paths(
    declared: tuple[fields.Field, ...], prefix: str = ''
) -> Iterator[str]:
    """Yield the paths of all elements of a declaration."""
    for field in declared:
        path = f'{prefix}/{field.name}' if prefix else field.name
        if isinstance(field, fields.ListOf) and not field.wrapper:
            yield from known_paths((field.item,), prefix)
            continue
        yield path
        match field:
            case fields.Node():
                yield from known_paths(field.children, path)
            case fields.ListOf():
                yield from known_paths((field.item,), path)
            case fields.Choice():
                yield from known_paths(tuple(field.mapping.values()), path)
            case fields.Links():
                yield f'{path}/link'
            case _:
                pass


@dataclasses.dataclass(frozen=True)
class Coverage:
    """Paths of a type: what was recorded, and what of it is known."""

    recorded: frozenset[str]
    known: frozenset[str]

    @property
    def missing(self) -> list[str]:
        """What was recorded and is not known."""
        return sorted(self.recorded - self.known)


def coverage_of(decl: fields.TypeDecl) -> Coverage:
    """Return the coverage of a type."""
    seen: set[str] = set()
    for _, element in recordings.recorded(decl.name):
        seen |= {path for path, _ in recordings.paths(element)}
    known = set(known_paths(decl.fields))
    return Coverage(frozenset(seen), frozenset(known & seen))


def tree_of(element: etree._Element) -> dict[str, etree._Element]:
    """Return the first element at each path."""
    found: dict[str, etree._Element] = {}
    for path, child in recordings.paths(element):
        found.setdefault(path, child)
    return found


def main() -> int:
    """Print the table; with an argument also what is missing."""
    print(f'{"type":32} {"recorded":>8} {"known":>6}')
    for name, decl in sorted(declarations().items()):
        found = coverage_of(decl)
        print(f'{name:32} {len(found.recorded):8} {len(found.known):6}')
        if len(sys.argv) > 1:
            for path in found.missing:
                print(f'    {path}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
