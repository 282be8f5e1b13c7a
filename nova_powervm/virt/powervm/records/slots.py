# SPDX-License-Identifier: Apache-2.0
"""The slot map: at which addresses a partition has its devices.

Firmware and operating systems know disks and adapters by slot and logical
unit address. Who gives a partition its devices back, on this host or on
another one, looks here for the addresses that they had. The map describes
the usual set of devices: that of a rescue goes by the mappings themselves.

It is kept in the system metadata of the instance: both hosts of a migration
have those, they are saved with the instance, and no other service has to be
asked. It is JSON, in as many values as it takes.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Self

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.records import sysmeta

LOG = logging.getLogger(__name__)

VERSION = 1
KEY = 'powervm_slots_'
"""Begin of the keys in the system metadata; a number follows."""
CONFIG_DRIVE = 'config'
"""Name of the config drive in the map; disks go by their DiskKey."""
INSTALL_MEDIA = 'iso'
"""Name of the media that an image of type ISO was put on."""

_LUA = re.compile(r'0x([0-9a-f]{16})')


class Unreadable(Exception):
    """There is a map, but it cannot be understood."""


@dataclasses.dataclass(frozen=True)
class Address:
    """Where a partition has storage.

    :param slot: of the partition's adapter
    :param lua: logical unit address; None if it is not known
    """

    slot: int
    lua: str | None = None


@dataclasses.dataclass(frozen=True)
class Entry:
    """One mapping of storage.

    :param name: which storage: a DiskKey as text, or one of those above
    :param vios_uuid: the VIOS that maps it
    """

    name: str
    vios_uuid: str
    address: Address


@dataclasses.dataclass(frozen=True)
class SlotMap:
    """The addresses of a partition's devices.

    :param storage: in the order in which it was mapped
    :param adapters: slots of network adapters, by MAC as Nova writes it
    """

    storage: tuple[Entry, ...] = ()
    adapters: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def addresses(
        self, name: str, vios_uuids: Sequence[str]
    ) -> dict[str, Address]:
        """Tell where VIOSes are to map storage.

        On another host the places of the VIOSes of the map are taken by those
        of that host, in their order.

        :param name: which storage
        :param vios_uuids: the VIOSes that are going to map it
        :returns: by VIOS; those of which nothing is known are missing
        """
        known = {
            e.vios_uuid: e.address for e in self.storage if e.name == name
        }
        new = [uuid for uuid in vios_uuids if uuid not in known]
        old = self._without_place(known, vios_uuids, len(new))
        found = {u: known[u] for u in vios_uuids if u in known}
        for successor, uuid in zip(new, old, strict=False):
            if uuid in known:
                found[successor] = known[uuid]
        return found

    def _without_place(
        self, known: Iterable[str], here: Sequence[str], count: int
    ) -> list[str]:
        """List VIOSes to be succeeded: all, if that comes out even.

        If so, two disks of which one was not mapped by all of them get their
        VIOSes in the same way.
        """
        every = dict.fromkeys(e.vios_uuid for e in self.storage)
        gone = [uuid for uuid in every if uuid not in here]
        if len(gone) == count:
            return gone
        return [uuid for uuid in known if uuid not in here]

    def with_storage(self, entries: Iterable[Entry]) -> Self:
        """Return a map in which storage has these addresses as well."""
        wanted = {(e.name, e.vios_uuid): e for e in self.storage}
        wanted.update({(e.name, e.vios_uuid): e for e in entries})
        return dataclasses.replace(self, storage=tuple(wanted.values()))

    def without_storage(self, *names: str) -> Self:
        """Return a map without some storage."""
        kept = tuple(e for e in self.storage if e.name not in names)
        return dataclasses.replace(self, storage=kept)

    def with_adapters(self, slots: Mapping[str, int]) -> Self:
        """Return a map with more adapters; slots by MAC."""
        return dataclasses.replace(self, adapters={**self.adapters, **slots})

    def without_adapters(self, macs: Iterable[str]) -> Self:
        """Return a map without some adapters."""
        gone = set(macs)
        return dataclasses.replace(
            self,
            adapters={m: s for m, s in self.adapters.items() if m not in gone},
        )


def to_text(slot_map: SlotMap) -> str:
    """Write a map down."""
    vioses = list(dict.fromkeys(e.vios_uuid for e in slot_map.storage))
    storage = [
        [e.name, vioses.index(e.vios_uuid), e.address.slot]
        + ([] if e.address.lua is None else [_short(e.address.lua)])
        for e in slot_map.storage
    ]
    record = {
        'v': VERSION,
        'vios': vioses,
        'storage': storage,
        'nics': dict(slot_map.adapters),
    }
    return json.dumps(record, separators=(',', ':'))


def from_text(text: str) -> SlotMap:
    """Read a map.

    :raises Unreadable: it is broken, or of a version that is not known
    """
    try:
        record = json.loads(text)
        if record['v'] != VERSION:
            raise Unreadable(
                f'version {record["v"]} is not known, only {VERSION} is'
            )
        vioses = [str(uuid) for uuid in record['vios']]
        return SlotMap(
            tuple(_entry(vioses, *item) for item in record['storage']),
            {str(mac): int(slot) for mac, slot in record['nics'].items()},
        )
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as exc:
        raise Unreadable(f'{type(exc).__name__}: {exc}') from exc


def _entry(
    vioses: list[str], name: str, vios: int, slot: int, lua: str | None = None
) -> Entry:
    return Entry(
        str(name), vioses[vios], Address(int(slot), lua and _long(lua))
    )


def _short(lua: str) -> str:
    """NovaLink: an address ends with many zeros: 0x8100000000000000."""
    match = _LUA.fullmatch(lua)
    return match.group(1).rstrip('0') if match else lua


def _long(text: str) -> str:
    return text if text.startswith('0x') else f'0x{text:0<16}'


def load(instance: objects.Instance) -> SlotMap | None:
    """Read the map of an instance.

    :returns: None when it has none
    :raises Unreadable: it has one that cannot be understood
    """
    text = sysmeta.load(instance, KEY)
    return None if text is None else from_text(text)


def known(instance: objects.Instance) -> SlotMap:
    """Read the map of an instance, or else an empty one.

    No map, or an unreadable one, is no reason to fail: it is the platform
    then that chooses the addresses.
    """
    try:
        found = load(instance)
    except Unreadable as exc:
        LOG.warning(
            'The slot map cannot be read, devices may get other addresses: %s',
            exc,
            instance=instance,
        )
        return SlotMap()
    if found is None:
        LOG.info('There is no slot map', instance=instance)
    return found or SlotMap()


def update(
    instance: objects.Instance, change: Callable[[SlotMap], SlotMap]
) -> bool:
    """Change the map of an instance; saves nothing.

    One that cannot be read stays: whoever wrote it can read it.

    :param change: makes the new map of the old one
    :returns: whether the system metadata changed
    """
    with sysmeta.changing(instance):
        try:
            found = load(instance)
        except Unreadable as exc:
            LOG.warning(
                'The slot map cannot be read and is left as it is: %s',
                exc,
                instance=instance,
            )
            return False
        return store(instance, change(found or SlotMap()))


def store(instance: objects.Instance, slot_map: SlotMap) -> bool:
    """Put a map into the system metadata of an instance; saves nothing.

    :returns: whether that changed anything
    """
    return sysmeta.store(instance, KEY, to_text(slot_map))
