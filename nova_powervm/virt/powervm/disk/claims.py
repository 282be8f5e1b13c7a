# SPDX-License-Identifier: Apache-2.0
"""One upload of an image for all hosts of a pool.

Hosts that share a pool know nothing of each other but what is in the pool. So
whoever is going to upload an image makes a small logical unit first, a claim.
Its name has the image and eight digits that name this attempt; the unit for
the image has the same digits. From these names alone follows:

* An image is whole when there is a unit for it and no claim of its attempt.
  The claim comes before the unit and goes after its last byte.
* Only one uploads. After making a claim one looks for those of others. If
  there is none, all who come later see ours and give way. If there are some,
  the one with the lowest digits stays and looks again, the others withdraw.
  So of two claims one was seen by the owner of the other before it began.
* An upload that died is taken over. As long as it lives its claim is replaced
  by one with a higher number, again and again. Whoever waits and sees no
  change for a long time deletes the unit that is not whole, and goes on. The
  claim stays, so that what a sleeper still may make is never taken for whole;
  its owner deletes it when it wakes up or starts again.

Nothing here depends on clocks of several hosts, on unique names, or on
anything that the platform was not seen to do.
"""

import dataclasses
import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Iterator

from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import retry
from nova_powervm.virt.powervm.disk import pool as powervm_pool
from nova_powervm.virt.powervm.disk import poolnames
from nova_powervm.virt.powervm.disk import units as powervm_units
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import intents

LOG = logging.getLogger(__name__)

CLAIM_SIZE = intents.GIB // 1000
"""Bytes of a claim: as many as pypowervm gives to its own."""
BEAT = 20.0
"""Seconds between two signs of life of an upload."""
STUCK = 15
"""How many of them there are while an upload does not move on."""
DEAD = 180.0
"""Seconds of waiting without one until it counts as dead."""
LOOK = 5.0
"""Longest time between two looks of somebody who waits."""


def claims_in(
    units: Iterable[powervm_pool.UnitFacts], image_id: str | None = None
) -> dict[powervm_pool.UnitFacts, poolnames.ClaimName]:
    """Find the claims among units, of one image or of all."""
    found = {}
    for unit in units:
        name = poolnames.ClaimName.parse(unit.name)
        if name is not None and unit.type == powervm_pool.IMAGE:
            if image_id in (None, name.image_id):
                found[unit] = name
    return found


def images_in(
    units: Iterable[powervm_pool.UnitFacts], image_id: str | None = None
) -> dict[powervm_pool.UnitFacts, poolnames.ImageName]:
    """Find the units for images among units, whole or not."""
    found = {}
    for unit in units:
        name = poolnames.ImageName.parse(unit.name)
        if name is not None and unit.type == powervm_pool.IMAGE:
            if image_id in (None, name.image_id):
                found[unit] = name
    return found


def whole(
    units: Collection[powervm_pool.UnitFacts],
    image_id: str,
    content: str | None = None,
) -> powervm_pool.UnitFacts | None:
    """Find the unit with all of an image; of several all hosts find one.

    :param content: what its name has to tell of its bytes; None for any
    """
    claimed = {name.attempt for name in claims_in(units, image_id).values()}
    found = [
        unit
        for unit, name in images_in(units, image_id).items()
        if name.attempt not in claimed and content in (None, name.content)
    ]
    return min(found, key=lambda unit: unit.name, default=None)


