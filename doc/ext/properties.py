# SPDX-License-Identifier: Apache-2.0
"""The directive ``nova-properties``: what becomes of Nova's own wishes."""

from typing import Any

from docutils import nodes
from docutils import statemachine
from docutils.parsers import rst

from nova_powervm.virt.powervm.lpar import property_table

_TABLES = {
    'extra-specs': property_table.EXTRA_SPECS,
    'image': property_table.IMAGE,
}


def _name(pattern: str, kind: str) -> str:
    """Write a pattern as the name that it stands for."""
    return f'``{pattern.replace("?", ":" if kind == "extra-specs" else "_")}``'


def _verdict(entry: property_table.Entry) -> str:
    """Tell the verdict, and the values that it is not for."""
    if not entry.harmless:
        return entry.verdict.value
    words = [word for word in entry.harmless if len(word) > 1 or word == '0']
    return f'{entry.verdict.value}, unless it is {", ".join(words)}'


class NovaProperties(rst.Directive):
    """List extra specs, or image properties, with what becomes of them."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Render a table."""
        kind = self.arguments[0]
        text = [
            '.. list-table::',
            '   :header-rows: 1',
            '   :widths: 30 25 45',
            '',
        ]
        rows = [('Name', 'What becomes of it', 'Why, or what to do')]
        for entry in _TABLES[kind]:
            names = ', '.join(_name(each, kind) for each in entry.names)
            rows.append((names, _verdict(entry), entry.reason))
        for row in rows:
            for number, cell in enumerate(row):
                text.append(f'   {"* -" if number == 0 else "  -"} {cell}')
        lines = statemachine.StringList(text, 'properties')
        parent = nodes.container()
        self.state.nested_parse(lines, self.content_offset, parent)
        return list(parent.children)


def setup(app: Any) -> dict[str, Any]:
    """Register the directive with Sphinx."""
    app.add_directive('nova-properties', NovaProperties)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
