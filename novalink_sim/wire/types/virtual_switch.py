# SPDX-License-Identifier: Apache-2.0
"""VirtualSwitch."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Links
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import UOM
from novalink_sim.wire.types import refs

VIRTUAL_SWITCH = TypeDecl(
    'VirtualSwitch',
    UOM,
    Leaf('SwitchID', 'id', 'int', kb='ROR'),
    Leaf('SwitchMode', 'mode', kb='CUD'),
    Leaf('SwitchName', 'name', kb='CUD'),
    Links('VirtualNetworks', refs.switch_networks),
    schema_version='V1_8_0',
)
