# SPDX-License-Identifier: Apache-2.0
"""A storage area network: arrays, their volumes, and who may see them.

It belongs to no system: the VIOSes of all systems of a simulator reach the
same arrays. A volume is seen through a LUN: a number that a target port of an
array shows to one initiator (masking). Ports are in a fabric; with zones, an
initiator reaches the target ports that share a zone with it.

What a VIOS makes of a LUN, and when, is up to the VIOS: see :mod:`.hdisks`.

Lock order: a system's lock, those of its pools, then :attr:`San.lock`.
Whoever holds it takes no other lock. All methods take it by themselves.
"""

import base64
import dataclasses
import threading
from collections.abc import Iterable
from pathlib import Path

from novalink_sim.model import extents
from novalink_sim.model import ids
from novalink_sim.model import iscsi
from novalink_sim.model.records import hidden

#: Of the identifiers that a VIOS derives for volumes of these arrays.
VENDOR = 'IBM'
PRODUCT = '2145'
#: First digits of NAA 6 identifiers: the format and the IEEE id of IBM.
_NAA_PREFIX = '600507680'
_NAA_DIGITS = 32


def normalize(wwpn: str) -> str:
    """Return a WWPN as ports have it: 16 upper-case digits, no colons.

    :raises ValueError: if it is none
    """
    digits = wwpn.replace(':', '').upper()
    if len(digits) != 16 or set(digits) - set('0123456789ABCDEF'):
        raise ValueError(f'{wwpn!r} is no WWPN')
    return digits


@dataclasses.dataclass
class SanVolume:
    """A volume of an array. ``size`` is in bytes.

    :ivar name: what the array calls it, e.g. by the id of a Cinder volume
    :ivar naa: the NAA identifier of SCSI page 83; no two volumes ever have
        the same
    :ivar identified: whether a VIOS can derive a unique device id
    """

    name: str
    size: int
    naa: str
    array: str
    vendor: str = VENDOR
    product: str = PRODUCT
    identified: bool = True
    san: 'San' = hidden(default=None)

    @property
    def file(self) -> Path:
        """The file with the bytes of the volume."""
        return self.san.directory / self.naa

    @property
    def udid(self) -> str:
        """NovaLink: 01 and, in base64, what the device tells of itself."""
        text = f'3{self.vendor}{self.product}124{self.naa}'
        return f'01{base64.b64encode(text.encode()).decode()}'

    @property
    def page83(self) -> str:
        """The NAA identifier in base64, as NovaLink shows it."""
        return base64.b64encode(self.naa.encode()).decode()

    def unique_id(self, transport: str = 'fcp') -> str:
        """Return the AIX unique_id of the disk that it becomes."""
        product = f'{len(self.product):02d}{self.product}'
        vendor = f'{len(self.vendor):02d}{self.vendor}'
        return f'33213{self.naa}{product}{vendor}{transport}'


@dataclasses.dataclass
class TargetPort:
    """A fibre channel port of an array."""

    wwpn: str
    fabric: str


@dataclasses.dataclass
class DiskArray:
    """A disk array."""

    name: str
    vendor: str = VENDOR
    product: str = PRODUCT
    ports: list[TargetPort] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Lun:
    """A volume under a number, for one initiator at one target port.

    ``volume`` is the NAA identifier.
    """

    initiator: str
    target: str
    number: int
    volume: str


@dataclasses.dataclass
class Zone:
    """WWPNs, initiators and targets, that reach each other."""

    name: str
    members: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Cut:
    """A path that is broken; without a target all of the initiator's."""

    initiator: str
    target: str | None = None


