# SPDX-License-Identifier: Apache-2.0
"""The directive ``flow``: the tasks of a flow, from the code that builds it.

::

   .. flow:: nova_powervm.virt.powervm.flows.spawn
      :arguments: {'virtapi': None, 'config_drive': True}
"""

import ast
import importlib
import inspect
import re
from typing import Any
from unittest import mock

from docutils import nodes
from docutils import statemachine
from docutils.parsers import rst
from nova import objects

_REVERTS = re.compile(r'Reverts:\s*(.*?)(?:\n\s*\n|$)', re.DOTALL)


def _build(module: str, arguments: str) -> Any:
    """Build the flow of a module for a host that is not there."""
    objects.register_all()
    build = importlib.import_module(module).flow
    return build(mock.Mock(), **ast.literal_eval(arguments))


def _rows(flow: Any) -> list[tuple[str, str, str]]:
    """Name, predecessors and revert of each task, in order of running."""
    before: dict[str, list[str]] = {}
    for first, second, _data in flow.iter_links():
        before.setdefault(second.name, []).append(first.name)
    rows, waiting = [], [node for node, _data in flow.iter_nodes()]
    done: set[str] = set()
    while waiting:
        ready = [
            task for task in waiting if done >= set(before.get(task.name, ()))
        ]
        for task in ready:
            found = _REVERTS.search(inspect.getdoc(type(task)) or '')
            reverts = ' '.join(found[1].split()) if found else ''
            after = ', '.join(sorted(before.get(task.name, ())))
            rows.append((task.name, after, reverts))
        done.update(task.name for task in ready)
        waiting = [task for task in waiting if task not in ready]
    return rows


class Flow(rst.Directive):
    """List the tasks of a flow, what they wait for, and their reverts."""

    required_arguments = 1
    option_spec = {'arguments': rst.directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Render a table."""
        arguments = self.options.get('arguments', '{}')
        text = ['.. list-table::', '   :header-rows: 1', '']
        heads = ('Task', 'Runs after', 'Reverts')
        for row in (heads, *_rows(_build(self.arguments[0], arguments))):
            for number, cell in enumerate(row):
                text.append(f'   {"* -" if number == 0 else "  -"} {cell}')
        lines = statemachine.StringList(text, 'flows')
        parent = nodes.container()
        self.state.nested_parse(lines, self.content_offset, parent)
        return list(parent.children)


def setup(app: Any) -> dict[str, Any]:
    """Register the directive with Sphinx."""
    app.add_directive('flow', Flow)
    return {'parallel_read_safe': True, 'parallel_write_safe': True}
