# SPDX-License-Identifier: Apache-2.0
"""Looking which VIOSes map a volume, with as few requests as possible.

What is asked for several volumes at the same time shares one request for each
VIOS. One that cannot be asked is no reason not to start a server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import fibre
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import transactions
from nova_powervm.virt.powervm.volume import base

LOG = logging.getLogger(__name__)


def of_volume(
    parts: base.Collaborators, volume: base.Volume, lpar_uuid: str
) -> base.Looking:
    """Begin to look for a physical volume on all VIOSes that work.

    :param parts: what connectors work with
    :param lpar_uuid: the partition that is to have it
    """
    intent = intents.LookAtVolume(volume.udid, volume.id)

    def has(view: intents.VolumeView) -> bool:
        return lpar_uuid.upper() in view.users

    return _asked(_everywhere(parts, intent), has)


def of_ports(parts: base.Collaborators, lpar_uuid: str) -> base.Looking:
    """Begin to look which VIOSes give a partition virtual ports that work.

    A port is broken that has nothing behind it (any more).

    :param parts: what connectors work with
    :param lpar_uuid: the partition, whose volumes are behind all its ports
    """

    def has(ports: Sequence[fibre.VfcResult]) -> bool:
        return any(port.physical is not None for port in ports)

    def breaks(ports: Sequence[fibre.VfcResult]) -> bool:
        return any(port.physical is None for port in ports)

    return _asked(_everywhere(parts, fibre.ListVfc(lpar_uuid)), has, breaks)


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

    def has(mapped: Sequence[intents.StorageRef]) -> bool:
        return any(ref.matches(item) for ref in refs for item in mapped)

    return _asked({vios_uuid: future}, has)


def _everywhere(
    parts: base.Collaborators, intent: intents.Intent
) -> dict[str, transactions.Future]:
    return {
        vios.uuid: parts.transactions.submit(
            intents.ViosTarget(vios.uuid), intent
        )
        for vios in parts.vios.active()
    }


def _asked(
    futures: Mapping[str, transactions.Future],
    has: Callable[[Any], bool],
    breaks: Callable[[Any], bool] = lambda _answer: False,
) -> base.Looking:
    """Make what waits for the answers of VIOSes.

    :param has: tells whether an answer means that the volume is there
    :param breaks: tells whether one means that a path to it is broken
    """

    def finish() -> base.Places:
        mapped, unread, broken = set(), set(), set()
        for uuid, future in futures.items():
            try:
                answer = future.result()
            except errors.PlatformError as exc:
                LOG.warning('VIOS %s cannot be asked: %s', uuid, exc)
                unread.add(uuid)
                continue
            if has(answer):
                mapped.add(uuid)
            if breaks(answer):
                broken.add(uuid)
        return base.Places(
            frozenset(mapped), frozenset(unread), frozenset(broken)
        )

    return finish
