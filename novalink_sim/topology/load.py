# SPDX-License-Identifier: Apache-2.0
"""Topologies from YAML, with messages that name file, line and key."""

import dataclasses
import types
import typing
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from novalink_sim.topology import spec


class TopologyError(ValueError):
    """A topology file that does not say what it should."""


def _fail(node: yaml.Node, key: str, what: str) -> typing.NoReturn:
    mark = node.start_mark
    raise TopologyError(f'{mark.name}:{mark.line + 1}: {key}: {what}')


def _scalar(node: yaml.Node, kind: type, key: str) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        _fail(node, key, f'expects a {kind.__name__}')
    value = yaml.SafeLoader('').construct_object(node)
    if kind is float and isinstance(value, int):
        value = float(value)
    if kind is str and isinstance(value, (int, float)):
        value = node.value
    if not isinstance(value, kind) or (
        kind is not bool and isinstance(value, bool)
    ):
        _fail(node, key, f'expects a {kind.__name__}, got {node.value!r}')
    return value


def _value(node: yaml.Node, hint: Any, key: str) -> Any:
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(':null'):
            return None
        hint = next(a for a in typing.get_args(hint) if a is not type(None))
    if typing.get_origin(hint) is tuple:
        if not isinstance(node, yaml.SequenceNode):
            _fail(node, key, 'expects a list')
        item = typing.get_args(hint)[0]
        return tuple(
            _value(entry, item, f'{key}[{number}]')
            for number, entry in enumerate(node.value)
        )
    if dataclasses.is_dataclass(hint):
        return _mapping(node, hint, key)
    return _scalar(node, hint, key)


def _mapping(node: yaml.Node, cls: Any, key: str) -> Any:
    if not isinstance(node, yaml.MappingNode):
        _fail(node, key, f'expects a mapping ({cls.__name__})')
    hints = typing.get_type_hints(cls)
    values = {}
    for name_node, value_node in node.value:
        name = str(name_node.value)
        inner = f'{key}.{name}' if key else name
        if name not in hints:
            known = ', '.join(sorted(hints))
            _fail(name_node, inner, f'unknown key; there are {known}')
        values[name] = _value(value_node, hints[name], inner)
    for field in dataclasses.fields(cls):
        needed = field.default is dataclasses.MISSING
        if needed and field.name not in values:
            _fail(node, f'{key}.{field.name}'.lstrip('.'), 'is missing')
    try:
        return cls(**values)
    except ValueError as exc:
        _fail(node, key or 'topology', str(exc))


def parse(text: str, name: str) -> spec.TopologySpec:
    """Read a topology; ``name`` stands in messages.

    :raises TopologyError: naming file, line and key
    """
    loader = yaml.SafeLoader(text)
    loader.name = name
    try:
        node = loader.get_single_node()
    except yaml.YAMLError as exc:
        raise TopologyError(f'{name}: {exc}') from None
    if node is None:
        raise TopologyError(f'{name}: the file is empty')
    found = _mapping(node, spec.TopologySpec, '')
    assert isinstance(found, spec.TopologySpec)
    return found


def load_file(path: Path) -> spec.TopologySpec:
    """Read a topology file.

    :raises TopologyError: naming file, line and key
    """
    try:
        return parse(path.read_text(), str(path))
    except OSError as exc:
        raise TopologyError(f'{path}: {exc.strerror}') from None


def presets() -> list[str]:
    """Return the names of the presets."""
    folder = resources.files('novalink_sim.topology') / 'presets'
    names = (entry.name for entry in folder.iterdir())
    return sorted(n[:-5] for n in names if n.endswith('.yaml'))


def load_preset(name: str) -> spec.TopologySpec:
    """Return a preset.

    :raises TopologyError: naming those that exist
    """
    if name not in presets():
        raise TopologyError(
            f'unknown preset {name!r}; there are {", ".join(presets())}'
        )
    folder = resources.files('novalink_sim.topology') / 'presets'
    return parse((folder / f'{name}.yaml').read_text(), f'{name}.yaml')


Given = str | Path | spec.SystemSpec | spec.TopologySpec


def resolve(given: Given | Sequence[Given]) -> spec.TopologySpec:
    """Make one topology of presets, files and specs.

    :raises TopologyError: naming what is wrong
    """
    if isinstance(given, (str, Path, spec.SystemSpec, spec.TopologySpec)):
        given = [given]
    parts = [_topology(one) for one in given]
    systems = tuple(system for part in parts for system in part.systems)
    if not systems:
        raise TopologyError('the topology has no systems')
    clusters = tuple(cluster for part in parts for cluster in part.clusters)
    shares = tuple(share for part in parts for share in part.shares)
    ceph = tuple(cluster for part in parts for cluster in part.ceph)
    arrays = tuple(array for part in parts for array in part.arrays)
    zones = tuple(zone for part in parts for zone in part.zones)
    return spec.TopologySpec(systems, clusters, shares, ceph, arrays, zones)


def _topology(given: Given) -> spec.TopologySpec:
    match given:
        case spec.SystemSpec():
            return spec.TopologySpec((given,))
        case spec.TopologySpec():
            return given
        case Path():
            return load_file(given)
        case _:
            return load_preset(given)
