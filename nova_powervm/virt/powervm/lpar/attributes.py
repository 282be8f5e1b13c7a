# SPDX-License-Identifier: Apache-2.0
"""What of a partition can be set, and where pypowervm has it."""

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any, Literal

from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import processors

_SHARED = 'proc_config.shared_proc_cfg.'
_DEDICATED = 'proc_config.dedicated_proc_cfg.'


@dataclasses.dataclass(frozen=True)
class Setting:
    """One setting of a partition.

    :ivar what: its name for messages
    :ivar path: dotted path of the property of pypowervm's LPAR wrapper
    :ivar source: dotted path of what a specification wants it to be
    :ivar key: the extra spec that names it
    :ivar live: whether it changes while the partition runs
    :ivar dlpar: what the operating system must be capable of for that
    :ivar limits: paths of its least and its greatest value
    :ivar is_limit: whether it is the least or greatest value of another
    :ivar target: path to set it by, when that is another one
    :ivar value: what is wanted, when there is no source
    """

    what: str
    path: str
    source: str
    key: str
    live: bool = False
    dlpar: Literal['memory', 'processors'] | None = None
    limits: tuple[str, str] | None = None
    is_limit: bool = False
    target: str | None = None
    value: Any = None

    def wanted(self, spec: flavor.LparSpec) -> Any:
        """Tell what a specification wants; None has nothing to say."""
        return get(spec, self.source) if self.source else self.value

    def apply(self, lpar: Any, spec: flavor.LparSpec) -> None:
        """Set it on the wrapper."""
        owner, _, name = (self.target or self.path).rpartition('.')
        setattr(get(lpar, owner), name, self.wanted(spec))


def get(start: Any, path: str) -> Any:
    """Follow a dotted path; an empty one leads nowhere else."""
    names = path.split('.') if path else []
    return functools.reduce(getattr, names, start)


def of(spec: flavor.LparSpec) -> Iterator[Setting]:
    """Yield what a specification has something to say about.

    Sizes always; the rest only if a flavor of the instance names it.
    """
    yield from _MEMORY
    if isinstance(spec.processors, processors.DedicatedProcessors):
        chosen = (*_DEDICATED_SIZES, *_DEDICATED_REST)
    else:
        chosen = (*_SHARED_SIZES, *_SHARED_REST)
    for setting in (*chosen, *_REST):
        if setting.limits or setting.is_limit or setting.key in spec.managed:
            yield setting
    for name, value in spec.extras:
        yield Setting(name, name, '', name, value=value)


def _sizes(
    what: str,
    prefix: str,
    names: tuple[str, str, str],
    sources: tuple[str, str, str],
    keys: tuple[str, str, str],
    dlpar: Literal['memory', 'processors'],
) -> tuple[Setting, ...]:
    """Make the settings of a desired value and of its two ends."""
    desired, low, high = (prefix + name for name in names)
    return (
        Setting(
            what,
            desired,
            sources[0],
            keys[0],
            live=True,
            dlpar=dlpar,
            limits=(low, high),
        ),
        Setting(f'minimum {what}', low, sources[1], keys[1], is_limit=True),
        Setting(f'maximum {what}', high, sources[2], keys[2], is_limit=True),
    )


_MEMORY = _sizes(
    'memory',
    'mem_config.',
    ('desired', 'min', 'max'),
    (
        'memory.desired',
        'memory.minimum',
        'memory.maximum',
    ),
    ('', 'min_mem', 'max_mem'),
    'memory',
)
_VCPUS = (
    'processors.vcpus',
    'processors.min_vcpus',
    'processors.max_vcpus',
)
_VCPU_KEYS = ('', 'min_vcpu', 'max_vcpu')
_DEDICATED_SIZES = _sizes(
    'number of processors',
    _DEDICATED,
    ('desired', 'min', 'max'),
    _VCPUS,
    _VCPU_KEYS,
    'processors',
)
_SHARED_SIZES = (
    *_sizes(
        'number of virtual processors',
        _SHARED,
        ('desired_virtual', 'min_virtual', 'max_virtual'),
        _VCPUS,
        _VCPU_KEYS,
        'processors',
    ),
    *_sizes(
        'processing units',
        _SHARED,
        ('desired_units', 'min_units', 'max_units'),
        (
            'processors.units',
            'processors.min_units',
            'processors.max_units',
        ),
        ('proc_units', 'min_proc_units', 'max_proc_units'),
        'processors',
    ),
)


_SHARED_REST = (
    Setting(
        'sharing mode',
        'proc_config.sharing_mode',
        'processors.sharing_mode',
        'uncapped',
        live=True,
        dlpar='processors',
    ),
    Setting(
        'weight',
        _SHARED + 'uncapped_weight',
        'processors.weight',
        'shared_weight',
        live=True,
        dlpar='processors',
    ),
    Setting(
        'shared processor pool',
        _SHARED + 'pool_id',
        'processors.pool_id',
        'shared_proc_pool_name',
    ),
)
_DEDICATED_REST = (
    Setting(
        'sharing mode',
        'proc_config.sharing_mode',
        'processors.sharing_mode',
        'dedicated_sharing_mode',
        live=True,
        dlpar='processors',
    ),
)
_REST = (
    Setting(
        'memory expansion',
        'mem_config.exp_factor',
        'memory.expansion',
        'ame_factor',
    ),
    Setting(
        'remote restart',
        'srr_enabled',
        'remote_restart',
        'srr_capability',
    ),
    Setting(
        'secure boot policy',
        'pending_secure_boot',
        'secure_boot',
        'secure_boot',
    ),
    Setting(
        'page table ratio',
        'mem_config.ppt_ratio',
        'memory.ppt_ratio',
        'ppt_ratio',
    ),
    Setting(
        'processor compatibility mode',
        'pending_proc_compat_mode',
        'compat_mode',
        'processor_compatibility',
        target='proc_compat_mode',
    ),
    Setting(
        'availability priority',
        'avail_priority',
        'availability_priority',
        'availability_priority',
        live=True,
    ),
    Setting(
        'collection of performance data',
        'allow_perf_data_collection',
        'metrics',
        'enable_lpar_metric',
        live=True,
    ),
)
