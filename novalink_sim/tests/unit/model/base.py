# SPDX-License-Identifier: Apache-2.0
"""A system with a VIOS, a switch and a volume group, without HTTP."""

import dataclasses
import pathlib
from typing import Any

import fixtures
import testtools

from novalink_sim import clock
from novalink_sim.model import groups
from novalink_sim.model import lpar
from novalink_sim.model import mappings
from novalink_sim.model import network
from novalink_sim.model import partition
from novalink_sim.model import scsi
from novalink_sim.model import setup
from novalink_sim.model import storage
from novalink_sim.model import system
from novalink_sim.model.switches import Switches


def shared(units: float = 0.5, virtual: int = 1) -> partition.Processors:
    """Return a share of the pool."""
    return partition.Processors(
        'uncapped',
        partition.SharedProcessors(
            units, units, units, virtual, virtual, virtual
        ),
    )


def request(
    name: str = 'vm', memory: int | partition.Memory = 1024, **kwargs: Any
) -> Any:
    """Return what a client asks of a partition; memory in MB."""
    if isinstance(memory, int):
        memory = partition.Memory(memory, memory, memory)
    wanted: dict[str, Any] = {
        'memory': memory,
        'processors': shared(),
    }
    return lpar.LparRequest(name=name, **(wanted | kwargs))


class ModelCase(testtools.TestCase):
    """The system is ``self.system``; its events are in ``self.events``."""

    switches: dict[str, Any] = {}

    def setUp(self) -> None:
        super().setUp()
        root = self.useFixture(fixtures.TempDir()).path
        self.clock = clock.ManualClock()
        self.events: list[tuple[str, str, str]] = []
        self.system = system.ManagedSystem(
            'host1',
            'seed',
            pathlib.Path(root),
            self.clock,
            dataclasses.replace(Switches(), **self.switches),
            lambda *event: self.events.append(event),
        )
        self.vios = setup.add_vios(self.system, 'vios1')
        self.group = setup.add_volume_group(self.vios, 'datavg', 10)
        self.switch = network.create_switch(self.system, 'ETHERNET0')
        self.events.clear()

    def switch_to(self, **kwargs: Any) -> None:
        """Change switches."""
        old = self.system.switches
        self.system.switches = dataclasses.replace(old, **kwargs)

    def lpar(self, name: str = 'vm', **kwargs: Any) -> Any:
        """Create a partition."""
        return lpar.create(self.system, request(name, **kwargs))

    def wanted_disks(self) -> tuple[groups.DiskRequest, ...]:
        """Return the disks of the group as a client sends them back."""
        return tuple(
            groups.DiskRequest(d.name, d.capacity, udid=d.udid)
            for d in self.group.disks
        )

    def disk(self, name: str, size: float = 1, **kwargs: Any) -> Any:
        """Create a disk."""
        new = groups.DiskRequest(name, size, **kwargs)
        disks = (*self.wanted_disks(), new)
        groups.update(self.group, groups.GroupRequest(disks=disks))
        return self.group.find(name)

    def media(self, name: str = 'cfg', size: float = 0.5) -> Any:
        """Create a medium, and the repository for it."""
        if not self.group.repositories:
            wanted = groups.RepositoryRequest('vopt', 1)
            groups.update(
                self.group, groups.GroupRequest(repositories=(wanted,))
            )
        return groups.add_media(self.group.repositories[0], name, size)

    def wanted_mappings(self) -> list[mappings.MappingRequest]:
        """Return the mappings of the VIOS as a client sends them back."""
        found = []
        for mapping in self.vios.scsi_mappings:
            bus, device = mapping.bus, mapping.device
            ask = mappings.MappingRequest(bus.lpar_uuid, server_udid=bus.udid)
            if device is not None:
                ask = dataclasses.replace(
                    ask,
                    target_udid=device.target_udid,
                    lua=device.lua,
                    storage=mappings.StorageRequest(
                        device.kind, udid=device.key
                    ),
                )
            found.append(ask)
        return found

    def map(self, lpar: Any, item: Any, **kwargs: Any) -> scsi.ScsiMapping:
        """Map storage to a partition, on a new bus unless told."""
        kind = scsi.DISK
        if isinstance(item, storage.OpticalMedia):
            kind = scsi.MEDIA
        tag = kwargs.pop('tag', None)
        wanted = mappings.StorageRequest(kind, name=item.name, tag=tag)
        ask = mappings.MappingRequest(lpar.uuid, storage=wanted, **kwargs)
        mappings.update(self.vios, [*self.wanted_mappings(), ask])
        return next(
            m
            for m in self.vios.scsi_mappings
            if m.storage is item and m.bus.lpar_uuid == lpar.uuid
        )
