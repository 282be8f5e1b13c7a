# SPDX-License-Identifier: Apache-2.0
"""The virtual media repository of the host and what is in it.

NovaLink: a Virtual I/O Server has at most one, in one of its volume groups.
The name of a medium holds the whole uuid of its instance and proves whose it
is; names that the retired driver cut short do so only while they are mapped.
Media are in the journal as well: Nova deletes an instance only once, and what
is on a Virtual I/O Server that is down then has to be deleted later.
"""

import contextlib
import dataclasses
import os
from collections.abc import Collection, Iterator

from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import settings as powervm_settings
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.disk import flights
from nova_powervm.virt.powervm.disk import group as volume_group
from nova_powervm.virt.powervm.images import upload as image_upload
from nova_powervm.virt.powervm.media import room
from nova_powervm.virt.powervm.records import journal as host_journal
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.vios import transactions

LOG = logging.getLogger(__name__)

REPOSITORY_NAME = 'vopt'

_CHUNK = 1024 * 1024


@dataclasses.dataclass(frozen=True)
class RepoRef:
    """Where the repository is."""

    vios_uuid: str
    vg_uuid: str

    @property
    def target(self) -> intents.VolumeGroupTarget:
        """The repository's group as what changes are submitted to."""
        return intents.VolumeGroupTarget(self.vios_uuid, self.vg_uuid)


