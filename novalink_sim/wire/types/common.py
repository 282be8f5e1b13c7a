# SPDX-License-Identifier: Apache-2.0
"""Parts that several types have."""

from novalink_sim.wire.fields import Attr
from novalink_sim.wire.fields import Field
from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Node
from novalink_sim.wire.types import refs


def mtms(
    name: str, attr: Attr = 'mtms', kb: str = 'CUR', outer: str = 'ROR'
) -> Node:
    """Declare machine type, model and serial number."""
    return Node(
        name,
        Leaf('MachineType', 'machine_type', kb=kb),
        Leaf('Model', 'model', kb=kb),
        Leaf('SerialNumber', 'serial', kb=kb),
        attr=attr,
        kb=outer,
    )


def hidden(name: str, *children: Field) -> Node:
    """Declare an element that other platforms have: we never show it."""
    return Node(name, *children, attr=refs.nothing, optional=True, kb='CUD')


MTMS = mtms('MachineTypeModelAndSerialNumber')
