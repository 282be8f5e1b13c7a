# SPDX-License-Identifier: Apache-2.0
"""From a flavor to the specification of a partition.

Everything that is wrong with a flavor is found here, before the first
request that changes anything.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from nova.compute import task_states
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.host import facts as host_facts
from nova_powervm.virt.powervm.host import inventory
from nova_powervm.virt.powervm.lpar import guests
from nova_powervm.virt.powervm.lpar import memory as lpar_memory
from nova_powervm.virt.powervm.lpar import netboot
from nova_powervm.virt.powervm.lpar import newer
from nova_powervm.virt.powervm.lpar import policies
from nova_powervm.virt.powervm.lpar import processors
from nova_powervm.virt.powervm.lpar import properties
from nova_powervm.virt.powervm.lpar import specs

LOG = logging.getLogger(__name__)

PREFIX = specs.PREFIX

FlavorError = specs.FlavorError
MemorySpec = lpar_memory.MemorySpec
PoolLookup = processors.PoolLookup

# NovaLink: slots 0 and 1 belong to the virtual consoles; the rest is for
# virtual adapters, and cannot be raised while a partition runs.
MAX_VIRTUAL_SLOTS = 64
DEFAULT_AVAILABILITY_PRIORITY = 127
_REQUEST = f'resources:{inventory.PROC_UNITS}'
_RESTRICTED_IO = 'ibmi_restrictedio_capable'

KEYS = frozenset(
    (
        *processors.SHARED_KEYS,
        *processors.OTHER_KEYS,
        *lpar_memory.KEYS,
        *policies.KEYS,
        *newer.KEYS,
        *netboot.KEYS,
        'availability_priority',
        'enable_lpar_metric',
    )
)


@dataclasses.dataclass(frozen=True)
class LparSpec:
    """All that is needed to create the partition of an instance.

    :ivar remote_restart: None where the host knows no such thing
    :ivar secure_boot: its policy; None where the host knows no such thing
    :ivar restricted_io: IBM i without physical adapters, as migration needs
    :ivar extras: properties that only a newer pypowervm has
    :ivar named: the extra specs that the flavor names, without prefix
    :ivar managed: those that any flavor of the instance names. When a
        partition is updated, an extra spec that the former flavor named and
        this one does not goes back to its default, and what none of them
        names stays as it is.
    """

    uuid: str
    name: str
    instance_uuid: str
    memory: MemorySpec
    processors: processors.Processors
    compat_mode: str = policies.DEFAULT_COMPAT_MODE
    availability_priority: int = DEFAULT_AVAILABILITY_PRIORITY
    metrics: bool = False
    max_slots: int = MAX_VIRTUAL_SLOTS
    env: str = guests.AIX_LINUX
    remote_restart: bool | None = None
    secure_boot: int | None = None
    restricted_io: bool = False
    extras: newer.Values = ()
    named: frozenset[str] = frozenset()
    managed: frozenset[str] = frozenset()

    @classmethod
    def from_flavor(
        cls,
        instance: Any,
        settings: Any,
        system: host_facts.SystemFacts,
        pools: PoolLookup | None = None,
        flavor: Any = None,
    ) -> 'LparSpec':
        """Translate the flavor of an instance for one host.

        :param instance: nova.objects.Instance
        :param settings: settings.HostSettings
        :param system: a reading of the host
        :param pools: gives the ids of the shared processor pools with a
            name; None when the host cannot be asked
        :param flavor: the flavor, when it is another than the instance's
        :raises FlavorError: if the flavor is wrong for every host
        :raises nova.exception.ComputeResourcesUnavailable: if it asks for
            what this host does not have but another may
        """
        flavor = flavor or instance.flavor
        keys = powervm_keys(flavor)
        image = properties.image_properties(instance)
        properties.check(instance, flavor, image)
        env = guests.env_of(image, system)
        _check_guest(keys, image, env)
        # The server had these on a host that is lost.
        lenient = _task_state(instance) == task_states.REBUILD_SPAWNING
        wanted = processors.from_keys(
            flavor.vcpus, keys, settings, system, pools
        )
        _compare_request(flavor, wanted.needed_units)
        policies.check_affinity(keys, system, lenient)
        return cls(
            uuid=identity.lpar_uuid(instance.uuid),
            name=identity.lpar_name(instance.name),
            instance_uuid=instance.uuid,
            memory=lpar_memory.from_keys(
                flavor.memory_mb, keys, settings, system, lenient
            ),
            processors=wanted,
            env=env,
            restricted_io=(
                env == guests.IBMI_ENV
                and _RESTRICTED_IO in system.capabilities
            ),
            named=_named(flavor),
            managed=_managed(instance, image) | _named(flavor),
            **_policies(keys, policies.Wishes(flavor, image), system),
        )


def _policies(
    keys: specs.Specs,
    wishes: policies.Wishes,
    system: host_facts.SystemFacts,
) -> dict[str, Any]:
    """Read what is neither memory nor processors."""
    policies.boot_mode(keys)
    return {
        'compat_mode': policies.compat_mode(keys, system),
        'availability_priority': keys.integer(
            'availability_priority', DEFAULT_AVAILABILITY_PRIORITY, 0, 255
        ),
        'metrics': keys.boolean('enable_lpar_metric', False),
        'remote_restart': policies.remote_restart(keys, system),
        'secure_boot': policies.secure_boot(keys, wishes, system),
        'extras': newer.from_keys(keys),
    }


def powervm_keys(flavor: Any) -> specs.Specs:
    """Give the extra specs of ours of a flavor.

    :param flavor: nova.objects.Flavor
    :raises FlavorError: if there is one that does not exist
    """
    found = _ours(flavor.extra_specs or {})
    for key in sorted(found):
        if key not in KEYS:
            raise FlavorError(
                PREFIX + key,
                found[key],
                'there is no such extra spec; remove it or correct its name',
            )
    return specs.Specs(PREFIX, found)


def boot_mode(instance: Any) -> str | None:
    """Tell how the firmware is to start the partition of an instance.

    :returns: a value of the parameter bootmode; None leaves it to the
        platform
    :raises FlavorError: if the flavor says something else
    """
    return policies.boot_mode(_keys_of(instance))


def netboot_params(instance: Any, network_info: Any) -> netboot.Params | None:
    """Tell how to install the partition of an instance over the network.

    :param network_info: ports of the instance
    :returns: parameters of PowerOn; None when its flavor does not ask for it
    :raises FlavorError: if it cannot be done
    """
    keys = _keys_of(instance)
    return netboot.params(keys, network_info) if netboot.wanted(keys) else None


def _keys_of(instance: Any) -> specs.Specs:
    return specs.Specs(PREFIX, _ours(instance.flavor.extra_specs or {}))


def _ours(extra_specs: Mapping[str, str]) -> dict[str, str]:
    return {
        key.removeprefix(PREFIX): value
        for key, value in extra_specs.items()
        if key.startswith(PREFIX)
    }


def _task_state(instance: Any) -> str | None:
    found: str | None = instance.task_state if 'task_state' in instance else ''
    return found


def _check_guest(keys: specs.Specs, image: Any, env: str) -> None:
    """Refuse what the operating system of an image cannot be given."""
    distro = guests.distro(image)
    if 'ame_factor' in keys and distro not in (None, guests.AIX):
        raise keys.error(
            'ame_factor', f'it is for AIX, but the image says {distro}'
        )
    if env == guests.IBMI_ENV and keys.integer('secure_boot', 0, 0):
        raise keys.error('secure_boot', 'IBM i knows no secure boot; use 0')
    netboot.check(keys, env)


def _named(flavor: Any) -> frozenset[str]:
    """Tell the extra specs of ours that a flavor names.

    Secure boot has a name of Nova's, too.
    """
    extra_specs = flavor.extra_specs or {}
    found = set(_ours(extra_specs))
    if policies.SECURE_BOOT_SPEC in extra_specs:
        found.add('secure_boot')
    return frozenset(found)


def _managed(instance: Any, image: Any) -> frozenset[str]:
    """Tell those that any of the flavors of an instance names.

    While a resize lasts an instance has an old and a new one, too.
    """
    found: set[str] = set()
    if policies.SECURE_BOOT_PROPERTY in image:
        found.add('secure_boot')
    for field in ('flavor', 'old_flavor', 'new_flavor'):
        one = getattr(instance, field) if field in instance else None
        if one is not None:
            found |= _named(one)
    return frozenset(found)


def _compare_request(flavor: Any, units: float) -> None:
    """Say when Placement is asked for other units than the partition gets."""
    asked = (flavor.extra_specs or {}).get(_REQUEST)
    if asked is not None and asked != str(round(units * 100)):
        LOG.warning(
            'Flavor %s asks Placement for %s=%s, but its partitions take %s '
            'hundredths of a processor',
            flavor.name,
            _REQUEST,
            asked,
            round(units * 100),
        )
