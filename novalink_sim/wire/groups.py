# SPDX-License-Identifier: Apache-2.0
"""Extended attribute groups: the ``group`` parameter of a request."""

from novalink_sim import errors
from novalink_sim.wire import fields

KNOWN = frozenset(
    {
        'All',
        'None',
        'Advanced',
        'EnergyManagement',
        'Hypervisor',
        'NVRAM',
        'SystemNetwork',
        'TierThreshold',
        'ViosFCMapping',
        'ViosNetwork',
        'ViosSCSIMapping',
        'ViosStorage',
        'VNIC',
    }
)


def parse_groups(text: str | None) -> fields.Groups:
    """Return the groups that a query asks for.

    Without the parameter the platform answers with everything.

    :raises BadRequest: for a group that does not exist
    """
    if text is None or not text:
        return fields.ALL_GROUPS
    names = frozenset(text.split(','))
    unknown = names - KNOWN
    if unknown:
        raise errors.BadRequest(
            f'Unknown extended attribute group: {sorted(unknown)[0]}'
        )
    return names - {'None'}


def selected(group: str | None, groups: fields.Groups) -> bool:
    """Say whether an element of ``group`` belongs to the representation."""
    return group is None or group in groups or 'All' in groups
