# SPDX-License-Identifier: Apache-2.0
"""Replies of real systems, recorded by the makers of pypowervm."""

import pathlib
from typing import Any
from unittest import mock

import pypowervm
from pypowervm import adapter as pvm_adapter

_DATA = pathlib.Path(pypowervm.__file__).parent / 'tests' / 'data'


def adapter() -> Any:
    """An adapter by which elements can be built, but nothing asked."""
    made = mock.Mock(spec=pvm_adapter.Adapter)
    made.build_href.side_effect = lambda kind, root_id=None, **_kwargs: (
        f'http://h:1/rest/api/uom/{kind}/{root_id}'
    )
    return made


def load(name: str) -> Any:
    """Read a reply; pypowervm's Response, to be wrapped."""
    text = (_DATA / name).read_text()
    body = text.split('BODY{', 1)[1].split('END OF SECTION', 1)[0]
    reply = pvm_adapter.Response(
        'GET', '/rest/api/uom/X', 200, 'OK', {}, body=body.strip()
    )
    reply.adapter = adapter()
    reply._unmarshal_atom()
    return reply
