# SPDX-License-Identifier: Apache-2.0
"""Jobs about the storage that a Virtual I/O Server gives to its clients."""

from novalink_sim.jobs.registry import JobHandler
from novalink_sim.jobs.registry import JobRun
from novalink_sim.model import backing
from novalink_sim.model import hdisks
from novalink_sim.model import scsi
from novalink_sim.model.storage import PhysicalVolume

#: NovaLink: return code of a rescan of something that is not there.
NOT_FOUND = -1


def rescan(run: JobRun) -> None:
    """Look at the size of a disk again.

    That of a logical volume is the platform's own.
    """
    udid = run.params.get('VirtualDiskUDID') or ''
    vios = run.target
    disk = vios.find_storage(scsi.DISK, None, udid) or vios.find_storage(
        scsi.VOLUME, None, udid
    )
    if disk is None:
        run.result('RETURN_CODE', NOT_FOUND)
        run.fail(f'VIOS01050032 There is no disk {udid!r} on {vios.name}.')
    vios.check_usable()
    if isinstance(disk, PhysicalVolume):
        hdisks.rescan(disk)
    if isinstance(disk, backing.BackedDisk):
        backing.rescan(disk)
    run.result('RETURN_CODE', 0)


def rbd_exists(run: JobRun) -> None:
    """Tell whether there is an image of a name."""
    run.target.check_usable()
    name = run.params.get('name') or ''
    if not run.target.is_management:
        run.fail(
            f'VIOS01050051 {run.target.name} cannot use RBD images: only the '
            'management partition of a software-defined system can.'
        )
    found = backing.image_exists(run.target, name)
    run.result('exists', str(found).lower())


HANDLERS = (
    JobHandler('VirtualIOServer', 'RescanVirtualDisk', rescan),
    JobHandler('VirtualIOServer', 'RBDExists', rbd_exists),
)
