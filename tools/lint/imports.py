# SPDX-License-Identifier: Apache-2.0
"""Which module may import or call what."""

import ast
import dataclasses
from collections.abc import Iterator

from tools.lint.source import Finding
from tools.lint.source import Source

_ROOT = 'nova_powervm.virt.powervm'

_BANNED_MODULES = {
    'cPickle': 'pickle is unsafe',
    'eventlet': 'the driver runs on native threads',
    'marshal': 'use JSON',
    'pickle': 'pickle is unsafe, use JSON',
    'pkg_resources': 'use importlib.metadata',
    'shelve': 'pickle is unsafe',
    'six': 'Python 2 is gone',
}

# Helpers of pypowervm that sleep, loop, keep module state or read /proc.
_BANNED_HELPERS = {
    'pypowervm.helpers.vios_busy': 'client/retry.py does this',
    'pypowervm.tasks.power': 'lpar/power.py does this',
    'pypowervm.tasks.power_opts': 'lpar/power.py does this',
    'pypowervm.tasks.vterm': 'use the tools below host_root',
    'pypowervm.utils.retry': 'client/retry.py does this',
    'pypowervm.utils.transaction': 'vios/transactions.py does this',
}

_BANNED_NAMES = {
    'FeedTask': 'vios/transactions.py does this',
    'WrapperTask': 'vios/transactions.py does this',
    'get_this_partition': 'use IsManagementPartition',
    'my_partition_id': 'use IsManagementPartition',
    'run_job': 'client/jobs.py does this',
}

# driver, facade -> flows -> tasks -> adapters -> client, never back.
_TOP = ('driver', 'facade')
_UPPER = {
    'client': (*_TOP, 'flows', 'tasks', 'disk', 'host', 'lpar')
    + ('media', 'vif', 'vios', 'volume'),
    'vios': (*_TOP, 'flows', 'tasks', 'disk', 'media', 'vif', 'volume'),
    'lpar': (*_TOP, 'flows', 'tasks', 'disk', 'media', 'vif', 'volume'),
    'disk': (*_TOP, 'flows', 'tasks'),
    'host': (*_TOP, 'flows', 'tasks'),
    'images': (*_TOP, 'flows', 'tasks'),
    'media': (*_TOP, 'flows', 'tasks'),
    'records': (*_TOP, 'flows', 'tasks'),
    'vif': (*_TOP, 'flows', 'tasks'),
    'volume': (*_TOP, 'flows', 'tasks'),
    'tasks': _TOP,
    'flows': _TOP,
}


@dataclasses.dataclass(frozen=True)
class _Import:
    name: str
    line: int

    def below(self, *packages: str) -> bool:
        return any(
            self.name == package or self.name.startswith(package + '.')
            for package in packages
        )


def _imports(source: Source) -> Iterator[_Import]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield _Import(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield _Import(f'{node.module}.{alias.name}', node.lineno)


def packages(source: Source) -> Iterator[Finding]:
    """P301: driver, simulator and client library keep apart."""
    if source.package == 'novalink_sim':
        banned = ['nova', 'nova_powervm']
        if not source.is_test:
            banned.append('pypowervm')
    elif source.package == 'nova_powervm' and not source.is_test:
        banned = ['novalink_sim']
    else:
        return
    for found in _imports(source):
        if found.below(*banned):
            yield source.finding(
                found.line, 'P301', f'{found.name} must not be imported here'
            )


def layers(source: Source) -> Iterator[Finding]:
    """P302: imports point from the driver down to the client."""
    if source.is_test or not source.below('nova_powervm/virt/powervm'):
        return
    layer = source.path.parts[3]
    upper = [f'{_ROOT}.{name}' for name in _UPPER.get(layer, ())]
    for found in _imports(source):
        if found.below(*upper):
            yield source.finding(
                found.line, 'P302', f'{layer} must not know {found.name}'
            )


def banned_modules(source: Source) -> Iterator[Finding]:
    """P303: libraries and ways of calling that are out."""
    for found in _imports(source):
        for module, why in _BANNED_MODULES.items():
            if found.below(module):
                yield source.finding(found.line, 'P303', f'{module}: {why}')
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and _calls_shell(node):
            yield source.finding(node.lineno, 'P303', 'no shell, use a list')


def _calls_shell(node: ast.Call) -> bool:
    shell = any(
        keyword.arg == 'shell'
        and not (
            isinstance(keyword.value, ast.Constant)
            and keyword.value.value is False
        )
        for keyword in node.keywords
    )
    return shell or ast.unparse(node.func) in ('os.system', 'os.popen')


def banned_helpers(source: Source) -> Iterator[Finding]:
    """P304: helpers of pypowervm that wait or guess in our place."""
    if source.package != 'nova_powervm' or source.is_test:
        return
    for found in _imports(source):
        for module, why in _BANNED_HELPERS.items():
            if found.below(module):
                yield source.finding(found.line, 'P304', f'{module}: {why}')
        name = found.name.rpartition('.')[2]
        if found.below('pypowervm') and name in _BANNED_NAMES:
            why = _BANNED_NAMES[name]
            yield source.finding(found.line, 'P304', f'{name}: {why}')
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in _BANNED_NAMES:
            why = _BANNED_NAMES[node.attr]
            yield source.finding(node.lineno, 'P304', f'{node.attr}: {why}')


def configuration(source: Source) -> Iterator[Finding]:
    """P305: CONF is read once, in settings.py."""
    if source.package != 'nova_powervm' or source.is_test:
        return
    if source.below(
        'nova_powervm/cmd',
        'nova_powervm/conf',
        'nova_powervm/virt/powervm/settings.py',
    ):
        return
    for found in _imports(source):
        if found.below('nova.conf', 'oslo_config.cfg.CONF'):
            yield source.finding(
                found.line, 'P305', 'read CONF in settings.py only'
            )
    for node in ast.walk(source.tree):
        if (isinstance(node, ast.Name) and node.id == 'CONF') or (
            isinstance(node, ast.Attribute) and node.attr == 'CONF'
        ):
            yield source.finding(
                node.lineno, 'P305', 'read CONF in settings.py only'
            )


def sleeping(source: Source) -> Iterator[Finding]:
    """P306: the driver waits on its stop event, unit tests not at all."""
    if source.package == 'tools' or (
        source.is_test and not source.is_unit_test
    ):
        return
    if source.package == 'novalink_sim' and not source.is_test:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (
            'time.sleep',
            'sleep',
        ):
            yield source.finding(
                node.lineno, 'P306', 'wait on an event, do not sleep'
            )
