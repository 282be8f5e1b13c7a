# SPDX-License-Identifier: Apache-2.0
"""The actions of the modules ``byhand*`` by name."""

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from novalink_sim.control import byhand
from novalink_sim.control import byhand_iscsi
from novalink_sim.control import byhand_npiv
from novalink_sim.control import byhand_remote
from novalink_sim.control import byhand_san
from novalink_sim.control import byhand_shared

Action = Callable[..., None]

_MODULES = (
    byhand,
    byhand_iscsi,
    byhand_npiv,
    byhand_remote,
    byhand_san,
    byhand_shared,
)


def _public(module: types.ModuleType, name: str, found: Any) -> bool:
    return (
        inspect.isfunction(found)
        and found.__module__ == module.__name__
        and not name.startswith('_')
        and inspect.signature(found).return_annotation is None
    )


def actions() -> dict[str, Action]:
    """Return all actions, by their names with dashes."""
    found = {
        name.replace('_', '-'): value
        for module in _MODULES
        for name, value in vars(module).items()
        if _public(module, name, value)
    }
    return dict(sorted(found.items()))


def is_everywhere(name: str) -> bool:
    """Tell whether an action needs the locks of all systems."""
    return name in byhand_shared.EVERYWHERE


def parameters(action: Action) -> dict[str, inspect.Parameter]:
    """Return what an action wants to know, but for the system."""
    found = dict(inspect.signature(action).parameters)
    del found['model']
    return found


def kind_of(parameter: inspect.Parameter) -> Any:
    """Return the type of a parameter, without its None."""
    hint = parameter.annotation
    if isinstance(hint, types.UnionType):
        hint = next(a for a in typing.get_args(hint) if a is not type(None))
    return typing.get_origin(hint) or hint


def run(model: Any, name: str, args: Mapping[str, Any]) -> None:
    """Do an action. The caller holds the lock of the system, or all locks.

    :param model: the system
    :param args: what the action wants to know
    :raises ValueError: naming what is unknown, missing or of a wrong type
    :raises SimError: the platform refuses
    """
    action = actions().get(name)
    if action is None:
        raise ValueError(
            f'unknown action {name!r}; there are {", ".join(actions())}'
        )
    known = parameters(action)
    for key, value in args.items():
        if key not in known:
            raise ValueError(f'{name} does not know {key!r}')
        _check(name, known[key], value)
    for key, parameter in known.items():
        if parameter.default is parameter.empty and key not in args:
            raise ValueError(f'{name} wants to know {key!r}')
    action(model, **args)


def _check(name: str, parameter: inspect.Parameter, value: Any) -> None:
    kind = kind_of(parameter)
    if value is None and parameter.default is None:
        return
    allowed = (int, float) if kind is float else kind
    wrong_bool = isinstance(value, bool) and kind is not bool
    if not isinstance(value, allowed) or wrong_bool:
        raise ValueError(
            f'{parameter.name} of {name} is {value!r}, no {kind.__name__}'
        )
