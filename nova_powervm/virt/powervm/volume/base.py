# SPDX-License-Identifier: Apache-2.0
"""What every kind of volume offers to the flows.

A connector brings the volumes of one kind to the Virtual I/O Servers. What it
does, in the order of an attach:

- ``check`` refuses what cannot be attached, before anything is changed;
- ``discover`` lets each VIOS that works find the volume, all of them at the
  same time, and gives one ``Found`` for each that did;
- ``mapping`` makes of each the intent that gives it to the partition. The
  flow submits all of them together, so that each VIOS is written once however
  many volumes there are, and gets ``least`` of them or fails;
- ``rediscover`` is asked once when a VIOS turned out to have another volume
  at the address (errors.WrongVolume);
- ``release`` takes ``discover`` back after a failure.

``detach`` has two steps: it submits what is to be removed and returns what
waits for that and then lets the VIOSes forget the volume. So the volumes of an
instance that goes cost one write for each VIOS, too. ``leave`` is the same for
what an instance has for all of them, and goes with its partition.

Most kinds of volumes are mapped as storage: see ``mapped.MappedVolume``, whose
subclasses are left with how one VIOS finds, forgets and measures a volume.

A connector keeps no state of an operation, and every verb can be repeated.
"""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from nova import objects

from nova_powervm.virt.powervm import settings as powervm_settings
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.host import facts
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import journal as powervm_journal
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.vios import transactions

MIB = 1024**2


def slot_name(volume_id: str) -> str:
    """Name a volume in the slot map."""
    return f'volume:{volume_id}'


class VolumeRefused(errors.PlatformError):
    """A volume that no host can attach; the text is for the user."""


class VolumeNotHere(errors.PlatformError):
    """A volume that this host cannot attach; another one may."""


class VolumeLost(errors.PlatformError):
    """Too few Virtual I/O Servers can reach a volume; the text says why."""


@dataclasses.dataclass(frozen=True)
class Volume:
    """A volume, as Cinder and Nova describe it.

    :param id: Cinder's id
    :param kind: how it is reached (``driver_volume_type``)
    :param data: how to find it; may hold secrets, so it is never shown
    :param size_bytes: None if it is not known
    :param udid: unique device id that it had when it was attached
    :param via: name of the connector that attached it
    :param boot: whether the instance boots from it
    :param shared: whether other instances may have it (multiattach)
    :param limits: how much of it the instance may do in a second
    """

    id: str
    kind: str
    data: Mapping[str, Any] = dataclasses.field(
        repr=False, compare=False, hash=False
    )
    size_bytes: int | None = None
    udid: str | None = None
    via: str | None = None
    boot: bool = False
    shared: bool = False
    limits: intents.Limits = intents.NO_LIMITS

    @property
    def slot_name(self) -> str:
        """Its name in the slot map."""
        return slot_name(self.id)


def check_grown(volume: Volume, seen: int | None, wanted: int) -> None:
    """See that a VIOS sees a volume as large as it is to be now.

    :param seen: its bytes on a VIOS, which tells whole MiB; None if unknown
    :param wanted: bytes that Nova told
    :raises VolumeLost: it is smaller there
    """
    if seen is not None and seen <= wanted - MIB:
        raise VolumeLost(
            f'volume {volume.id} is to have {wanted // MIB} MiB, but the '
            f'Virtual I/O Server sees {seen // MIB} MiB; see whether storage '
            'has extended it'
        )


@dataclasses.dataclass(frozen=True)
class Found:
    """A volume as one VIOS reaches it.

    :param storage: what to map; None if nothing is mapped by name, as with
        NPIV, where the connector has a class of its own
    """

    volume: Volume
    vios_uuid: str
    storage: intents.StorageRef | None = None

    @property
    def name(self) -> str:
        """Its name in the slot map; one mapping for each name and VIOS."""
        return self.volume.slot_name


Detaching = Callable[[], None]
"""Waits until a volume is detached.

Raises errors.PlatformError if a VIOS still has it mapped. What a VIOS only
could not forget is logged: the volume is detached all the same.
"""


@dataclasses.dataclass(frozen=True)
class Places:
    """Where a partition has a volume.

    :param mapped: uuids of the VIOSes that map it
    :param unread: of those that should work but could not be asked
    :param broken: of those with a path that leads nowhere (any more), which
        attaching it mends; they may map it by another one
    """

    mapped: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()


Looking = Callable[[], Places]
"""Waits until it is known which VIOSes map a volume; never fails."""


@dataclasses.dataclass(frozen=True)
class Collaborators:
    """What connectors work with."""

    settings: powervm_settings.HostSettings
    client: session.Client
    transactions: transactions.Transactions
    vios: inventory.ViosInventory
    system: facts.SystemReader
    journal: powervm_journal.Journal
    cache: lpar_cache.LparCache


