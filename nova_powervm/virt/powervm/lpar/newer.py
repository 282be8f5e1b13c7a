# SPDX-License-Identifier: Apache-2.0
"""Settings that only newer releases of pypowervm know.

Releases newer than the one on the package index come with NovaLink. What the
installed one knows of these is used, the rest is refused.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

from nova import exception as nova_exc
from pypowervm.wrappers import logical_partition

from nova_powervm.virt.powervm.lpar import specs


@dataclasses.dataclass(frozen=True)
class NewerSetting:
    """One such setting.

    :ivar key: the extra spec, without prefix
    :ivar name: of the property of pypowervm's LPAR wrapper
    :ivar what: in words
    :ivar read: reads the value of the extra spec
    """

    key: str
    name: str
    what: str
    read: Callable[[specs.Specs, str], Any]


def _number(low: int, high: int | None) -> Callable[[specs.Specs, str], Any]:
    return lambda keys, key: keys.integer(key, low, low, high)


SETTINGS = (
    NewerSetting(
        'min_affinity_score',
        'min_affinity_score',
        'least affinity score',
        _number(0, 100),
    ),
    NewerSetting(
        'keystore_kbytes',
        'keystore_kbytes',
        'size of the keystore',
        _number(0, 64),
    ),
    NewerSetting(
        'kvm_capable',
        'kvm_capable',
        'KVM inside of the partition',
        lambda keys, key: keys.boolean(key, False),
    ),
    NewerSetting(
        'virtual_serial_number',
        'virtual_serial_number',
        'virtual serial number',
        lambda keys, key: keys.matching(
            key, '', r'[0-9a-z]{7}', 'seven letters and digits'
        ),
    ),
)
KEYS = tuple(setting.key for setting in SETTINGS)

Values = tuple[tuple[str, Any], ...]


def known(name: str) -> bool:
    """Tell whether the installed pypowervm can set a property."""
    found = getattr(logical_partition.LPAR, name, None)
    return isinstance(found, property) and found.fset is not None


def from_keys(keys: specs.Specs) -> Values:
    """Read those that a flavor names.

    :returns: names of properties with their values
    :raises FlavorError: if a value makes no sense
    :raises nova.exception.ComputeResourcesUnavailable: if the pypowervm of
        this host is too old
    """
    found = []
    for setting in SETTINGS:
        if setting.key not in keys:
            continue
        value = setting.read(keys, setting.key)
        if not known(setting.name):
            raise nova_exc.ComputeResourcesUnavailable(
                reason=f'the flavor sets {specs.PREFIX}{setting.key}='
                f'{value} ({setting.what}), which needs a newer pypowervm '
                f'than this host has'
            )
        found.append((setting.name, value))
    return tuple(found)
