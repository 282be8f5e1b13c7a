# SPDX-License-Identifier: Apache-2.0
"""Policies of a partition that hosts must be capable of."""

from typing import Any

from nova import exception as nova_exc
from oslo_log import log as logging

from nova_powervm.virt.powervm.host import facts as host_facts
from nova_powervm.virt.powervm.lpar import netboot
from nova_powervm.virt.powervm.lpar import specs

LOG = logging.getLogger(__name__)

KEYS = (
    'processor_compatibility',
    'srr_capability',
    'secure_boot',
    'enforce_affinity_check',
    'boot_mode',
)
DEFAULT_COMPAT_MODE = 'default'

# PowerVM: 0 is off, 1 only logs what is not signed, from 2 up it is refused;
# what is above 2 is for the firmware and the operating system to define.
SECURE_BOOT_OFF, SECURE_BOOT_ENFORCED, SECURE_BOOT_MOST = 0, 2, 9
SECURE_BOOT_SPEC = 'os:secure_boot'
SECURE_BOOT_PROPERTY = 'os_secure_boot'
_REQUIRED, _OPTIONAL, _DISABLED = 'required', 'optional', 'disabled'

# NovaLink: values of the parameter bootmode of PowerOn.
BOOT_MODES = ('norm', 'sms', 'dd', 'ds', 'of')
_MODES = (*BOOT_MODES, netboot.MODE)


def compat_mode(keys: specs.Specs, system: host_facts.SystemFacts) -> str:
    """Read the processor compatibility mode, as the host spells it.

    :raises FlavorError: if it is none
    :raises nova.exception.ComputeResourcesUnavailable: not on this host
    """
    asked = keys.matching(
        'processor_compatibility',
        DEFAULT_COMPAT_MODE,
        r'default|power\d+(\+|_[a-z]+)*',
        'default, or a mode such as POWER9 or POWER8+',
    )
    wanted = asked.replace('+', '_Plus').lower()
    modes = {mode.lower(): mode for mode in system.compat_modes}
    modes[DEFAULT_COMPAT_MODE] = DEFAULT_COMPAT_MODE
    if wanted not in modes:
        raise nova_exc.ComputeResourcesUnavailable(
            reason=f'the flavor sets {specs.PREFIX}processor_compatibility='
            f'{asked}, but {system.name} offers only '
            f'{", ".join(sorted(modes.values()))}'
        )
    return modes[wanted]


def remote_restart(
    keys: specs.Specs, system: host_facts.SystemFacts
) -> bool | None:
    """Read whether the partition can be restarted on another host.

    It can unless the flavor says no, where the host is capable of it.

    :returns: None when the host knows no remote restart
    :raises FlavorError: if the value makes no sense
    :raises nova.exception.ComputeResourcesUnavailable: not on this host
    """
    wanted = keys.boolean('srr_capability', True)
    if 'simplified_remote_restart_capable' in system.capabilities:
        return wanted
    if wanted and 'srr_capability' in keys:
        raise _incapable('srr_capability=true', system, 'remote restart')
    return None


def check_affinity(
    keys: specs.Specs, system: host_facts.SystemFacts, lenient: bool
) -> None:
    """See that the host can compare affinity scores, if that is asked for.

    :param lenient: do without, where the host before could
    :raises FlavorError: if the value makes no sense
    :raises nova.exception.ComputeResourcesUnavailable: not on this host
    """
    if not keys.boolean('enforce_affinity_check', False):
        return
    if 'affinity_check_capable' in system.capabilities:
        return
    if not lenient:
        raise _incapable(
            'enforce_affinity_check=true', system, 'affinity checks'
        )
    LOG.info(
        '%s knows no affinity checks; %senforce_affinity_check is left out',
        system.name,
        specs.PREFIX,
    )


def secure_boot(
    keys: specs.Specs,
    wishes: 'Wishes',
    system: host_facts.SystemFacts,
) -> int | None:
    """Read the secure boot policy of flavor and image.

    The extra spec of ours is the most exact one; it must not contradict the
    others.

    :returns: 0 to 9; None when the host knows no secure boot
    :raises FlavorError: if they contradict each other
    :raises nova.exception.ComputeResourcesUnavailable: not on this host
    """
    wish = wishes.policy
    level = SECURE_BOOT_ENFORCED if wish == _REQUIRED else SECURE_BOOT_OFF
    able = 'partition_secure_boot_capable' in system.capabilities
    if wish == _OPTIONAL and able:
        level = SECURE_BOOT_ENFORCED
    if 'secure_boot' in keys:
        level = keys.integer('secure_boot', 0, 0, SECURE_BOOT_MOST)
        _check_agreement(keys, level, wish)
    if able:
        return level
    if level:
        raise nova_exc.ComputeResourcesUnavailable(
            reason=f'secure boot is asked for, but {system.name} is not '
            f'capable of it'
        )
    return None


def _check_agreement(keys: specs.Specs, level: int, wish: str | None) -> None:
    weak = level < SECURE_BOOT_ENFORCED
    if (wish == _REQUIRED and weak) or (wish == _DISABLED and level):
        raise keys.error(
            'secure_boot',
            f'{SECURE_BOOT_SPEC} of the flavor or {SECURE_BOOT_PROPERTY} of '
            f'the image says {wish}; change one of them',
        )


class Wishes:
    """What flavor and image say of secure boot in Nova's own words.

    :ivar policy: required, optional or disabled; None if they say nothing
    """

    def __init__(self, flavor: Any, properties: Any) -> None:
        """Compare the two.

        :param flavor: nova.objects.Flavor
        :param properties: nova.objects.ImageMetaProps
        :raises FlavorError: if they differ, or say something else
        """
        extra_specs = flavor.extra_specs or {}
        by_flavor = extra_specs.get(SECURE_BOOT_SPEC)
        by_image = properties.get(SECURE_BOOT_PROPERTY)
        if by_flavor is not None and by_flavor not in (_REQUIRED, _DISABLED):
            raise specs.FlavorError(
                SECURE_BOOT_SPEC,
                by_flavor,
                f'use {_REQUIRED} or {_DISABLED}',
            )
        if by_flavor and by_image not in (None, _OPTIONAL, by_flavor):
            raise specs.FlavorError(
                SECURE_BOOT_SPEC,
                by_flavor,
                f'the image says {SECURE_BOOT_PROPERTY}={by_image}; change '
                f'one of them',
            )
        self.policy: str | None = by_flavor or by_image


def boot_mode(keys: specs.Specs) -> str | None:
    """Read how the firmware starts the partition.

    A network installation is for the build alone; later starts are normal.

    :returns: a value of the parameter bootmode; None leaves it to the
        platform
    :raises FlavorError: if it is none
    """
    mode = keys.choice(netboot.MODE_KEY, None, _MODES)
    return None if mode == netboot.MODE else mode


def _incapable(
    wish: str, system: host_facts.SystemFacts, what: str
) -> nova_exc.NovaException:
    return nova_exc.ComputeResourcesUnavailable(
        reason=f'the flavor sets {specs.PREFIX}{wish}, but {system.name} is '
        f'not capable of {what}'
    )
