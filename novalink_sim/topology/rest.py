# SPDX-License-Identifier: Apache-2.0
"""A client of a system's REST API inside of the process."""

from typing import Any
from xml.sax.saxutils import escape

from lxml import etree
from werkzeug import test

from novalink_sim.http import app
from novalink_sim.http import runtime
from novalink_sim.topology import spec
from novalink_sim.wire import document
from novalink_sim.wire import fields


class BuildError(ValueError):
    """The simulator refused a part of a topology."""


class RestClient:
    """Sends requests to a system without a socket."""

    def __init__(self, system: runtime.SystemRuntime) -> None:
        self._client = test.Client(app.SystemApp(system, internal=True))

    def call(self, method: str, path: str, body: str = '') -> Any:
        """Send a request; return the XML of the content of the entry.

        :raises BuildError: with the simulator's message
        """
        reply = self._client.open(
            f'/rest/api/uom/{path}',
            method=method,
            data=body.encode(),
        )
        root = document.parse_xml(reply.data) if reply.data else None
        if reply.status_code >= 300 and root is not None:
            message = root.findtext('.//{*}Message')
            raise BuildError(f'{method} {path}: {message}')
        return None if root is None else root.find('.//{*}content/*')


def _leaves(**values: object) -> str:
    return ''.join(
        f'<{name}>{escape(str(value))}</{name}>'
        for name, value in values.items()
        if value is not None
    )


def _root(name: str, inner: str) -> str:
    return (
        f'<{name} xmlns="{fields.UOM}" schemaVersion="V1_0">{inner}</{name}>'
    )


def uuid_of(element: etree._Element) -> str:
    """Return the uuid in the metadata of an object."""
    return str(element.findtext('{*}Metadata/{*}Atom/{*}AtomID'))


def switch_xml(name: str) -> str:
    """Return a VirtualSwitch."""
    inner = _leaves(SwitchMode='Veb', SwitchName=name)
    return _root('VirtualSwitch', inner)


def processor_pool_xml(pool: spec.ProcessorPoolSpec) -> str:
    """Return a SharedProcessorPool."""
    inner = _leaves(MaximumProcessingUnits=pool.processors, PoolName=pool.name)
    return _root('SharedProcessorPool', inner)


def lpar_xml(lpar: spec.LparSpec, name: str) -> str:
    """Return a LogicalPartition with fixed memory and shared processors."""
    memory = _leaves(
        DesiredMemory=lpar.memory_mb,
        MaximumMemory=lpar.memory_mb,
        MinimumMemory=lpar.memory_mb,
    )
    units, virtual = lpar.processors, lpar.virtual_processors
    shared = _leaves(
        DesiredProcessingUnits=units,
        DesiredVirtualProcessors=virtual,
        MaximumProcessingUnits=units,
        MaximumVirtualProcessors=virtual,
        MinimumProcessingUnits=units,
        MinimumVirtualProcessors=virtual,
        SharedProcessorPoolID=0,
        UncappedWeight=128,
    )
    processors = (
        _leaves(HasDedicatedProcessors='false')
        + f'<SharedProcessorConfiguration>{shared}'
        + '</SharedProcessorConfiguration>'
        + _leaves(SharingMode='uncapped')
    )
    return _root(
        'LogicalPartition',
        '<PartitionIOConfiguration>'
        + _leaves(MaximumVirtualIOSlots=64)
        + '</PartitionIOConfiguration>'
        + f'<PartitionMemoryConfiguration>{memory}'
        + '</PartitionMemoryConfiguration>'
        + _leaves(PartitionName=name)
        + f'<PartitionProcessorConfiguration>{processors}'
        + '</PartitionProcessorConfiguration>'
        + _leaves(PartitionType='AIX/Linux'),
    )


def adapter_xml(switch_href: str, vlan: int) -> str:
    """Return a ClientNetworkAdapter in the next free slot."""
    link = f'<link href="{escape(switch_href)}" rel="related"/>'
    return _root(
        'ClientNetworkAdapter',
        _leaves(
            UseNextAvailableSlotID='true',
            PortVLANID=vlan,
            TaggedVLANSupported='false',
        )
        + f'<AssociatedVirtualSwitch>{link}</AssociatedVirtualSwitch>',
    )


def job_xml(group: str, operation: str) -> str:
    """Return a JobRequest without parameters."""
    named = _leaves(OperationName=operation, GroupName=group)
    return (
        f'<JobRequest xmlns="{fields.WEB}" schemaVersion="V1_0">'
        f'<RequestedOperation>{named}</RequestedOperation></JobRequest>'
    )


def _add(parent: etree._Element, name: str, text: object = None) -> Any:
    made = etree.SubElement(parent, f'{{{fields.UOM}}}{name}')
    if text is not None:
        made.text = str(text)
    return made


def _child(parent: etree._Element, name: str) -> etree._Element:
    found = parent.find(f'{{*}}{name}')
    return _add(parent, name) if found is None else found


def add_disks(group: etree._Element, wanted: spec.GroupSpec) -> str:
    """Return a VolumeGroup with the wanted disks and repository added."""
    if wanted.repository_gb is not None:
        target = _child(group, 'MediaRepositories')
        repository = _add(target, 'VirtualMediaRepository')
        _add(repository, 'RepositoryName', 'VMLibrary')
        _add(repository, 'RepositorySize', wanted.repository_gb)
    target = _child(group, 'VirtualDisks')
    for disk in wanted.disks:
        made = _add(target, 'VirtualDisk')
        _add(made, 'DiskCapacity', disk.size_gb)
        _add(made, 'DiskName', disk.name)
    return etree.tostring(group).decode()
