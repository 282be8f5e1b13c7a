# SPDX-License-Identifier: Apache-2.0
"""Images in a shared storage pool: uploaded once for all, then cloned."""

import contextlib
import functools
import os
import threading
import time
from collections.abc import Collection, Iterator
from typing import Any

from oslo_log import log as logging

from nova_powervm.virt.powervm import settings as powervm_settings
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import claims as powervm_claims
from nova_powervm.virt.powervm.disk import flights
from nova_powervm.virt.powervm.disk import imagecheck
from nova_powervm.virt.powervm.disk import lastuse
from nova_powervm.virt.powervm.disk import pool as powervm_pool
from nova_powervm.virt.powervm.disk import poolnames
from nova_powervm.virt.powervm.disk import units as powervm_units
from nova_powervm.virt.powervm.images import stream as image_stream
from nova_powervm.virt.powervm.images import trust as image_trust
from nova_powervm.virt.powervm.images import upload as image_upload
from nova_powervm.virt.powervm.records import journal

LOG = logging.getLogger(__name__)

FORGOTTEN = 3600.0
"""Seconds until a claim that does not change is deleted by anybody."""

Units = Collection[powervm_pool.UnitFacts]


class PoolImages:
    """The images of one pool, as one host sees them.

    The users of an image are its linked clones, whoever made them.

    :param client: access to the platform
    :param pool: the pool
    :param units: changes its units
    :param uploader: sends the bytes
    :param settings: of the host
    """

    def __init__(
        self,
        client: session.Client,
        pool: powervm_pool.Pool,
        units: powervm_units.Units,
        uploader: image_upload.Uploader,
        settings: powervm_settings.HostSettings,
    ) -> None:
        self._pool = pool
        self._units = units
        self._uploader = uploader
        self._settings = settings
        self._claims = powervm_claims.Claims(pool, units, client.stop)
        self._flights: flights.Flights[base.ImageDisk] = flights.Flights()
        self._lock = threading.Lock()
        self._uses: dict[str, imagecheck.Use] = {}
        self._silent: dict[poolnames.ClaimName, float] = {}
        self._trust = image_trust.Trust(settings)
        path = os.path.join(settings.host_state_path, 'pool-images.json')
        self._last_use = lastuse.LastUse(path)

    def ensure(
        self,
        context: Any,
        image_id: str,
        claimant: str | None,
        trusted_certs: Any = None,
    ) -> base.ImageDisk:
        """Return the image, uploading it unless the pool has it.

        No request when it is known to be there, unless it has to be signed.

        :param claimant: instance that is going to use it; the image stays
            until ``release()``
        :raises nova.exception.CertificateValidationFailed: not signed by whom
            the user trusts
        :raises nova.exception.ImageUnacceptable: wrong format or content
        :raises PlatformError: the upload failed and left nothing
        """
        use = imagecheck.Use(context, image_id, claimant, trusted_certs)
        with self._lock:
            if claimant is not None:
                self._uses[claimant] = use
        signed = None
        if self._trust.asked(trusted_certs):
            signed = use.stream(self._settings)
        disk = imagecheck.trusted(
            self._trust,
            signed,
            lambda: self._usable(image_id, self._pool.known(), signed),
            lambda: self._flights.share(
                image_id, lambda: self._make(use, signed)
            ),
        )
        self._last_use.touch([image_id])
        return disk

    def again(self, claimant: str) -> base.ImageDisk:
        """Return the image of a claimant, which somebody deleted meanwhile.

        :raises PlatformError: as for ``ensure``
        """
        with self._lock:
            use = self._uses[claimant]
        LOG.info('Image %s is not in the pool any more', use.image_id)
        return self.ensure(
            use.context, use.image_id, claimant, use.trusted_certs
        )

    def release(self, claimant: str) -> None:
        """Note that an instance has its clone, or does not want one."""
        with self._lock:
            self._uses.pop(claimant, None)

    def cached(self, image_id: str) -> bool:
        """Tell whether the pool has an image (one request)."""
        return self._usable(image_id, self._pool.read()) is not None

    def _usable(
        self,
        image_id: str,
        units: Units,
        signed: image_stream.GlanceStream | None = None,
    ) -> base.ImageDisk | None:
        content = None if signed is None else signed.source.content
        unit = powervm_claims.whole(units, image_id, content)
        return None if unit is None else _described(image_id, unit)

    def _make(
        self, use: imagecheck.Use, signed: image_stream.GlanceStream | None
    ) -> base.ImageDisk:
        # What metadata tell is judged before anybody has to wait.
        stream = signed or use.stream(self._settings)
        while True:
            claim = self._claims.acquire(
                use.image_id, stream.source.content, only=signed is not None
            )
            if claim is not None:
                disk = self._upload(stream, claim)
                if signed is not None:
                    self._trust.note(signed)
                return disk
            found = self._usable(use.image_id, self._pool.known(), signed)
            if found is not None:
                return found

    def _upload(
        self, stream: image_stream.GlanceStream, claim: powervm_claims.Claim
    ) -> base.ImageDisk:
        with self._nothing_left(claim):
            unit = self._send(stream, claim)
            self._claims.finish(claim, unit)
        image_id = claim.name.image_id
        LOG.info('Image %s is in the pool as %s', image_id, unit.name)
        return _described(image_id, unit)

    def _send(
        self, stream: image_stream.GlanceStream, claim: powervm_claims.Claim
    ) -> powervm_pool.UnitFacts:
        size = stream.source.size
        # The format is judged before there is a unit to clean up.
        with stream.open() as chunks:
            unit = self._units.create(
                powervm_units.Request(
                    str(claim.image),
                    powervm_units.rounded(size),
                    type=powervm_pool.IMAGE,
                )
            )
            begun = [chunks]

            @contextlib.contextmanager
            def opened() -> Iterator[Iterator[bytes]]:
                with contextlib.ExitStack() as stack:
                    found = (
                        begun.pop()
                        if begun
                        else stack.enter_context(stream.open())
                    )
                    yield _watched(found, claim)

            self._uploader.send(
                image_upload.Upload(
                    unit.name, self._pool.active_nodes()[0], size, unit.udid
                ),
                opened,
            )
        return unit

    @contextlib.contextmanager
    def _nothing_left(self, claim: powervm_claims.Claim) -> Iterator[None]:
        """Delete a half-made image and its claim when the block fails."""
        try:
            yield
        except BaseException:
            self._claims.withdraw(claim, with_image=True)
            raise

    def collect(self) -> None:
        """Delete what uploads of ours that ended badly left, if anything."""
        self._claims.collect(self._flights.busy)

    def manage(self) -> None:
        """Delete images that nobody uses any more, as Nova's options say.

        :raises PlatformError: the pool cannot be read
        """
        units = self._pool.read()
        self._clear_forgotten(units)
        images = _images(units)
        used = [i for u, i in images.items() if _clones(units, u)]
        self._last_use.touch(used)
        LOG.info(
            'Pool %s has %d images of %d GB; %d of them are used',
            self._pool.facts.path,
            len(images),
            sum(unit.size_bytes for unit in images) // base.GIB,
            len(used),
        )
        for unit, image_id in images.items():
            if not _clones(units, unit) and self._expired(image_id):
                self._flights.alone(
                    image_id, functools.partial(self._remove, unit, image_id)
                )

    def _expired(self, image_id: str) -> bool:
        if not self._settings.remove_unused_base_images:
            return False
        limit = self._settings.remove_unused_original_minimum_age_seconds
        return self._last_use.age(image_id) >= limit

    def _remove(self, unit: powervm_pool.UnitFacts, image_id: str) -> None:
        with self._lock:
            if image_id in {use.image_id for use in self._uses.values()}:
                return
        # Another host may have cloned it since.
        units = self._pool.read()
        now = {u.udid: u for u in _images(units)}.get(unit.udid)
        if now is None or now.in_use or _clones(units, now):
            return
        LOG.info('Image %s is not used; deleting it', unit.name)
        try:
            self._units.delete(now)
        except errors.PlatformError as exc:
            LOG.warning('Image %s could not be deleted: %s', unit.name, exc)
            return
        self._units.strike_out(journal.IMAGE, unit.name)
        self._last_use.forget(image_id)

    def _clear_forgotten(self, units: Units) -> None:
        """Delete claims that have not changed for very long."""
        now = time.monotonic()
        self._silent = {
            name: self._silent.get(name, now)
            for name in powervm_claims.claims_in(units).values()
        }
        for name, since in self._silent.items():
            if now - since >= FORGOTTEN:
                image = poolnames.ImageName(name.image_id, name.attempt)
                LOG.warning('Nobody uploads %s any more; deleting it', image)
                self._claims.clear(image)


