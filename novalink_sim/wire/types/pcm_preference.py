# SPDX-License-Identifier: Apache-2.0
"""ManagedSystemPcmPreference."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Link
from novalink_sim.wire.fields import PCM
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.types import refs
from novalink_sim.wire.types.common import mtms

PCM_PREFERENCE = TypeDecl(
    'ManagedSystemPcmPreference',
    PCM,
    Leaf('SystemName', 'name', kb='ROR'),
    mtms('MachineTypeModelSerialNumber', kb='ROR'),
    Leaf('LongTermMonitorEnabled', 'preferences.long_term', 'bool', kb='UOD'),
    Leaf('AggregationEnabled', 'preferences.aggregation', 'bool', kb='UOD'),
    Leaf(
        'ShortTermMonitorEnabled', 'preferences.short_term', 'bool', kb='UOD'
    ),
    Leaf(
        'ComputeLTMEnabled',
        'preferences.compute_long_term',
        'bool',
        kb='UOD',
        ksv='V1_1_0',
    ),
    Link('AssociatedManagedSystem', refs.system, kb='ROO'),
    schema_version='V1_2_0',
)
