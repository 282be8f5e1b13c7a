# SPDX-License-Identifier: Apache-2.0
"""LogicalUnit, as an object below its tier."""

from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import UOM
from novalink_sim.wire.types.storage import unit_fields

LOGICAL_UNIT = TypeDecl(
    'LogicalUnit', UOM, *unit_fields(), schema_version='V1_3_0'
)
