# SPDX-License-Identifier: Apache-2.0
"""The directive ``extra-specs``: a table made of the validators."""

from typing import Any

from docutils import nodes
from docutils import statemachine
from docutils.parsers import rst

from nova_powervm.api import extra_specs


def _values(value: dict[str, Any]) -> str:
    """What a value may be, in words."""
    if 'enum' in value:
        return ', '.join(f'``{each}``' for each in value['enum'])
    if 'min' in value and 'max' in value:
        return f'{value["min"]} to {value["max"]}'
    if 'min' in value:
        return f'from {value["min"]}'
    return {int: 'a number', bool: 'true or false'}.get(
        value['type'], 'a text'
    )


class ExtraSpecs(rst.Directive):
    """List the extra specs with their values and meaning."""

    def run(self) -> list[nodes.Node]:
        """Render one definition for each key."""
        lines = statemachine.StringList()
        for spec in extra_specs.register():
            for line in (
                f'``{spec.name}``: {_values(spec.value)}',
                f'   {spec.description}',
                '',
            ):
                lines.append(line, 'extra_specs')
        parent = nodes.container()
        self.state.nested_parse(lines, self.content_offset, parent)
        return list(parent.children)


def setup(app: Any) -> dict[str, Any]:
    """Register the directive with Sphinx."""
    app.add_directive('extra-specs', ExtraSpecs)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
