# SPDX-License-Identifier: Apache-2.0
"""Dataclasses to plain JSON values and back, for dumps.

Fields marked with :func:`hidden` are left out: references to other objects,
and what is no state of the platform.
"""

import dataclasses
import functools
import types
import typing
from typing import Any


def hidden(**kwargs: Any) -> Any:
    """Return a dataclass field that dumps leave out."""
    return dataclasses.field(
        metadata={'hidden': True}, repr=False, compare=False, **kwargs
    )


def to_plain(value: Any) -> Any:
    """Return a value as dicts, lists, strings, numbers, booleans, None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if not field.metadata.get('hidden')
        }
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    return value


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return {
        field.name: field.type
        for field in dataclasses.fields(cls)
        if not field.metadata.get('hidden')
    }


def from_plain(hint: Any, data: Any) -> Any:
    """Return a value of the type that a hint names.

    :raises ValueError: if the data does not fit
    """
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        if data is None:
            return None
        hint = next(a for a in typing.get_args(hint) if a is not type(None))
        return from_plain(hint, data)
    if origin in (list, tuple) and not isinstance(data, (list, tuple)):
        raise ValueError(f'{data!r} is not a list')
    if origin is dict and not isinstance(data, dict):
        raise ValueError(f'{data!r} is not a mapping')
    if origin is list:
        (item,) = typing.get_args(hint)
        return [from_plain(item, entry) for entry in data]
    if origin is tuple:
        item = typing.get_args(hint)[0]
        return tuple(from_plain(item, entry) for entry in data)
    if origin is dict:
        item = typing.get_args(hint)[1]
        return {key: from_plain(item, val) for key, val in data.items()}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _from_dict(hint, data)
    return _scalar(hint, data)


def _scalar(hint: Any, data: Any) -> Any:
    if typing.get_origin(hint) is typing.Literal:
        fits = data in typing.get_args(hint)
    elif hint is float:
        fits = isinstance(data, (int, float)) and not isinstance(data, bool)
    elif hint is int:
        fits = isinstance(data, int) and not isinstance(data, bool)
    else:
        fits = hint in (Any, object) or isinstance(data, hint)
    if not fits:
        raise ValueError(f'{data!r} does not fit {hint}')
    return data


def _from_dict(cls: type, data: Any) -> Any:
    if not isinstance(data, dict):
        raise ValueError(f'{cls.__name__} expects a mapping')
    hints = _hints(cls)
    unknown = set(data) - set(hints)
    if unknown:
        raise ValueError(f'{cls.__name__} does not know {sorted(unknown)}')
    values = {}
    for name, value in data.items():
        try:
            values[name] = from_plain(hints[name], value)
        except ValueError as exc:
            raise ValueError(f'{cls.__name__}.{name}: {exc}') from None
    try:
        return cls(**values)
    except TypeError as exc:
        raise ValueError(str(exc)) from None
