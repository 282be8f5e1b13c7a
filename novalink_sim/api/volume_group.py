# SPDX-License-Identifier: Apache-2.0
"""VolumeGroup: disks, media repository and media."""

from collections.abc import Sequence
from typing import Any

from novalink_sim.api.hrefs import required
from novalink_sim.http.resource import Resource
from novalink_sim.model import groups as changes
from novalink_sim.model.storage import VolumeGroup
from novalink_sim.wire.document import Document
from novalink_sim.wire.fields import Groups
from novalink_sim.wire.types.volume_group import VOLUME_GROUP


def read_disk(doc: Document) -> changes.DiskRequest:
    """Return a disk that a client names."""
    return changes.DiskRequest(
        name=doc.get('DiskName') or '',
        capacity=required(doc, 'DiskCapacity'),
        udid=doc.get('UniqueDeviceID') or None,
        base_udid=doc.get('BaseImage') or None,
        label=doc.get('DiskLabel') or 'None',
        type=doc.get('VirtualDiskType') or 'LogicalVolume',
        file_format=doc.get('FileFormat') or None,
        tag=doc.get('Tag') or None,
    )


def read_media(doc: Document) -> changes.MediaRequest:
    """Return a medium that a client names."""
    return changes.MediaRequest(
        name=doc.get('MediaName') or '',
        size=doc.get('Size', 0.0),
        mount_type=doc.get('MountType') or 'rw',
    )


def read_repository(doc: Document) -> changes.RepositoryRequest:
    """Return a repository that a client names."""
    media = None
    if doc.has('OpticalMedia'):
        found = doc.items('OpticalMedia/VirtualOpticalMedia')
        media = tuple(read_media(item) for item in found)
    return changes.RepositoryRequest(
        name=doc.get('RepositoryName') or '',
        size=required(doc, 'RepositorySize'),
        media=media,
    )


def read_request(doc: Document) -> changes.GroupRequest:
    """Return what a client wants a group to hold."""
    disks, repositories = None, None
    if doc.has('VirtualDisks'):
        found = doc.items('VirtualDisks/VirtualDisk')
        disks = tuple(read_disk(item) for item in found)
    if doc.has('MediaRepositories'):
        found = doc.items('MediaRepositories/VirtualMediaRepository')
        repositories = tuple(read_repository(item) for item in found)
    return changes.GroupRequest(disks, repositories)


class VolumeGroupResource(Resource):
    """Volume groups of a VIOS."""

    name = 'VolumeGroup'
    decl = VOLUME_GROUP
    parents = ('VirtualIOServer',)

    def list(self, system: Any, parent: Any) -> Sequence[VolumeGroup]:
        """Return the groups; a VIOS that is down cannot be asked."""
        parent.check_usable()
        found: Sequence[VolumeGroup] = parent.groups
        return found

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)

    def update(
        self, system: Any, obj: Any, doc: Document, groups: Groups
    ) -> VolumeGroup:
        """Let the group hold what the body names."""
        group: VolumeGroup = obj
        changes.update(group, read_request(doc))
        return group
