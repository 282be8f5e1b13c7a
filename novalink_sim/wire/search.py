# SPDX-License-Identifier: Apache-2.0
"""Search expressions: ``(Property=='value')`` and ``!=``."""

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any

from novalink_sim import errors

_EXPRESSION = re.compile(r"^\((\w+)(==|!=)'(.*)'\)$", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Search:
    """A parsed expression."""

    prop: str
    value: str
    equal: bool = True

    def matches(
        self, obj: Any, props: Mapping[str, Callable[[Any], object]]
    ) -> bool:
        """Say whether an object fits."""
        return (str(props[self.prop](obj)) == self.value) is self.equal


def parse_search(
    text: str, props: Mapping[str, Callable[[Any], object]]
) -> Search:
    """Parse an expression (already unquoted).

    :raises BadRequest: for bad grammar
    :raises NotSimulated: for a property without search
    """
    found = _EXPRESSION.match(text)
    if found is None:
        raise errors.BadRequest(f'Invalid search expression: {text}')
    prop, operator, value = found.groups()
    if prop not in props:
        raise errors.NotSimulated(f'Search by {prop} is not simulated.')
    return Search(prop, value, operator == '==')