class Watch:
    """Tells which claims of others show no sign of life."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, float]] = {}

    def look(
        self, claims: Iterable[poolnames.ClaimName], waited: float
    ) -> set[str]:
        """Note what is there.

        :param waited: seconds that were waited since the last look
        :returns: the attempts that count as dead
        """
        beats: dict[str, int] = {}
        for claim in claims:
            beats[claim.attempt] = max(claim.beat, beats.get(claim.attempt, 0))
        now: dict[str, tuple[int, float]] = {}
        for attempt, beat in beats.items():
            seen, still = self._seen.get(attempt, (-1, 0.0))
            now[attempt] = (beat, still + waited if seen == beat else 0.0)
        self._seen = now
        return {a for a, (_beat, still) in now.items() if still >= DEAD}


class Claim:
    """A claim of ours, which shows signs of life until it is stopped.

    It shows none while its owner does not move on: nobody shall wait for an
    upload that hangs.

    :param name: its name
    :param image: the name of the unit for the image
    :param unit: the logical unit
    :param units: makes and deletes such
    """

    def __init__(
        self,
        name: poolnames.ClaimName,
        image: poolnames.ImageName,
        unit: powervm_pool.UnitFacts,
        units: powervm_units.Units,
    ) -> None:
        self.name = name
        self.image = image
        self._unit = unit
        self._units = units
        self._over = threading.Event()
        self._moves = 0
        self._worker = threading.Thread(
            target=self._live, name=f'powervm-{name}', daemon=True
        )
        self._worker.start()

    def moved(self) -> None:
        """Note that its owner has got a bit further."""
        self._moves += 1

    def stop(self) -> None:
        """Show no more signs of life."""
        self._over.set()
        self._worker.join()

    def _live(self) -> None:
        seen, still = -1, 0
        while True:
            try:
                retry.pause(self._over, BEAT)
                still = still + 1 if self._moves == seen else 0
                seen = self._moves
                if still >= STUCK:
                    LOG.warning('The upload of %s hangs', self.image)
                    continue
                beat = self.name.beat + 1
                name = dataclasses.replace(self.name, beat=beat)
                old, self._unit = self._unit, make(self._units, name)
                self.name = name
                self._units.delete(old)
            except errors.Stopped:
                return
            except errors.PlatformError as exc:
                # The next one may work; others are patient.
                LOG.debug('No sign of life of %s: %s', self.name, exc)


def make(
    units: powervm_units.Units, name: poolnames.ClaimName
) -> powervm_pool.UnitFacts:
    """Make the logical unit of a claim."""
    return units.create(
        powervm_units.Request(str(name), CLAIM_SIZE, type=powervm_pool.IMAGE)
    )


class Claims:
    """Makes and withdraws our claims in a pool, and notes them.

    :param pool: the pool
    :param units: changes its units
    :param stopping: set when the service stops
    """

    def __init__(
        self,
        pool: powervm_pool.Pool,
        units: powervm_units.Units,
        stopping: threading.Event,
    ) -> None:
        self._pool = pool
        self._units = units
        self._stopping = stopping

    def acquire(
        self, image_id: str, content: str | None = None, *, only: bool = False
    ) -> Claim | None:
        """Wait until an image is whole, or until it is ours to upload.

        :param content: what tells the bytes that we would upload from others
        :param only: whether those with other bytes are of no use
        :returns: None when the image is there
        :raises PlatformError: the pool cannot be read or changed
        """
        watch, waited = Watch(), 0.0
        mine: Claim | None = None
        delays = _delays()
        try:
            while True:
                units = self._pool.read()
                if whole(units, image_id, content if only else None):
                    return None
                others = self._others(image_id, units, mine)
                dead = watch.look(others, waited)
                self._bury(image_id, units, dead)
                alive = {claim.attempt for claim in others} - dead
                waited = 0.0
                if not alive and mine is not None:
                    won, mine = mine, None
                    return won
                if not alive:
                    mine = self._make(image_id, content)
                    continue
                if mine is not None:
                    mine.moved()
                    begun = images_in(units, image_id).values()
                    owned = alive & {image.attempt for image in begun}
                    if owned or min(alive) < mine.name.attempt:
                        self.withdraw(mine)
                        mine = None
                LOG.debug('Another host uploads image %s', image_id)
                waited = next(delays)
                retry.pause(self._stopping, waited)
        finally:
            if mine is not None:
                self.withdraw(mine)

    def _others(
        self,
        image_id: str,
        units: Iterable[powervm_pool.UnitFacts],
        mine: Claim | None,
    ) -> list[poolnames.ClaimName]:
        return [
            name
            for name in claims_in(units, image_id).values()
            if mine is None or name.attempt != mine.name.attempt
        ]

    def _make(self, image_id: str, content: str | None) -> Claim:
        name = poolnames.ClaimName(image_id, secrets.token_hex(4))
        image = poolnames.ImageName(image_id, name.attempt, content)
        self._units.note(
            journal.IMAGE, str(image), image_id, journal.UPLOADING
        )
        try:
            unit = make(self._units, name)
        except errors.PlatformError:
            self.clear(image)
            raise
        return Claim(name, image, unit, self._units)

    def _bury(
        self,
        image_id: str,
        units: Iterable[powervm_pool.UnitFacts],
        dead: Collection[str],
    ) -> None:
        """Delete what dead uploads began; their claims stay."""
        for unit, name in images_in(units, image_id).items():
            if name.attempt in dead:
                LOG.warning(
                    'The upload of image %s as %s has shown no sign of life '
                    'for long; deleting what there is of it',
                    image_id,
                    unit.name,
                )
                self._units.delete(unit)

    def withdraw(self, claim: Claim, *, with_image: bool = False) -> bool:
        """Delete a claim of ours; see ``clear``."""
        claim.stop()
        return self.clear(claim.image, with_image=with_image)

    def finish(self, claim: Claim, unit: powervm_pool.UnitFacts) -> None:
        """Tell everybody that an image is whole.

        :param unit: what holds it
        :raises PlatformError: it is gone, as others took us for dead, or the
            claim cannot be deleted
        """
        claim.stop()
        units = self._pool.read()
        if unit.udid not in {known.udid for known in units}:
            raise errors.PlatformError(
                f'logical unit {unit.name} went away during its upload'
            )
        self._delete_claims(units, claim.image)
        self._units.note(
            journal.IMAGE,
            unit.name,
            claim.name.image_id,
            journal.READY,
            unit.udid,
        )

    def clear(
        self, image: poolnames.ImageName, *, with_image: bool = True
    ) -> bool:
        """Delete all claims of an attempt; tell whether nothing is left.

        What cannot be deleted stays in the journal, if it is ours.

        :param with_image: delete what the attempt uploaded, before its claim
        """
        try:
            units = self._pool.read()
            if with_image:
                for unit, name in images_in(units, image.image_id).items():
                    if name.attempt == image.attempt:
                        self._units.delete(unit)
            self._delete_claims(units, image)
        except errors.PlatformError as exc:
            LOG.warning('The claim of %s stays for now: %s', image, exc)
            return False
        self._units.strike_out(journal.IMAGE, str(image))
        return True

    def _delete_claims(
        self,
        units: Iterable[powervm_pool.UnitFacts],
        image: poolnames.ImageName,
    ) -> None:
        for unit, name in claims_in(units, image.image_id).items():
            if name.attempt == image.attempt:
                self._units.delete(unit)

    def collect(self, busy: Callable[[str], bool]) -> None:
        """Delete what is left of uploads of ours that ended badly.

        :param busy: tells whether an image is being uploaded just now
        """
        for entry in self._units.entries(journal.IMAGE):
            image = poolnames.ImageName.parse(entry.name)
            if entry.state != journal.UPLOADING or image is None:
                continue
            if not busy(entry.owner):
                self.clear(image)


def _delays() -> Iterator[float]:
    """Not in step with others, or all would withdraw and return together."""
    delay = 0.5
    while True:
        yield delay * (0.5 + secrets.randbelow(1000) / 1000)
        delay = min(delay * 2, LOOK)
