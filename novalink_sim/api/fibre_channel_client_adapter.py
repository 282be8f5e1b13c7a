# SPDX-License-Identifier: Apache-2.0
"""VirtualFibreChannelClientAdapter, below LPARs.

They come and go with the mappings of a VIOS.
"""

from collections.abc import Sequence
from typing import Any

from novalink_sim.http.resource import Resource
from novalink_sim.model import npiv
from novalink_sim.wire.types.fibre_channel_mapping import (
    FIBRE_CHANNEL_CLIENT_ADAPTER,
)


class FibreChannelClientAdapterResource(Resource):
    """Virtual fibre channel adapters of an LPAR."""

    name = 'VirtualFibreChannelClientAdapter'
    decl = FIBRE_CHANNEL_CLIENT_ADAPTER
    parents = ('LogicalPartition',)

    def list(self, system: Any, parent: Any) -> Sequence[npiv.ClientSide]:
        return npiv.adapters_of(system, parent.uuid)

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)
