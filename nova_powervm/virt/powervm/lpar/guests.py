# SPDX-License-Identifier: Apache-2.0
"""Operating systems, by the property ``os_distro`` of the image."""

from typing import Any

from nova import exception as nova_exc

from nova_powervm.virt.powervm.host import facts as host_facts

AIX_LINUX, IBMI_ENV = 'AIX/Linux', 'OS400'
PROPERTY = 'os_distro'
AIX, IBMI, LINUX = 'aix', 'ibmi', 'linux'

# What the platform offers for each, and hosts may be without.
_CAPABILITIES = {
    AIX: 'aix_capable',
    IBMI: 'ibmi_capable',
    LINUX: 'linux_capable',
}
# Nova knows the operating systems under names of their own.
_SPELLINGS = {'i5os': IBMI, 'os400': IBMI, 'ibm i': IBMI}


def distro(properties: Any) -> str | None:
    """Name the operating system of an image; None if the image does not.

    :param properties: nova.objects.ImageMetaProps
    :returns: aix, ibmi, or linux for any other one
    """
    named = (properties.get(PROPERTY) or '').strip().lower()
    if not named:
        return None
    found = _SPELLINGS.get(named, named)
    return found if found in (AIX, IBMI) else LINUX


def env_of(properties: Any, system: host_facts.SystemFacts) -> str:
    """Tell the type of the partition that an image needs.

    :raises nova.exception.ComputeResourcesUnavailable: not on this host
    """
    named = distro(properties)
    if named is not None and _CAPABILITIES[named] not in system.capabilities:
        raise nova_exc.ComputeResourcesUnavailable(
            reason=f'the image has {PROPERTY}={properties.get(PROPERTY)}, '
            f'but {system.name} cannot run that'
        )
    return IBMI_ENV if named == IBMI else AIX_LINUX
