# SPDX-License-Identifier: Apache-2.0
"""The directive ``extra-specs``: a table made of the validators."""

from typing import Any

from docutils import nodes
from docutils import statemachine
from docutils.parsers import rst

from nova_powervm.api import extra_specs

_WORDS = {
    'powervm:ame_factor': '0, or 1.0 to 10.0',
    'powervm:netboot_directory': 'a path',
    'powervm:netboot_server': 'an IP address',
    'powervm:virtual_serial_number': 'seven letters and digits',
}


def _values(spec: Any) -> str:
    """What a value may be, in words."""
    if spec.name in _WORDS:
        return _WORDS[spec.name]
    value = spec.value
    if 'enum' in value:
        return ', '.join(f'``{each}``' for each in value['enum'])
    if 'max' in value:
        return f'{value["min"]} to {value["max"]}'
    if 'min' in value:
        return f'from {value["min"]} up'
    pattern = value['pattern']
    if 'true' in pattern:
        return '``true`` or ``false``'
    if 'power' in pattern:
        return '``default``, or a mode such as ``POWER9``'
    return 'a number, from 0.05 up' if '0[5-9]' in pattern else 'a name'


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
        """Render a table."""
        text = [
            '.. list-table::',
            '   :header-rows: 1',
            '   :widths: 30 25 45',
        ]
        rows = [('Key', 'Values', 'Meaning')]
        rows += [
            (f'``{spec.name}``', _values(spec), spec.description)
            for spec in extra_specs.register()
            if self._wanted(spec.name)
        ]
        text.append('')
        for row in rows:
            for number, cell in enumerate(row):
                text.append(f'   {"* -" if number == 0 else "  -"} {cell}')
        lines = statemachine.StringList(text, 'extra_specs')
        parent = nodes.container()
        self.state.nested_parse(lines, self.content_offset, parent)
        return list(parent.children)


def setup(app: Any) -> dict[str, Any]:
    """Register the directive with Sphinx."""
    app.add_directive('extra-specs', ExtraSpecs)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
