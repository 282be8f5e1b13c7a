# SPDX-License-Identifier: Apache-2.0
"""Virtual fibre channel ports of partitions: what is wanted, what is there.

The other half of :mod:`intents`: ports need no storage of a VIOS, so that they
have intents of their own.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

from pypowervm import util as pvm_util

Pair = tuple[str, str]
"""WWPNs of a virtual port, in upper case; the first one is in use."""


@dataclasses.dataclass(frozen=True)
class AddVfc:
    """Give a partition a virtual port; gives a VfcResult.

    A port with those WWPNs that the partition has keeps the physical port
    that it is behind, and gets one if it is behind none.

    :param lpar_uuid: the partition
    :param lpar_id: its number on the host
    :param wwpns: of the port; the platform has no other one with them
    :param physical: WWPN of the physical port of the VIOS
    :param slot: slot of the partition's adapter; None leaves it to the VIOS
    :param new_lpar: the partition was made just now, so ports of another one
        with its number are left-overs, and removed first
    :param kept: the partition had the port before, so that taking this back
        is not to take the port away
    """

    lpar_uuid: str
    lpar_id: int
    wwpns: Pair
    physical: str
    slot: int | None = None
    new_lpar: bool = False
    kept: bool = False


@dataclasses.dataclass(frozen=True)
class RemoveVfc:
    """Take virtual ports from a partition; gives a VfcResult for each.

    :param lpar_uuid: the partition
    :param lpar_id: its number on the host while it exists, else None; ports
        that lost their client are told by it
    :param pairs: WWPNs of the ports; None for all of the partition's
    """

    lpar_uuid: str
    lpar_id: int | None = None
    pairs: tuple[Pair, ...] | None = None


@dataclasses.dataclass(frozen=True)
class ListVfc:
    """Tell which virtual ports a partition has; gives a VfcResult for each.

    :param lpar_uuid: the partition
    """

    lpar_uuid: str


@dataclasses.dataclass(frozen=True)
class VfcResult:
    """A virtual port of a partition.

    :param wwpns: as the platform has them; the first one is in use
    :param physical: WWPN of the physical port that it is behind; None if it
        is behind none
    :param slot: slot of the partition's adapter; None if it had lost it
    :param vios_uuid: the VIOS that serves it
    :param added: whether the port was made by this intent; False means that
        it was there before
    :param lua: ports have no such address
    """

    wwpns: Pair
    physical: str | None
    slot: int | None
    vios_uuid: str
    added: bool = True
    lua: str | None = None


@dataclasses.dataclass(frozen=True)
class Freed:
    """WWPNs that a write takes from a partition; see ``Plan.freed``."""

    wwpns: Pair
    kind: str = 'vfc'
    """Never that of storage."""


VfcIntent = AddVfc | RemoveVfc | ListVfc


def pair_of(mapping: Any) -> Pair | None:
    """Tell the WWPNs of a mapping; None if it lost its client.

    :param mapping: pypowervm's wrapper
    """
    client = mapping.client_adapter
    names = client.wwpns if client is not None else []
    return (names[0], names[1]) if len(names) == 2 else None


def same(one: Pair | None, other: Pair | None) -> bool:
    """Compare WWPNs; which of them is in use does not matter."""
    return one is not None and other is not None and set(one) == set(other)


def client_of(mapping: Any) -> str | None:
    """Tell the uuid of the partition that a mapping is for.

    :param mapping: pypowervm's wrapper
    """
    href = mapping.client_lpar_href
    uuid = pvm_util.get_req_path_uuid(href) if href else None
    return uuid.upper() if uuid else None


def find(vios: Any, wwpns: Pair) -> Any | None:
    """Find the mapping with a pair of WWPNs; pypowervm's wrapper.

    :param vios: pypowervm's wrapper, with the fibre channel mappings
    """
    for mapping in vios.vfc_mappings:
        if same(pair_of(mapping), wwpns):
            return mapping
    return None


def result_of(vios: Any, mapping: Any, *, added: bool) -> VfcResult:
    """Describe a mapping that has its client.

    :param vios: pypowervm's wrapper
    :param mapping: pypowervm's wrapper
    """
    port, client = mapping.backing_port, mapping.client_adapter
    return VfcResult(
        wwpns=pair_of(mapping) or ('', ''),
        physical=port.wwpn.upper() if port is not None and port.wwpn else None,
        slot=client.lpar_slot_num if client is not None else None,
        vios_uuid=vios.uuid.upper(),
        added=added,
    )


def located(vios: Any, lpar_uuid: str) -> Iterator[VfcResult]:
    """Yield the virtual ports that a partition has from a VIOS.

    :param vios: pypowervm's wrapper, with the fibre channel mappings
    """
    for mapping in vios.vfc_mappings:
        if client_of(mapping) == lpar_uuid.upper():
            yield result_of(vios, mapping, added=False)


def name_of_port(vios: Any, wwpn: str) -> str | None:
    """Tell the name of a physical port of a VIOS; None if it has not got it.

    :param vios: pypowervm's wrapper
    :param wwpn: in upper case
    """
    for port in vios.pfc_ports:
        if port.wwpn and port.wwpn.upper() == wwpn:
            name: str = port.name
            return name
    return None
