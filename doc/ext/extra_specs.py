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
    """List the extra specs with their values and meaning.

    ``:only:`` and ``:except:`` choose by names without the prefix.
    """

    option_spec = {
        'only': rst.directives.unchanged_required,
        'except': rst.directives.unchanged_required,
    }

    def _wanted(self, name: str) -> bool:
        """Tell whether the options choose a key."""
        key = name.partition(':')[2]
        only = self.options.get('only')
        if only is not None:
            return key in only.split()
        return key not in self.options.get('except', '').split()

    def run(self) -> list[nodes.Node]:
        """Render one definition for each key."""
        lines = statemachine.StringList()
        chosen = [s for s in extra_specs.register() if self._wanted(s.name)]
        for spec in chosen:
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
