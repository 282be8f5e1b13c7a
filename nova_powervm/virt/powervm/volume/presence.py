# SPDX-License-Identifier: Apache-2.0
"""Looking which VIOSes map a volume, with as few requests as possible."""

from __future__ import annotations

from collections.abc import Sequence

from nova_powervm.virt.powervm.vios import fibre
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base


def of_volume(
    parts: base.Collaborators, volume: base.Volume, lpar_uuid: str
) -> base.Looking:
    """Begin to look for a physical volume on all VIOSes that work.

    Those of several volumes that are looked for at the same time share one
    request for each VIOS.

    :param parts: what connectors work with
    :param lpar_uuid: the partition that is to have it
    """
    intent = intents.LookAtVolume(volume.udid, volume.id)
    futures = [
        parts.transactions.submit(intents.ViosTarget(vios.uuid), intent)
        for vios in parts.vios.active()
    ]

    def finish() -> frozenset[str]:
        views: Sequence[intents.VolumeView] = [f.result() for f in futures]
        return frozenset(
            view.vios_uuid for view in views if lpar_uuid.upper() in view.users
        )

    return finish


def of_ports(parts: base.Collaborators, lpar_uuid: str) -> base.Looking:
    """Begin to look which VIOSes give a partition virtual ports.

    None does while a port has nothing behind it (any more): whoever attaches
    the volumes then mends it.

    :param parts: what connectors work with
    :param lpar_uuid: the partition, whose volumes are behind all its ports
    """
    futures = [
        parts.transactions.submit(
            intents.ViosTarget(vios.uuid), fibre.ListVfc(lpar_uuid)
        )
        for vios in parts.vios.active()
    ]

    def finish() -> frozenset[str]:
        ports: list[fibre.VfcResult] = []
        for future in futures:
            ports += future.result()
        if any(port.physical is None for port in ports):
            return frozenset()
        return frozenset(port.vios_uuid for port in ports)

    return finish


def of_storage(
    parts: base.Collaborators,
    vios_uuid: str,
    refs: Sequence[intents.StorageRef],
    lpar_uuid: str,
) -> base.Looking:
    """Begin to look for what one VIOS knows by name or mark.

    :param parts: what connectors work with
    :param refs: what the volume may be mapped as
    :param lpar_uuid: the partition that is to have it
    """
    target = intents.ViosTarget(vios_uuid)
    future = parts.transactions.submit(target, intents.ListMapped(lpar_uuid))

    def finish() -> frozenset[str]:
        mapped: Sequence[intents.StorageRef] = future.result()
        there = any(ref.matches(item) for ref in refs for item in mapped)
        return frozenset({vios_uuid} if there else ())

    return finish
