# SPDX-License-Identifier: Apache-2.0
"""Parts that several types have."""

from novalink_sim.wire.fields import Attr
from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Node


def mtms(name: str, attr: Attr = 'mtms') -> Node:
    """Declare machine type, model and serial number."""
    return Node(
        name,
        Leaf('MachineType', 'machine_type'),
        Leaf('Model', 'model'),
        Leaf('SerialNumber', 'serial'),
        attr=attr,
        kb='ROR',
    )


MTMS = mtms('MachineTypeModelAndSerialNumber')