class VolumeConnector(abc.ABC):
    """Connects the volumes of some kinds.

    :param parts: what it works with
    """

    kinds: ClassVar[tuple[str, ...]]
    """Values of ``driver_volume_type`` that it serves."""
    shares: ClassVar[bool] = False
    """Whether several instances may have one volume (multiattach)."""
    limits_io: ClassVar[bool] = False
    """Whether the platform can limit reads and writes of its volumes."""

    def __init__(self, parts: Collaborators) -> None:
        self.parts = parts

    def properties(
        self, instance: objects.Instance | None
    ) -> Mapping[str, Any]:
        """Tell Cinder what it has to know of this host or instance.

        :param instance: the instance that a volume is for
        :returns: its part of Nova's connector; nothing is changed for it but
            what a volume of this kind needs before Cinder can export it
        :raises errors.PlatformError: the platform cannot be asked
        """
        return {}

    def check(self, volume: Volume) -> None:
        """See that a volume can be attached; makes no request.

        :raises VolumeRefused: it never can
        :raises VolumeNotHere: it cannot as this host is configured
        """
        return None

    @abc.abstractmethod
    def discover(
        self, instance: objects.Instance, volume: Volume
    ) -> Sequence[Found]:
        """Let each VIOS that works find the volume.

        :returns: at least ``least`` of them
        :raises VolumeLost: too few can reach it; the text has a reason for
            each VIOS. Nothing is left then.
        """

    def least(self, volume: Volume) -> int:
        """Tell how many mappings it takes at least."""
        return 1

    def mapping(
        self, lpar: lpar_cache.LparRecord, found: Found, *, new_lpar: bool
    ) -> intents.AddIntent:
        """Make the intent that gives a volume to a partition.

        :param new_lpar: the partition is new, so what is mapped to its
            number is of an earlier one
        """
        if found.storage is None:
            raise NotImplementedError(f'{type(self).__name__} maps nothing')
        storage = found.storage
        if self.limits_io:
            limits = found.volume.limits
            storage = dataclasses.replace(storage, limits=limits)
        return intents.AddMapping(
            lpar.uuid,
            lpar.id,
            storage,
            new_lpar=new_lpar,
            identity=self.identity(found),
        )

    def identity(self, found: Found) -> intents.Identity | None:
        """Tell what a VIOS has to have at the address.

        :returns: None if there is nothing to compare
        """
        return None

    def rediscover(
        self, instance: objects.Instance, found: Found
    ) -> Found | None:
        """Let a VIOS look anew which volume is at an address.

        :returns: None if it still is another one, or the VIOS may not forget
            what it has
        """
        return None

    def release(
        self, instance: objects.Instance, found: Sequence[Found]
    ) -> None:
        """Take back what ``discover`` did; what a partition has stays.

        What fails is logged.
        """
        return None

    @abc.abstractmethod
    def detach(
        self,
        instance: objects.Instance,
        volume: Volume,
        lpar_uuid: str,
        lpar_id: int | None,
    ) -> Detaching:
        """Begin to take a volume away from a partition.

        It is no error if the partition does not have it. What cannot be told
        to a VIOS that is down is told later, by ``collect``.

        :param lpar_uuid: the partition, which need not exist
        :param lpar_id: its number on the host while it exists
        :returns: what waits for the end
        :raises errors.PlatformError: the volume cannot be looked for
        """

    def look(self, volume: Volume, lpar_uuid: str) -> Looking:
        """Begin to look which VIOSes give a volume to a partition.

        Of those that work; nothing is changed. Without an answer of its own
        a connector is asked to attach the volume once more.

        :returns: what waits for the answer
        """
        return Places

    def refs(self, volume: Volume) -> Sequence[intents.StorageRef]:
        """Tell as what a volume may be mapped, by its name or mark.

        :returns: nothing if only its unique device id tells
        """
        return ()

    def leave(
        self, instance: objects.Instance, lpar_uuid: str, lpar_id: int | None
    ) -> Detaching:
        """Begin to take away what an instance has for all its volumes.

        Its partition goes. It is no error if there is nothing.

        :param lpar_uuid: the partition, which need not exist
        :param lpar_id: its number on the host while it exists
        :returns: what waits for the end
        """
        return lambda: None

    def attached(self, instance: objects.Instance) -> None:
        """Note at an instance that it has a volume; saves nothing."""
        return None

    def left(
        self, instance: objects.Instance, found: Found, lpar_uuid: str
    ) -> None:
        """Note what a VIOS may still map after an attach that failed.

        It could not take the mapping back; ``collect`` does that.

        :raises errors.PlatformError: it cannot be noted
        """
        return None

    def settled(
        self, instance: objects.Instance, found: Sequence[Found]
    ) -> None:
        """Note that an instance has a volume, and that it says so.

        This comes last: an attach that fails before is taken back, or done
        once more.

        :param found: the volume, where it has been mapped just now; other
            VIOSes may still map what it was before
        """
        return None

    def collect(self, instance: objects.Instance | None = None) -> None:
        """Do what could not be done while a VIOS was down.

        :param instance: only for this one, on which whoever asks works; all
            others else
        """
        return None

    def extend(
        self, instance: objects.Instance, volume: Volume, size_bytes: int
    ) -> None:
        """Let a partition see that a volume has grown.

        :param size_bytes: its new size
        :raises errors.PlatformError: no VIOS could, or sees that size
        """
        return None

    def vioses_changed(self) -> None:
        """Note that what is known of the VIOSes may be wrong."""
        return None

    def close(self) -> None:
        """End what runs in the background."""
        return None
