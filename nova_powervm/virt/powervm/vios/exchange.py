# SPDX-License-Identifier: Apache-2.0
"""Storage that stands in for other storage, at the address of that.

Firmware finds what it boots by slot and logical unit address, and remembers
both. What stands in for a boot disk is booted without anybody's help, and so
is the boot disk once it has its address back.
"""

import concurrent.futures
import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Any

from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import reading
from nova_powervm.virt.powervm.vios import transactions

_LUA = re.compile(r'0x([0-9a-f]{2})0{14}', re.IGNORECASE)
_LAST_LUA = 0xFF


@dataclasses.dataclass(frozen=True)
class Exchange:
    """What takes the place of what, on one VIOS.

    :param usual: what is there otherwise, if there is anything
    :param stand_in: what is there instead, if there is anything
    :param address: the place; None leaves it to the VIOS
    :param aside: the usual storage stays mapped, at another address
    """

    vios_uuid: str
    usual: intents.StorageRef | None
    stand_in: intents.StorageRef | None
    address: slots.Address | None
    aside: bool = False


class Exchanger:
    """Carries out exchanges for one partition, and takes them back.

    Both may be repeated, and begun from a state in the middle. Storage that
    moves is unmapped by one write and mapped by the next.

    :param changes: carries out changes of mappings
    :param lpar: the partition; it must not run
    """

    def __init__(
        self, changes: transactions.Transactions, lpar: lpar_cache.LparRecord
    ) -> None:
        self._changes = changes
        self._lpar = lpar

    def look(self, exchanges: Iterable[Exchange]) -> list[intents.Located]:
        """Read what is mapped by the VIOSes of exchanges.

        One request for each VIOS.

        :raises PlatformError: one of them cannot be read
        """
        found: list[intents.Located] = []
        for uuid in dict.fromkeys(item.vios_uuid for item in exchanges):
            wrapper = self._changes.read(intents.ViosTarget(uuid))
            found.extend(reading.located(wrapper, self._lpar.uuid))
        return found

    def enter(
        self, exchanges: Sequence[Exchange], now: Sequence[intents.Located]
    ) -> None:
        """Let the stand-ins take their places.

        :param now: what is mapped
        :raises PlatformError: some of it could not be done
        """
        wanted = [(e, self._entering(e, now)) for e in exchanges]
        wanted += [(e, self._aside(e, now)) for e in exchanges if e.aside]
        self._run(wanted)

    def leave(
        self, exchanges: Sequence[Exchange], now: Sequence[intents.Located]
    ) -> None:
        """Let what is usual have its place back, and remove the stand-ins.

        :param now: what is mapped
        :raises PlatformError: some of it could not be done
        """
        wanted = [(e, self._making_way(e, now)) for e in exchanges]
        wanted += [(e, self._leaving(e, now)) for e in exchanges]
        self._run(wanted)

    def _run(self, wanted: Iterable[tuple[Exchange, Any]]) -> None:
        waiting = [
            self._changes.submit(intents.ViosTarget(item.vios_uuid), intent)
            for item, intent in wanted
            if intent is not None
        ]
        concurrent.futures.wait(waiting)
        for future in waiting:
            future.result()

    def _entering(
        self, item: Exchange, now: Sequence[intents.Located]
    ) -> Any | None:
        usual = _find(item, item.usual, now)
        if item.stand_in is None:
            at_place = usual is not None and _is_at(usual, item.address)
            return self._removed(item.usual) if at_place else None
        if _find(item, item.stand_in, now) is not None:
            return None
        if usual is None:
            return self._added(item.stand_in, item.address)
        return intents.ReplaceMapping(
            self._lpar.uuid, usual.storage, item.stand_in
        )

    def _aside(
        self, item: Exchange, now: Sequence[intents.Located]
    ) -> Any | None:
        usual = _find(item, item.usual, now)
        if usual is not None and not _is_at(usual, item.address):
            return None
        return self._added(item.usual, _beside(item, now))

    def _making_way(
        self, item: Exchange, now: Sequence[intents.Located]
    ) -> Any | None:
        usual = _find(item, item.usual, now)
        if usual is None or _is_at(usual, item.address):
            return None
        return self._removed(item.usual)

    def _leaving(
        self, item: Exchange, now: Sequence[intents.Located]
    ) -> Any | None:
        usual = _find(item, item.usual, now)
        stand_in = _find(item, item.stand_in, now)
        if item.usual is None or (
            usual is not None and _is_at(usual, item.address)
        ):
            return None if stand_in is None else self._removed(item.stand_in)
        if stand_in is None:
            return self._added(item.usual, item.address)
        return intents.ReplaceMapping(
            self._lpar.uuid, stand_in.storage, item.usual
        )

    def _added(
        self, ref: intents.StorageRef | None, address: slots.Address | None
    ) -> intents.AddMapping | None:
        if ref is None:
            return None
        return intents.AddMapping(
            self._lpar.uuid,
            self._lpar.id,
            ref,
            slot=None if address is None else address.slot,
            lua=None if address is None else address.lua,
        )

    def _removed(
        self, ref: intents.StorageRef | None
    ) -> intents.RemoveMappings | None:
        if ref is None:
            return None
        return intents.RemoveMappings(
            self._lpar.uuid, self._lpar.id, storages=(ref,)
        )


def _find(
    item: Exchange,
    ref: intents.StorageRef | None,
    now: Iterable[intents.Located],
) -> intents.Located | None:
    for found in now:
        if (
            ref is not None
            and found.vios_uuid == item.vios_uuid
            and ref.matches(found.storage)
        ):
            return found
    return None


def _is_at(found: intents.Located, address: slots.Address | None) -> bool:
    """Tell whether storage has an address; any will do if none is known."""
    return address is None or (found.slot, found.lua) == (
        address.slot,
        address.lua,
    )


def _beside(
    item: Exchange, now: Iterable[intents.Located]
) -> slots.Address | None:
    """Choose an address after the place, on the same adapter."""
    if item.address is None or item.address.lua is None:
        return item.address
    used = {item.address.lua.lower()} | {
        found.lua.lower()
        for found in now
        if found.lua
        and (found.vios_uuid, found.slot)
        == (item.vios_uuid, item.address.slot)
    }
    match = _LUA.fullmatch(item.address.lua)
    first = int(match.group(1), 16) + 1 if match else _LAST_LUA + 1
    for number in range(first, _LAST_LUA + 1):
        lua = f'0x{number:02x}00000000000000'
        if lua not in used:
            return slots.Address(item.address.slot, lua)
    return slots.Address(item.address.slot)
