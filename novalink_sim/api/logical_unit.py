# SPDX-License-Identifier: Apache-2.0
"""LogicalUnit, below its tier."""

from collections.abc import Sequence
from typing import Any

from novalink_sim.api.hrefs import required
from novalink_sim.http.resource import Resource
from novalink_sim.model import units
from novalink_sim.model.pool import LogicalUnit
from novalink_sim.wire.document import Document
from novalink_sim.wire.fields import Groups
from novalink_sim.wire.types.logical_unit import LOGICAL_UNIT


def read_unit(doc: Document) -> units.UnitRequest:
    """Return a logical unit that a client names."""
    return units.UnitRequest(
        name=doc.get('UnitName') or '',
        capacity=required(doc, 'UnitCapacity'),
        udid=doc.get('UniqueDeviceID') or None,
        type=doc.get('LogicalUnitType') or None,
        thin=doc.get('ThinDevice'),
        cloned_from=doc.get('ClonedFrom') or None,
        tag=doc.get('Tag') or None,
    )


class LogicalUnitResource(Resource):
    """Logical units of a tier."""

    name = 'LogicalUnit'
    decl = LOGICAL_UNIT
    parents = ('Tier',)

    def list(self, system: Any, parent: Any) -> Sequence[LogicalUnit]:
        found: Sequence[LogicalUnit] = parent.units
        return found

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)

    def create(self, system: Any, parent: Any, doc: Document) -> LogicalUnit:
        """Make a unit, maybe as a linked clone."""
        return units.create(parent, read_unit(doc), system)

    def update(
        self, system: Any, obj: Any, doc: Document, groups: Groups
    ) -> LogicalUnit:
        """Rename a unit."""
        unit: LogicalUnit = obj
        units.update(unit, read_unit(doc), system.switches)
        return unit

    def delete(self, system: Any, obj: Any) -> None:
        """Delete a unit."""
        units.delete(obj)
