# SPDX-License-Identifier: Apache-2.0
"""Lets ``tox -e pep8 HEAD~1`` mean ``tox -e pep8 -- HEAD~1``.

tox 4 wants the two dashes; what OpenStack's developers type has none.
"""

from typing import Any

from tox import plugin


@plugin.impl
def tox_add_option(parser: Any) -> None:
    """Take words without an option, where no command is named."""
    parser.handlers['legacy'][0].add_argument(
        'words', nargs='*', help='passed on to the commands, as after --'
    )


@plugin.impl
def tox_add_core_config(core_conf: Any, state: Any) -> None:
    """Pass the words on."""
    words = getattr(state.conf.options, 'words', None)
    if words:
        state.conf._pos_args = (*words, *(state.conf.pos_args(None) or ()))
