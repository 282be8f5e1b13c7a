# SPDX-License-Identifier: Apache-2.0
"""The versions of what the driver works with."""

import importlib.metadata
import re
from typing import Any

from oslo_log import log as logging
from packaging import version as packaging_version

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import session

LOG = logging.getLogger(__name__)

MINIMUM = {'pypowervm': '1.1.27', 'nova': '34.0.0.0rc1'}
"""The oldest distributions that the driver works with."""
MINIMUM_SCHEMA = (1, 0, 0)
"""The oldest schema of the REST API: V1_0 is the first that NovaLink has."""


def check(client: session.Client, system: Any) -> None:
    """Log what the driver works with; refuse what is too old.

    :param system: pypowervm's wrapper of the managed system
    :raises errors.NotReady: something is too old; says what
    """
    installed = {name: _check(name) for name in MINIMUM}
    schema = client.session.schema_version
    check_schema(schema)
    LOG.info(
        'Machine type and model %s-%s, serial %s; REST API schema %s; %s',
        system.mtms.machine_type,
        system.mtms.model,
        system.mtms.serial,
        schema,
        ', '.join(f'{name} {found}' for name, found in installed.items()),
    )


def _check(name: str) -> str:
    found = importlib.metadata.version(name)
    check_version(name, found)
    return found


def check_version(name: str, found: str) -> None:
    """Refuse a distribution that is too old.

    :raises errors.NotReady: it is
    """
    oldest = packaging_version.Version(MINIMUM[name])
    # A build between two releases is as good as the one before it.
    if packaging_version.Version(found) < oldest:
        raise errors.NotReady(
            f'{name} {found} is too old: the PowerVM driver needs {name} '
            f'{MINIMUM[name]} or newer. Upgrade it and restart nova-compute.'
        )


def check_schema(found: str | None) -> None:
    """Refuse a REST API whose schema is too old.

    :param found: the logon's answer, e.g. V1_8_0
    :raises errors.NotReady: it is too old, or no version at all
    """
    match = re.fullmatch(r'V(\d+)_(\d+)(?:_(\d+))?', found or '')
    numbers = tuple(int(n or 0) for n in match.groups()) if match else ()
    if numbers < MINIMUM_SCHEMA:
        raise errors.NotReady(
            f'The PowerVM REST API has schema {found or "(none)"}, the '
            'driver needs V1_0 or newer. Upgrade NovaLink.'
        )