def _watched(
    chunks: Iterator[bytes], claim: powervm_claims.Claim
) -> Iterator[bytes]:
    for chunk in chunks:
        claim.moved()
        yield chunk


def _images(units: Units) -> dict[powervm_pool.UnitFacts, str]:
    """Find all images that are whole, with what their last use is noted by.

    Those of the retired driver are known by their names: its claims have the
    whole name of the image in them.
    """
    claimed = {
        name.attempt for name in powervm_claims.claims_in(units).values()
    }
    found = {
        unit: name.image_id
        for unit, name in powervm_claims.images_in(units).items()
        if name.attempt not in claimed
    }
    legacy = {poolnames.legacy_claimed(unit.name) for unit in units}
    for unit in units:
        if unit.type == powervm_pool.IMAGE and unit.name not in legacy:
            if poolnames.is_legacy_image(unit.name):
                found[unit] = unit.name
    return found


def _clones(
    units: Units, unit: powervm_pool.UnitFacts
) -> list[powervm_pool.UnitFacts]:
    return [other for other in units if other.is_clone_of(unit)]


def _described(image_id: str, unit: powervm_pool.UnitFacts) -> base.ImageDisk:
    name = poolnames.ImageName.parse(unit.name)
    return base.ImageDisk(
        image_id,
        unit.name,
        unit.udid,
        unit.size_bytes,
        None if name is None else name.content,
    )
