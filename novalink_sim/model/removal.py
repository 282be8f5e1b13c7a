# SPDX-License-Identifier: Apache-2.0
"""Taking storage away from a partition."""

from novalink_sim.model import groups
from novalink_sim.model import scsi
from novalink_sim.model.partition import Partition


def remove_optical(part: Partition, name: str) -> None:
    """Take a medium from a partition, and delete it if nobody else has it.

    NovaLink: what the PowerOn parameter remove_optical_name does.
    """
    for vios in part.system.vioses.values():
        medium = vios.find_storage(scsi.MEDIA, name, None)
        if medium is None or not vios.usable:
            continue
        for bus in list(vios.buses):
            if bus.lpar_uuid == part.uuid:
                unmap(bus, medium.udid)
        if not vios.is_mapped(medium.udid):
            for repository in vios.repositories:
                found = repository.find(name)
                if found is not None:
                    groups.remove_media(found)
                    repository.group.changed('MediaRepositories')


def unmap(bus: scsi.ScsiBus, key: str) -> None:
    """Take storage from a bus; an empty bus goes, too."""
    left = [device for device in bus.devices if device.key != key]
    if left == bus.devices:
        return
    bus.devices[:] = left
    if not left:
        bus.vios.buses.remove(bus)
    bus.vios.note_mapped()
    bus.vios.changed('VirtualSCSIMappings')
