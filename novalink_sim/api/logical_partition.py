# SPDX-License-Identifier: Apache-2.0
"""LogicalPartition: create, change, delete."""

from collections.abc import Sequence
from typing import Any, ClassVar

from novalink_sim import errors
from novalink_sim.api.hrefs import required
from novalink_sim.http.resource import Resource
from novalink_sim.model import lpar as lpars
from novalink_sim.model.partition import DedicatedProcessors
from novalink_sim.model.partition import Memory
from novalink_sim.model.partition import Processors
from novalink_sim.model.partition import SharedProcessors
from novalink_sim.model.partition import TaggedIO
from novalink_sim.wire.document import Document
from novalink_sim.wire.fields import Groups
from novalink_sim.wire.groups import selected
from novalink_sim.wire.types.logical_partition import LOGICAL_PARTITION

#: Properties of both kinds of partitions that need no XML to ask for.
QUICK: dict[str, Any] = {
    'PartitionID': lambda part: part.id,
    'PartitionName': lambda part: part.name,
    'PartitionState': lambda part: part.state,
    'PartitionType': lambda part: part.type,
    'ResourceMonitoringControlState': lambda part: part.rmc_state,
    'ReferenceCode': lambda part: part.reference_code,
}
#: Properties of both kinds of partitions to search by.
SEARCH: dict[str, Any] = {
    'PartitionID': lambda part: part.id,
    'PartitionName': lambda part: part.name,
}

_PHYSICAL = 'PartitionIOConfiguration/ProfileIOSlots/ProfileIOSlot'


def read_memory(doc: Document) -> Memory:
    """Return the memory that a client asks for."""
    conf = doc.child('PartitionMemoryConfiguration')
    if conf is None:
        raise errors.BadRequest('A partition needs memory.')
    return Memory(
        desired=required(conf, 'DesiredMemory'),
        maximum=required(conf, 'MaximumMemory'),
        minimum=required(conf, 'MinimumMemory'),
        expansion_factor=conf.get('ExpansionFactor', 0.0),
        page_table_ratio=conf.get('HardwarePageTableRatio', 6),
        physical_page_table_ratio=conf.get('PhysicalPageTableRatio'),
    )


def read_processors(doc: Document) -> Processors:
    """Return the processors that a client asks for."""
    conf = doc.child('PartitionProcessorConfiguration')
    if conf is None:
        raise errors.BadRequest('A partition needs processors.')
    mode = conf.get('SharingMode') or 'uncapped'
    if conf.get('HasDedicatedProcessors', False):
        return Processors(mode, dedicated=_dedicated(conf))
    return Processors(mode, shared=_shared(conf))


def _dedicated(conf: Document) -> DedicatedProcessors:
    part = conf.child('DedicatedProcessorConfiguration')
    if part is None:
        raise errors.BadRequest('Dedicated processors have no numbers.')
    return DedicatedProcessors(
        desired=required(part, 'DesiredProcessors'),
        maximum=required(part, 'MaximumProcessors'),
        minimum=required(part, 'MinimumProcessors'),
    )


def _shared(conf: Document) -> SharedProcessors:
    part = conf.child('SharedProcessorConfiguration')
    if part is None:
        raise errors.BadRequest('Shared processors have no numbers.')
    return SharedProcessors(
        desired_units=required(part, 'DesiredProcessingUnits'),
        maximum_units=required(part, 'MaximumProcessingUnits'),
        minimum_units=required(part, 'MinimumProcessingUnits'),
        desired_virtual=required(part, 'DesiredVirtualProcessors'),
        maximum_virtual=required(part, 'MaximumVirtualProcessors'),
        minimum_virtual=required(part, 'MinimumVirtualProcessors'),
        pool_id=part.get('SharedProcessorPoolID', 0),
        weight=part.get('UncappedWeight'),
    )


def read_request(doc: Document) -> lpars.LparRequest:
    """Return what a client asks of a partition.

    :raises NotSimulated: if it shall have physical I/O
    """
    if doc.items(_PHYSICAL):
        raise errors.NotSimulated(
            'Physical I/O slots of partitions are not simulated.'
        )
    return lpars.LparRequest(
        name=doc.get('PartitionName') or '',
        memory=read_memory(doc),
        processors=read_processors(doc),
        type=doc.get('PartitionType') or 'AIX/Linux',
        uuid=doc.atom_id or doc.get('PartitionUUID') or None,
        id=doc.get('PartitionID'),
        max_slots=doc.get(
            'PartitionIOConfiguration/MaximumVirtualIOSlots', 64
        ),
        availability_priority=doc.get('AvailabilityPriority', 127),
        allow_performance_data=doc.get(
            'AllowPerformanceDataCollection', False
        ),
        compatibility_mode=doc.get('PendingProcessorCompatibilityMode')
        or 'default',
        remote_restart_capable=doc.get(
            'SimplifiedRemoteRestartCapable', False
        ),
        secure_boot=doc.get('PendingSecureBoot', 0),
        description=doc.get('Description'),
        nvram=doc.get('PartitionNVRAM'),
        profile_sync=doc.get('CurrentProfileSync') or 'On',
        restricted_io=doc.get('IsRestrictedIOPartition', False),
        ipl_source=doc.get('DesignatedIPLSource') or None,
        keylock=doc.get('KeylockPosition') or 'normal',
        tagged_io=_tagged_io(doc),
    )


def _tagged_io(doc: Document) -> TaggedIO | None:
    tagged = doc.child('PartitionIOConfiguration/TaggedIO')
    if tagged is None:
        return None
    default = TaggedIO()
    return TaggedIO(
        load_source=tagged.get('LoadSource') or default.load_source,
        alternate_load_source=tagged.get('AlternateLoadSource')
        or default.alternate_load_source,
        console=tagged.get('Console') or default.console,
    )


class LogicalPartitionResource(Resource):
    """Partitions, but for the VIOSes."""

    name = 'LogicalPartition'
    decl = LOGICAL_PARTITION
    parents = ('', 'ManagedSystem')
    search: ClassVar[dict[str, Any]] = SEARCH
    quick: ClassVar[dict[str, Any]] = QUICK

    def list(
        self, system: Any, parent: Any
    ) -> Sequence[lpars.LogicalPartition]:
        return list(system.lpars.values())

    def get(
        self, system: Any, parent: Any, uuid: str
    ) -> lpars.LogicalPartition:
        found = system.lpars.get(uuid.upper())
        if found is None:
            raise errors.NotFound(f'LogicalPartition {uuid} was not found.')
        lpar: lpars.LogicalPartition = found
        return lpar

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)

    def create(
        self, system: Any, parent: Any, doc: Document
    ) -> lpars.LogicalPartition:
        """Create a partition below the system."""
        if parent is None:
            raise errors.MethodNotAllowed(
                'Partitions are created below their ManagedSystem.'
            )
        return lpars.create(system, read_request(doc))

    def update(
        self, system: Any, obj: Any, doc: Document, groups: Groups
    ) -> lpars.LogicalPartition:
        """Change a partition; its NVRAM only in its group."""
        request = read_request(doc)
        if not selected('NVRAM', groups):
            request = lpars.without_nvram(request)
        lpars.update(system, obj, request)
        lpar: lpars.LogicalPartition = obj
        return lpar

    def delete(self, system: Any, obj: Any) -> None:
        """Delete a partition."""
        lpars.delete(system, obj)
