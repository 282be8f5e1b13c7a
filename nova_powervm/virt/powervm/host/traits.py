# SPDX-License-Identifier: Apache-2.0
"""What the host can do, as traits of Placement.

Traits of the name space CUSTOM_POWERVM_ are ours; operators should use other
names for theirs.
"""

import re

import os_traits

from nova_powervm.virt.powervm.host import facts as host_facts

PREFIX = 'CUSTOM_POWERVM_'

_CAPABILITIES = {
    'aix_capable': PREFIX + 'AIX',
    'ibmi_capable': PREFIX + 'IBMI',
    'linux_capable': PREFIX + 'LINUX',
    'active_lpar_mobility_capable': PREFIX + 'LIVE_PARTITION_MOBILITY',
    'simplified_remote_restart_capable': PREFIX + 'REMOTE_RESTART',
    'physical_page_table_ratio_capable': PREFIX + 'PPT_RATIO',
    'active_memory_expansion_capable': PREFIX + 'MEMORY_EXPANSION',
    'shared_processor_pool_capable': PREFIX + 'SHARED_PROC_POOLS',
    'partition_secure_boot_capable': PREFIX + 'SECURE_BOOT',
    'affinity_check_capable': PREFIX + 'AFFINITY_CHECK',
    'vnic_capable': PREFIX + 'VNIC',
}
_ARCHITECTURE = ('HW_ARCH_PPC64', 'HW_ARCH_PPC64LE')
_STANDARD_MODES = ('HW_CPU_PPC64LE_POWER8', 'HW_CPU_PPC64LE_POWER9')
_MODE = re.compile(r'power(\d+)', re.IGNORECASE)


def of_host(system: host_facts.SystemFacts) -> frozenset[str]:
    """Name the traits of a host."""
    found = set(_ARCHITECTURE)
    found.update(
        trait
        for name, trait in _CAPABILITIES.items()
        if name in system.capabilities
    )
    for mode in system.compat_modes:
        match = _MODE.match(mode)
        if match:
            found.update(_generation(int(match.group(1))))
    return frozenset(found)


def is_ours(trait: str) -> bool:
    """Tell whether the driver answers for a trait."""
    return trait.startswith(PREFIX) or trait in _ARCHITECTURE + _STANDARD_MODES


def _generation(number: int) -> set[str]:
    """Name the traits for processors of a generation.

    Placement knows no standard ones beyond POWER9.
    """
    standard = f'HW_CPU_PPC64LE_POWER{number}'
    names = {f'{PREFIX}POWER{number}'}
    if standard in _STANDARD_MODES and hasattr(os_traits, standard):
        names.add(standard)
    return names
