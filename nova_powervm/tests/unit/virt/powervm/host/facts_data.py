# SPDX-License-Identifier: Apache-2.0
"""A host for tests that need no platform."""

import dataclasses

from nova_powervm.virt.powervm.host import facts

HOST = facts.SystemFacts(
    uuid='c889bf0d-9996-33ac-84c5-d16727083a77',
    name='Server-8247',
    machine_type='8247-22L',
    serial='2125D0A',
    region_mb=256,
    memory_configurable_mb=262144,
    memory_free_mb=200000,
    memory_firmware_mb=6144,
    procs_configurable=20.0,
    procs_free=17.5,
    min_units_per_vcpu=0.05,
    max_vcpus=64,
    max_procs=20,
    compat_modes=('default', 'POWER8', 'POWER9_Base', 'POWER9', 'POWER8_Plus'),
    capabilities=frozenset(
        ('aix_capable', 'linux_capable', 'physical_page_table_ratio_capable')
    ),
)

ABLE = dataclasses.replace(
    HOST,
    capabilities=HOST.capabilities
    | {
        'active_memory_expansion_capable',
        'affinity_check_capable',
        'ibmi_capable',
        'ibmi_restrictedio_capable',
        'partition_secure_boot_capable',
        'simplified_remote_restart_capable',
    },
)
"""A host that can do everything."""
