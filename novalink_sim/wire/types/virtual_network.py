# SPDX-License-Identifier: Apache-2.0
"""VirtualNetwork."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Link
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import UOM
from novalink_sim.wire.types import refs

VIRTUAL_NETWORK = TypeDecl(
    'VirtualNetwork',
    UOM,
    Link('AssociatedSwitch', refs.network_switch, kb='COD'),
    Leaf('NetworkName', 'name'),
    Leaf('NetworkVLANID', 'vlan', 'int', kb='COD'),
    Leaf('VswitchID', 'switch_id', 'int', kb='ROR'),
    Leaf('TaggedNetwork', 'tagged', 'bool', kb='COD'),
    schema_version='V1_8_0',
)
