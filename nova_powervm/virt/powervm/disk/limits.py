# SPDX-License-Identifier: Apache-2.0
"""How much of its disks and volumes an instance may do in a second.

NovaLink: storage in a volume group and physical volumes have a limit of reads
and one of writes (StorageQoS, from schema 1.7.0); other storage has none, and
there is none for bytes or for both together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nova import exception as nova_exc
from nova import objects

from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.lpar import specs
from nova_powervm.virt.powervm.vios import intents

READS, WRITES = 'read_iops_sec', 'write_iops_sec'
PREFIX = 'quota:disk_'


def of_flavor(flavor: objects.Flavor) -> intents.Limits:
    """Read the limits of the disks of a flavor.

    A value that was refused since, but not when the server was built, is none.
    """
    values = _specs(flavor)
    return intents.Limits(
        number(values.get(PREFIX + READS)), number(values.get(PREFIX + WRITES))
    )


def number(value: Any) -> int | None:
    """Read a limit; None if that is no number from 1 up."""
    text = str(value).strip()
    found = int(text) if text.isascii() and text.isdecimal() else 0
    return found or None


def check(flavor: objects.Flavor, adapter: base.DiskAdapter) -> None:
    """See that the disks of a host can have the limits of a flavor.

    :raises specs.FlavorError: one of them is no limit
    :raises nova.exception.ComputeResourcesUnavailable: not on this host
    """
    asked = _asked(flavor)
    for key, value in asked.items():
        if number(value) is None:
            raise specs.FlavorError(key, value, 'use a whole number from 1 up')
    if asked and not adapter.limits_io:
        text = ', '.join(f'{key}={value}' for key, value in asked.items())
        raise nova_exc.ComputeResourcesUnavailable(
            reason=f'the flavor sets {text}, but PowerVM cannot limit '
            f'disks of the kind {adapter.name}; use a flavor without it, or '
            'hosts with disk_driver localdisk'
        )


def _asked(flavor: objects.Flavor) -> Mapping[str, str]:
    values = _specs(flavor)
    return {
        PREFIX + key: values[PREFIX + key]
        for key in (READS, WRITES)
        if PREFIX + key in values
    }


def _specs(flavor: objects.Flavor) -> Mapping[str, str]:
    known = 'extra_specs' in flavor and flavor.extra_specs
    return known or {}