class MediaRepository:
    """Virtual optical media of the host.

    :param client: access to the platform
    :param changes: carries out changes of volume groups
    :param settings: of the host
    :param vios: the Virtual I/O Servers
    :param groups: their volume groups
    :param journal: of what this host makes on the platform
    """

    def __init__(
        self,
        client: session.Client,
        changes: transactions.Transactions,
        settings: powervm_settings.HostSettings,
        vios: inventory.ViosInventory,
        groups: volume_group.GroupDirectory,
        journal: host_journal.Journal,
    ) -> None:
        self._changes = changes
        self._settings = settings
        self._vios = vios
        self._groups = groups
        self._journal = journal
        self._uploader = image_upload.Uploader(client, journal)
        self._making: flights.Flights[RepoRef] = flights.Flights()
        self._noting: flights.Flights[bool] = flights.Flights()

    def ensure(self, vios_uuids: Collection[str] = ()) -> RepoRef:
        """Return the repository to use, making one if there is none.

        No request while one is known whose Virtual I/O Server is active.

        :param vios_uuids: only these Virtual I/O Servers will do; all if none
            is named
        :raises PlatformError: there is none and none can be made
        """
        for ref in self._known(vios_uuids):
            return ref
        return self._making.share(
            f'repository {sorted(vios_uuids)}', lambda: self._make(vios_uuids)
        )

    def with_room(
        self, name: str, size_bytes: int, vios_uuids: Collection[str] = ()
    ) -> RepoRef:
        """Return a repository with room for a medium; else see ``ensure``.

        One request for each repository.

        :param name: name of the medium
        :param size_bytes: its size
        :raises NoSpace: there is no room; says what would help
        :raises PlatformError: there is none and none can be made
        """
        if not self._known(vios_uuids):
            room.check_new(name, size_bytes, self._settings)
            self.ensure(vios_uuids)
        full: errors.NoSpace | None = None
        for ref in self._known(vios_uuids):
            try:
                self.check_room(name, size_bytes, ref)
                return ref
            except errors.NoSpace as exc:
                full = full or exc
        raise full or errors.NotReady(
            'the Virtual I/O Server with the media repository went away'
        )

    def upload(self, name: str, path: str, repo: RepoRef, owner: str) -> None:
        """Make a medium of a file; see ``store``."""
        size = os.path.getsize(path)
        self.store(name, lambda: _opened(path), size, repo, owner)

    def store(
        self,
        name: str,
        opener: image_upload.Opener,
        size_bytes: int,
        repo: RepoRef,
        owner: str,
    ) -> None:
        """Make a medium of bytes; one of that name is replaced.

        :param name: name of the medium, which proves it to be ours
        :param opener: starts the bytes from the beginning, for each attempt
        :param size_bytes: how many there are
        :param owner: uuid of the instance
        :raises PlatformError: the upload failed
        :raises Exception: what iterating over the bytes raised; the caller
            deletes what is left of the medium
        """
        entry = host_journal.Entry(
            host_journal.MEDIA, name, repo.vios_uuid, owner
        )
        self._noting.share(name, lambda: self._note(entry))
        upload = image_upload.Upload(name, repo.vios_uuid, size_bytes)

        def send() -> None:
            self._uploader.send(
                upload,
                opener,
                before_retry=lambda: self._delete_from(repo, name),
            )

        try:
            send()
        except errors.PlatformRefused:
            # An earlier try may have left the medium, or somebody may have
            # removed the repository.
            self._groups.forget()
            if not self._delete_from(repo, name):
                self._explain(name, size_bytes, repo)
                raise
            send()

    def _explain(self, name: str, size_bytes: int, repo: RepoRef) -> None:
        """Say what would help, if the platform refused for lack of room.

        :raises NoSpace: that was it
        """
        try:
            self.check_room(name, size_bytes, repo)
        except errors.NoSpace:
            raise
        except errors.PlatformError as exc:
            LOG.debug('The repository cannot be read: %s', exc)

    def check_room(self, name: str, size_bytes: int, repo: RepoRef) -> None:
        """See that a medium fits into the repository (one request).

        One of that name does not count, for it is going to be replaced.

        :raises NoSpace: it does not; says what would help
        """
        room.check(
            self._changes.read(repo.target).vmedia_repos,
            name,
            size_bytes,
            self._vios_name(repo.vios_uuid),
            self._settings,
        )

    def names(self, owner: str) -> set[str]:
        """Tell the names of all media that the journal has of an instance."""
        found = self._journal.entries(host_journal.MEDIA, owner)
        return {entry.name for entry in found}

    def adopt(self, name: str, vios_uuid: str, owner: str) -> None:
        """Note a medium that only its mapping proves to be an instance's.

        The retired driver made such. After this it is known without.
        """
        entry = host_journal.Entry(host_journal.MEDIA, name, vios_uuid, owner)
        if self._journal.find(*entry.key) is None:
            self._journal.record(entry)

    def delete(self, name: str) -> bool:
        """Delete a medium, wherever it is; tell whether there was one.

        One on a Virtual I/O Server that is down is left to ``collect``.

        :raises PlatformError: it could not be deleted, e.g. as it is mapped
        """
        for entry in self._noted(name):
            leaving = dataclasses.replace(entry, state=host_journal.LEAVING)
            self._journal.record(leaving)
        found = []
        for ref in self._known():
            found.append(self._delete_from(ref, name))
            self._journal.forget(host_journal.MEDIA, name, ref.vios_uuid)
        for entry in self._noted(name):
            LOG.warning(
                'Medium %s of instance %s is left on %s, which is not '
                'active. It is deleted once that is active again.',
                name,
                entry.owner,
                self._vios_name(entry.container),
            )
        return any(found)

    def collect(self) -> None:
        """Delete what had to be left, where that is possible by now.

        No request when nothing is left. Failures are only logged: the next
        call is another try.
        """
        left = [
            entry
            for entry in self._journal.entries(host_journal.MEDIA)
            if entry.state == host_journal.LEAVING
        ]
        for entry in left:
            try:
                self._collect(entry)
            except errors.PlatformError as exc:
                LOG.warning(
                    'Medium %s is still left on %s: %s',
                    entry.name,
                    self._vios_name(entry.container),
                    exc,
                )

    def find(self, name: str) -> RepoRef | None:
        """Return the repository that has the medium.

        One request for each repository.

        :raises PlatformError: they cannot be read
        """
        for ref in self._known():
            for repository in self._changes.read(ref.target).vmedia_repos:
                if any(m.name == name for m in repository.optical_media):
                    return ref
        return None

    def _known(self, vios_uuids: Collection[str] = ()) -> list[RepoRef]:
        return [
            RepoRef(group.vios_uuid, group.uuid)
            for group in self._groups.all()
            if group.has_repository and _is_among(group, vios_uuids)
        ]

    def _delete_from(self, repo: RepoRef, name: str) -> bool:
        future = self._changes.submit(repo.target, intents.DeleteMedia(name))
        return bool(future.result())

    def _noted(self, name: str) -> list[host_journal.Entry]:
        return [
            entry
            for entry in self._journal.entries(host_journal.MEDIA)
            if entry.name == name
        ]

    def _note(self, entry: host_journal.Entry) -> bool:
        """Note a medium that is about to be made."""
        earlier = self._journal.find(*entry.key)
        if earlier is not None and earlier.state == host_journal.LEAVING:
            self._remove_left(earlier)
        self._journal.record(entry)
        return True

    def _collect(self, entry: host_journal.Entry) -> None:
        vioses = [vios.uuid for vios in self._vios.active()]
        if entry.container in vioses:
            self._noting.alone(entry.name, lambda: self._remove_left(entry))

    def _remove_left(self, entry: host_journal.Entry) -> None:
        """Unmap and delete a medium, unless it was made anew meanwhile."""
        if self._journal.find(*entry.key) != entry:
            return
        drive = intents.StorageRef('media', entry.name)
        unmap = intents.RemoveMappings(
            identity.lpar_uuid(entry.owner),
            None,
            storages=(drive,),
            orphans=(drive,),
        )
        vios = intents.ViosTarget(entry.container)
        self._changes.submit(vios, unmap).result()
        for ref in self._known():
            if ref.vios_uuid == entry.container:
                self._delete_from(ref, entry.name)
        self._journal.forget(*entry.key)
        LOG.info('Deleted medium %s, which was left', entry.name)

    def _vios_name(self, vios_uuid: str) -> str:
        vios = self._vios.get(vios_uuid)
        return vios_uuid if vios is None else vios.name

    def _make(self, vios_uuids: Collection[str]) -> RepoRef:
        # Somebody else may have made one since the groups were read.
        self._groups.forget()
        for ref in self._known(vios_uuids):
            return ref
        group = self._place(vios_uuids)
        size = self._settings.vopt_media_rep_size
        want = intents.CreateRepository(REPOSITORY_NAME, size)
        try:
            self._changes.submit(group.target, want).result()
        except errors.PlatformRefused as exc:
            raise errors.PlatformRefused(
                f'{room.option(self._settings)}: {group.path} did not '
                f'take a media repository of that size: {exc}. Make it '
                'smaller, or name a group with more room in [powervm]vopt_'
                'media_volume_group.',
                exc.reason,
                exc.status,
            ) from exc
        self._groups.note_repository(group)
        LOG.info('Made a media repository of %d GB in %s', size, group.path)
        return RepoRef(group.vios_uuid, group.uuid)

    def _place(self, vios_uuids: Collection[str]) -> volume_group.GroupFacts:
        """Prefer a Virtual I/O Server that is not the management partition."""
        name = self._settings.vopt_media_volume_group
        usable = [
            group
            for group in self._groups.all()
            if group.name == name and _is_among(group, vios_uuids)
        ]
        usable.sort(key=self._is_management)
        if usable:
            return usable[0]
        paths = ', '.join(group.path for group in self._groups.all())
        raise errors.NotReady(
            f'[powervm]vopt_media_volume_group = {name}: no active Virtual '
            f'I/O Server {_which(vios_uuids)}has that volume group; there '
            f'are: {paths or "none"}.'
        )

    def _is_management(self, group: volume_group.GroupFacts) -> bool:
        vios = self._vios.get(group.vios_uuid)
        return vios is not None and vios.is_management


def _is_among(
    group: volume_group.GroupFacts, vios_uuids: Collection[str]
) -> bool:
    return not vios_uuids or group.vios_uuid in vios_uuids


def _which(vios_uuids: Collection[str]) -> str:
    return 'which has the disk ' if vios_uuids else ''


@contextlib.contextmanager
def _opened(path: str) -> Iterator[Iterator[bytes]]:
    with open(path, 'rb') as file:
        yield iter(lambda: file.read(_CHUNK), b'')
