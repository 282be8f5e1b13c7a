# SPDX-License-Identifier: Apache-2.0
"""Quick properties: single values as JSON."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from novalink_sim import errors


def render_quick(
    obj: Any, props: Mapping[str, Callable[[Any], object]], name: str | None
) -> bytes:
    """Return one property as a JSON scalar, or all as an object.

    :raises NotFound: for a property that the type does not have
    """
    if name is None or name == 'All':
        return json.dumps(
            {key: get(obj) for key, get in props.items()}
        ).encode()
    if name not in props:
        raise errors.NotFound(f'Quick property {name} was not found.')
    return json.dumps(props[name](obj)).encode()