@dataclasses.dataclass
class San:
    """All arrays and fabrics of a simulator.

    :ivar seed: all identifiers follow from it
    :ivar zones: without any, every initiator reaches every target port of
        its fabric
    :ivar targets: those of iSCSI
    """

    seed: str = 'san'
    arrays: list[DiskArray] = dataclasses.field(default_factory=list)
    volumes: list[SanVolume] = dataclasses.field(default_factory=list)
    luns: list[Lun] = dataclasses.field(default_factory=list)
    zones: list[Zone] = dataclasses.field(default_factory=list)
    cuts: list[Cut] = dataclasses.field(default_factory=list)
    targets: list[iscsi.Target] = dataclasses.field(default_factory=list)
    directory: Path = hidden(default=Path())
    lock: threading.RLock = hidden(default_factory=threading.RLock)
    _count: int = hidden(default=0)

    # Volumes

    def volume(self, name: str) -> SanVolume:
        """Return a volume by name.

        :raises ValueError: if there is none
        """
        with self.lock:
            for volume in self.volumes:
                if volume.name == name:
                    return volume
        raise ValueError(f'there is no volume {name!r} on the SAN')

    def find(self, naa: str | None) -> SanVolume | None:
        """Return a volume by its NAA identifier."""
        with self.lock:
            return next((v for v in self.volumes if v.naa == naa), None)

    def create(
        self, name: str, size: int, array: str | None = None
    ) -> SanVolume:
        """Make a volume that holds zeros.

        :param size: bytes
        :param array: name of its array, default the first one
        :raises ValueError: if the name is taken, or there is no such array
        """
        with self.lock:
            if any(volume.name == name for volume in self.volumes):
                raise ValueError(f'there is a volume {name!r} on the SAN')
            owner = self.array(array)
            volume = SanVolume(
                name,
                size,
                self._next_naa(owner.name),
                owner.name,
                owner.vendor,
                owner.product,
                san=self,
            )
            extents.create(volume.file, size, dirty=False)
            self.volumes.append(volume)
        return volume

    def array(self, name: str | None = None) -> DiskArray:
        """Return an array, the first one without a name.

        :raises ValueError: if there is none
        """
        for array in self.arrays:
            if name in (None, array.name):
                return array
        raise ValueError(f'there is no array {name or ""}')

    def _next_naa(self, array: str) -> str:
        used = {volume.naa for volume in self.volumes}
        digits = _NAA_DIGITS - len(_NAA_PREFIX)
        while True:
            self._count += 1
            number = ids.make_hex(digits, self.seed, array, self._count)
            naa = f'{_NAA_PREFIX}{number.upper()}'
            if naa not in used:
                return naa

    def delete(self, name: str) -> None:
        """Delete a volume and all its LUNs, whoever uses it.

        :raises ValueError: if there is none
        """
        with self.lock:
            volume = self.volume(name)
            self.volumes.remove(volume)
            self.luns[:] = [n for n in self.luns if n.volume != volume.naa]
            for target in self.targets:
                target.exchange(volume.naa, None)
            extents.remove(volume.file)

    def resize(self, name: str, size: int) -> None:
        """Give a volume another size in bytes.

        :raises ValueError: if there is none
        """
        with self.lock:
            volume = self.volume(name)
            extents.resize(volume.file, size, dirty=False)
            volume.size = size

    # LUNs

    def mask(
        self,
        name: str,
        initiators: Iterable[str],
        number: int | None = None,
        targets: Iterable[str] | None = None,
    ) -> int:
        """Show a volume to initiators; return the number of the LUN.

        :param number: default: that under which an initiator sees it already,
            or the lowest one that is free for all of them
        :param targets: default: all ports of the array
        :raises ValueError: for a number that stands for another volume
        """
        seers = [normalize(wwpn) for wwpn in initiators]
        with self.lock:
            volume = self.volume(name)
            array = self.array(volume.array)
            ports = [normalize(wwpn) for wwpn in targets or ()]
            ports = ports or [port.wwpn for port in array.ports]
            if number is None:
                number = self._number_for(volume, seers)
            for seer in seers:
                for port in ports:
                    self._show(Lun(seer, port, number, volume.naa))
        return number

    def _number_for(self, volume: SanVolume, seers: list[str]) -> int:
        mine = [n for n in self.luns if n.initiator in seers]
        for lun in mine:
            if lun.volume == volume.naa:
                return lun.number
        return ids.lowest_free({lun.number for lun in mine}, 0)

    def _show(self, wanted: Lun) -> None:
        for lun in self.luns:
            if (lun.initiator, lun.target, lun.number) == (
                wanted.initiator,
                wanted.target,
                wanted.number,
            ):
                if lun.volume != wanted.volume:
                    raise ValueError(
                        f'LUN {lun.number} of {lun.initiator} at '
                        f'{lun.target} is another volume'
                    )
                return
        self.luns.append(wanted)

    def unmask(
        self, name: str, initiators: Iterable[str] | None = None
    ) -> None:
        """Hide a volume from initiators, by default from all.

        :raises ValueError: if there is no such volume
        """
        with self.lock:
            naa = self.volume(name).naa
            seers = None
            if initiators is not None:
                seers = {normalize(wwpn) for wwpn in initiators}
            self.luns[:] = [
                lun
                for lun in self.luns
                if lun.volume != naa
                or (seers is not None and lun.initiator not in seers)
            ]

    def reuse(self, old: str, new: str) -> None:
        """Let every LUN of one volume stand for another one from now on.

        :raises ValueError: if there are no such volumes
        """
        with self.lock:
            before, after = self.volume(old).naa, self.volume(new).naa
            for lun in self.luns:
                if lun.volume == before:
                    lun.volume = after
            for target in self.targets:
                target.exchange(before, after)

    def luns_of(self, name: str) -> list[Lun]:
        """Return the LUNs of a volume.

        :raises ValueError: if there is no such volume
        """
        with self.lock:
            naa = self.volume(name).naa
            return [lun for lun in self.luns if lun.volume == naa]

    # Paths

    def cut(self, initiator: str, target: str | None = None) -> None:
        """Break the path to a target port, or all of an initiator."""
        broken = Cut(
            normalize(initiator),
            target if target is None else normalize(target),
        )
        with self.lock:
            if broken not in self.cuts:
                self.cuts.append(broken)

    def heal(self, initiator: str | None = None) -> None:
        """Repair all paths, or those of an initiator."""
        whose = initiator if initiator is None else normalize(initiator)
        with self.lock:
            self.cuts[:] = [
                cut
                for cut in self.cuts
                if whose is not None and cut.initiator != whose
            ]

    def reaches(self, initiator: str, fabric: str | None, target: str) -> bool:
        """Whether an initiator that is logged in to a fabric sees a target.

        :param fabric: None if it is logged in nowhere
        """
        with self.lock:
            ports = [port for array in self.arrays for port in array.ports]
            if fabric is None or not any(
                port.wwpn == target and port.fabric == fabric for port in ports
            ):
                return False
            broken = (Cut(initiator), Cut(initiator, target))
            if any(cut in broken for cut in self.cuts):
                return False
            pair = {initiator, target}
            return not self.zones or any(
                pair <= set(zone.members) for zone in self.zones
            )

    def at(
        self, initiator: str, fabric: str | None, target: str, number: int
    ) -> SanVolume | None:
        """Return the volume behind a number, None if nothing is there."""
        with self.lock:
            for lun in self.visible(initiator, fabric):
                if lun.target == target and lun.number == number:
                    return self.find(lun.volume)
        return None

    def visible(self, initiator: str, fabric: str | None) -> list[Lun]:
        """Return the LUNs that an initiator in a fabric sees now."""
        with self.lock:
            return [
                lun
                for lun in self.luns
                if lun.initiator == initiator
                and self.reaches(initiator, fabric, lun.target)
            ]
