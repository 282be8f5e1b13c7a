# SPDX-License-Identifier: Apache-2.0
"""Disks that are mapped to the management partition for a while.

A loan is noted in the journal before the disk is mapped and struck out after
it is unmapped, so that nothing is left when the service dies in between.
"""

import dataclasses
import json
import threading
from collections.abc import Sequence
from typing import Any, Self

from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import registry
from nova_powervm.virt.powervm.host import devices as host_devices
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import query
from nova_powervm.virt.powervm.records import journal as host_journal
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import reading

LOG = logging.getLogger(__name__)


class MappedOnce(errors.PlatformError):
    """A VIOS does not map a disk to the management partition as well."""


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a partition had a disk that was taken from it for a while."""

    lpar_uuid: str
    lpar_id: int
    slot: int | None
    lua: str | None


@dataclasses.dataclass(frozen=True)
class Loan:
    """A mapping to the management partition that we make.

    :param owner: uuid of the instance
    :param place: from where the disk was taken; None if it was not
    """

    ref: intents.StorageRef
    vios_uuid: str
    owner: str
    place: Place | None = None

    @classmethod
    def from_entry(cls, entry: host_journal.Entry) -> Self:
        """Read it out of the journal."""
        detail = json.loads(entry.detail or '{}')
        place = detail.get('place')
        return cls(
            intents.StorageRef(
                detail.get('kind', 'disk'), entry.name, entry.udid
            ),
            entry.container,
            entry.owner,
            None if place is None else Place(**place),
        )

    @property
    def entry(self) -> host_journal.Entry:
        """What the journal says of it."""
        place = self.place and dataclasses.asdict(self.place)
        return host_journal.Entry(
            host_journal.MAPPING,
            self.ref.name,
            self.vios_uuid,
            self.owner,
            udid=self.ref.udid,
            detail=json.dumps({'kind': self.ref.kind, 'place': place}),
        )

    @property
    def target(self) -> intents.ViosTarget:
        """What changes of the mapping are submitted to."""
        return intents.ViosTarget(self.vios_uuid)


class Loans:
    """Lends disks to the management partition.

    :param parts: what disk adapters work with
    :param cache: the partitions of the host
    :param devices: of the management partition
    """

    def __init__(
        self,
        parts: registry.Collaborators,
        cache: lpar_cache.LparCache,
        devices: host_devices.HostDevices,
    ) -> None:
        self._changes = parts.transactions
        self._vioses = parts.vios
        self._journal = parts.journal
        self._cache = cache
        self._devices = devices
        self._lock = threading.Lock()
        self._users: set[str] = set()

    def lend(
        self,
        owner: str,
        ref: intents.StorageRef,
        lpar: lpar_cache.LparRecord,
        vios_uuids: Sequence[str],
    ) -> intents.MappingResult:
        """Map a disk through the first VIOS that does it.

        When a VIOS maps a disk only once, it is taken from a partition that is
        off, and given back to the same place at the end.

        :param owner: uuid of the instance
        :param ref: the disk
        :param lpar: the partition of the instance
        :param vios_uuids: the active VIOSes that have the disk
        :raises MappedOnce: the partition runs and cannot be without the disk
        :raises PlatformError: none of them could map it
        """
        with self._lock:
            self._users.add(owner)
        failed: errors.PlatformError = errors.NotReady(
            f'none of the Virtual I/O Servers of disk {ref.name} is active'
        )
        for vios_uuid in vios_uuids:
            try:
                return self._lend(Loan(ref, vios_uuid, owner), lpar)
            except MappedOnce:
                raise
            except errors.PlatformError as exc:
                failed = exc
                LOG.info(
                    'Disk %s is not mapped through VIOS %s: %s',
                    ref.name,
                    vios_uuid,
                    exc,
                )
        raise failed

    def release(self, owner: str) -> None:
        """Take back all disks of an instance; may be repeated.

        What cannot be taken back stays in the journal.

        :raises PlatformError: of the first that could not
        """
        try:
            self._give_back_all(self._known(owner))
        finally:
            with self._lock:
                self._users.discard(owner)

    def collect(self) -> None:
        """Take back what was left over; no request if nothing was."""
        # Locked to the end, so that nobody borrows one of these meanwhile.
        with self._lock:
            known = self._known()
            left = [loan for loan in known if loan.owner not in self._users]
            try:
                self._give_back_all(left)
            except errors.PlatformError as exc:
                LOG.warning(
                    'A disk is still mapped to the management partition; this '
                    'is tried again later: %s',
                    exc,
                )

    def _known(self, owner: str | None = None) -> list[Loan]:
        entries = self._journal.entries(host_journal.MAPPING, owner)
        return [Loan.from_entry(entry) for entry in entries]

    def _lend(
        self, loan: Loan, lpar: lpar_cache.LparRecord
    ) -> intents.MappingResult:
        known = self._journal.find(*loan.entry.key)
        if known is not None:
            # An earlier try got so far; what it took is given back first.
            self._give_back_all([Loan.from_entry(known)])
        self._journal.record(loan.entry)
        try:
            result = self._map(loan, lpar)
        except errors.PlatformError:
            self._try_to_return(loan)
            raise
        if not result.added:
            # Somebody else mapped it to the management partition.
            self._forget(loan)
            return result
        self._discard_device(result.udid)
        return result

    def _map(
        self, loan: Loan, lpar: lpar_cache.LparRecord
    ) -> intents.MappingResult:
        try:
            return self._add(loan)
        except errors.PlatformRefused as exc:
            now = self._cache.refresh(lpar.uuid)
            if now is not None and now.state == query.NOT_ACTIVATED:
                return self._borrow(loan, now, exc)
            raise MappedOnce(
                f'disk {loan.ref.name} is not mapped to the management '
                f'partition while the server runs: {exc}. Stop the server '
                'first, or set [powervm]snapshot_stops_server'
            ) from exc

    def _borrow(
        self,
        loan: Loan,
        lpar: lpar_cache.LparRecord,
        refusal: errors.PlatformRefused,
    ) -> intents.MappingResult:
        """Take the disk from a partition that is off."""
        vios = self._changes.read(loan.target)
        mapping = reading.find(vios, lpar.uuid, loan.ref)
        if mapping is None:
            raise refusal
        slot, lua = reading.slot_of(mapping), reading.lua_of(mapping)
        place = Place(lpar.uuid, lpar.id, slot, lua)
        self._journal.record(dataclasses.replace(loan, place=place).entry)
        removed = self._changes.submit(
            loan.target,
            intents.RemoveMappings(lpar.uuid, lpar.id, storages=(loan.ref,)),
        )
        # They share one reading of the VIOS, as a rule.
        result = self._add(loan)
        removed.result()
        return result

    def _try_to_return(self, loan: Loan) -> None:
        """Take back what an attempt may have mapped, by the journal."""
        entry = self._journal.find(*loan.entry.key)
        if entry is None:
            return
        try:
            self._give_back(Loan.from_entry(entry))
        except errors.PlatformError as exc:
            LOG.warning(
                'Disk %s may still be mapped to the management partition; '
                'this is tried again later: %s',
                loan.ref.name,
                exc,
            )

    def _add(self, loan: Loan) -> intents.MappingResult:
        uuid, number = self._management()
        future = self._changes.submit(
            loan.target, intents.AddMapping(uuid, number, loan.ref)
        )
        result: intents.MappingResult = future.result()
        return result

    def _management(self) -> tuple[str, int]:
        """Tell uuid and number of the management partition."""
        partitions: list[Any] = [*self._cache.all(), *self._vioses.all()]
        for record in partitions:
            if record.is_management:
                return record.uuid, record.id
        raise errors.NotReady('the platform has no management partition')

    def _give_back_all(self, loans: Sequence[Loan]) -> None:
        failed: list[errors.PlatformError] = []
        for loan in loans:
            try:
                self._give_back(loan)
            except errors.PlatformError as exc:
                failed.append(exc)
        if failed:
            raise failed[0]

    def _give_back(self, loan: Loan) -> None:
        """Remove the device, then the mapping, and restore the client's."""
        try:
            self._discard_device(loan.ref.udid)
        except errors.PlatformError as exc:
            # Without its mapping it is of no use, and in nobody's way until
            # the disk is lent again.
            LOG.warning('%s', exc)
        uuid, number = self._management()
        wanted: list[intents.Intent] = [
            intents.RemoveMappings(uuid, number, storages=(loan.ref,))
        ]
        place = loan.place
        if place is not None and self._cache.refresh(place.lpar_uuid):
            wanted.append(
                intents.AddMapping(
                    place.lpar_uuid,
                    place.lpar_id,
                    loan.ref,
                    slot=place.slot,
                    lua=place.lua,
                )
            )
        self._changes.run(loan.target, *wanted)
        self._forget(loan)

    def _discard_device(self, udid: str | None) -> None:
        """Remove the device of a disk, if there is one.

        Right after a disk was mapped it is one of an earlier mapping.
        """
        device = self._devices.find(udid) if udid else None
        if device is not None:
            self._devices.remove(device)

    def _forget(self, loan: Loan) -> None:
        self._journal.forget(*loan.entry.key)
