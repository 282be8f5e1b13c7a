# SPDX-License-Identifier: Apache-2.0
"""ManagedSystem: exactly one."""

from collections.abc import Sequence
from typing import Any, ClassVar

from novalink_sim.http.resource import Resource
from novalink_sim.model.system import ManagedSystem
from novalink_sim.wire.types.managed_system import MANAGED_SYSTEM


class ManagedSystemResource(Resource):
    """The system that NovaLink manages: its own."""

    name = 'ManagedSystem'
    decl = MANAGED_SYSTEM
    quick: ClassVar[dict[str, Any]] = {
        'State': lambda system: system.state,
        'SystemName': lambda system: system.name,
    }

    def list(self, system: Any, parent: Any) -> Sequence[ManagedSystem]:
        return [system]

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)
