# SPDX-License-Identifier: Apache-2.0
"""What a VIOS makes of the LUNs that its fibre channel ports see.

A LUN becomes an hdisk when the VIOS is told to look for it. From then on the
VIOS takes the path for that hdisk, with the identity and size that it had,
until the hdisk is removed: see the switch ``stale_hdisk``.
"""

import dataclasses
import enum
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import san
from novalink_sim.model.storage import DiskPath
from novalink_sim.model.storage import PhysicalVolume

if TYPE_CHECKING:
    from novalink_sim.model.vios import VirtualIOServer

MIB = 1024 * 1024
#: A vendor that stands for any.
ANY_VENDOR = 'OTHER'


class Status(enum.IntEnum):
    """NovaLink: how the search for a LUN came out."""

    IN_USE = 1
    NOT_RELIABLE = 2
    AVAILABLE = 3
    STORAGE_NOT_OF_INTEREST = 4
    LUN_NOT_OF_INTEREST = 5
    INCORRECT_ITL = 6
    UNKNOWN_UDID = 7
    SOME_ITL_WRONG = 8


@dataclasses.dataclass(frozen=True)
class Search:
    """A LUN that a VIOS shall look for.

    :ivar paths: where it is, all of them the same LUN
    :ivar vendor: of the array, or ``OTHER``
    :ivar page83: NAA identifier that it must have, if any
    :ivar reliable: whether the client says that all paths work
    """

    paths: tuple[DiskPath, ...]
    vendor: str = ANY_VENDOR
    page83: str | None = None
    reliable: bool = False


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a search came to; the message is for people."""

    status: Status
    volume: PhysicalVolume | None = None
    message: str = ''


def search(vios: 'VirtualIOServer', ask: Search) -> Outcome:
    """Look for a LUN, and make an hdisk of it if there is none yet.

    :raises ServerError: the VIOS does not work
    """
    vios.check_usable()
    return _Search(vios, ask).run()


class _Search:
    """One search on one VIOS."""

    def __init__(self, vios: 'VirtualIOServer', ask: Search) -> None:
        self.vios = vios
        self.ask = ask
        ends = [(path, vios.volume_at(path)) for path in ask.paths]
        self.good = {path: end for path, end in ends if end is not None}
        self.wrong = len(ask.paths) - len(self.good)

    def run(self) -> Outcome:
        if not self.good:
            return Outcome(
                Status.INCORRECT_ITL, None, 'No path leads to a device.'
            )
        switches = self.vios.system.switches
        known = self._known()
        if known is not None and switches.stale_hdisk == 'kept':
            return self._found(known)
        ends = {end.naa: end for end in self.good.values()}
        if len(ends) > 1:
            return Outcome(
                Status.NOT_RELIABLE, None, 'The paths lead to several devices.'
            )
        (end,) = ends.values()
        unwanted = self._unwanted(end.page83, end.vendor)
        if unwanted is not None:
            return Outcome(unwanted, self._disk_of(end.naa))
        self._forget_paths(end)
        return self._found(self._disk_of(end.naa) or self._configure(end))

    def _known(self) -> PhysicalVolume | None:
        """The hdisk that the VIOS takes one of the paths for."""
        for volume in self.vios.volumes:
            if any(path in self.good for path in volume.paths):
                return volume
        return None

    def _disk_of(self, naa: str) -> PhysicalVolume | None:
        return next((v for v in self.vios.volumes if v.naa == naa), None)

    def _unwanted(self, page83: str, vendor: str) -> Status | None:
        if self.ask.vendor not in (ANY_VENDOR, vendor):
            return Status.STORAGE_NOT_OF_INTEREST
        asked = self.ask.page83
        compares = self.vios.system.switches.lua_device_id == 'compare'
        if compares and asked and asked != page83:
            return Status.LUN_NOT_OF_INTEREST
        return None

    def _forget_paths(self, end: san.SanVolume) -> None:
        for volume in self.vios.volumes:
            if volume.naa != end.naa:
                volume.paths[:] = [
                    p for p in volume.paths if p not in self.good
                ]

    def _configure(self, end: san.SanVolume) -> PhysicalVolume:
        vios = self.vios
        used = {volume.name for volume in vios.volumes}
        number = 0
        while f'hdisk{number}' in used:
            number += 1
        path = next(iter(self.good))
        volume = PhysicalVolume(
            name=f'hdisk{number}',
            udid=end.udid if end.identified else '',
            capacity=end.size // MIB,
            description=f'MPIO {end.vendor} {end.product} FC Disk',
            location=_location(vios, path),
            available=True,
            fibre_channel=True,
            unique_id=end.unique_id(),
            page83=end.page83 if end.identified else '',
            naa=end.naa,
            reserve_policy=vios.system.switches.reserve_policy,
            vios=vios,
        )
        vios.volumes.append(volume)
        vios.changed('PhysicalVolumes')
        return volume

    def _found(self, volume: PhysicalVolume) -> Outcome:
        """Tell of an hdisk, which has the paths that lead to it now."""
        unwanted = self._unwanted(volume.page83, self.ask.vendor)
        if unwanted is not None:
            return Outcome(unwanted, volume, 'The device is another one.')
        for path, end in self.good.items():
            if end.naa == volume.naa and path not in volume.paths:
                volume.paths.append(path)
        if not volume.udid:
            return Outcome(Status.UNKNOWN_UDID, volume)
        if self.wrong:
            return Outcome(
                Status.NOT_RELIABLE
                if self.ask.reliable
                else Status.SOME_ITL_WRONG,
                volume,
                f'{self.wrong} of {len(self.ask.paths)} paths lead nowhere.',
            )
        if self.vios.is_mapped(volume.udid) or not volume.available:
            return Outcome(Status.IN_USE, volume)
        return Outcome(Status.AVAILABLE, volume)


def _location(vios: 'VirtualIOServer', path: DiskPath) -> str:
    """AIX: the port, W and the target port, L and the number."""
    port = next(p for p in vios.fc_ports if p.wwpn == path.initiator)
    return f'{port.location}-W{path.target}-L{lua_text(path.number)}'


def lua_text(number: int) -> str:
    """Return the number of a LUN as hexadecimal digits of 8 bytes.

    NovaLink: the number is followed by 8 zeros if it has 8 digits, else by
    12; leading zeros are left out.
    """
    digits = f'{number:x}'
    return digits + ('0' * 8 if len(digits) == 8 else '0' * 12)


def lua_number(text: str) -> int:
    """Read what :func:`lua_text` wrote.

    :raises ValueError: the text is no LUN
    """
    digits = text[:-12] if text.endswith('0' * 12) else text[:-8]
    if len(text) > 16 or text != lua_text(int(digits, 16)):
        raise ValueError(f'{text!r} is no LUN')
    return int(digits, 16)


def find(vios: 'VirtualIOServer', name: str) -> PhysicalVolume:
    """Return a physical volume by its name.

    :raises ServerError: there is none
    """
    for volume in vios.volumes:
        if volume.name == name:
            return volume
    raise errors.ServerError(
        f'VIOS01050032 There is no device {name} on {vios.name}.'
    )


def remove(vios: 'VirtualIOServer', name: str) -> None:
    """Let a VIOS forget a physical volume.

    :raises ServerError: there is none, or it is in use
    """
    vios.check_usable()
    volume = find(vios, name)
    groups = [held for group in vios.groups for held in group.volumes]
    if vios.is_mapped(volume.udid) or any(
        held.name == name for held in groups
    ):
        raise errors.ServerError(
            f'VIOS01050042 rmdev: 0514-062 Cannot perform the requested '
            f'function because {name} is busy.'
        )
    vios.volumes.remove(volume)
    vios.changed('PhysicalVolumes')


def rescan(volume: PhysicalVolume) -> None:
    """Look at the size of a physical volume again.

    :raises ServerError: it cannot be reached
    """
    end = volume.backing
    if end is None:
        if not volume.naa:
            return
        raise errors.ServerError(
            f'VIOS01050043 {volume.name} cannot be read on {volume.vios.name}.'
        )
    size = end.size // MIB
    if volume.capacity != size:
        volume.capacity = size
        volume.vios.changed('PhysicalVolumes')
