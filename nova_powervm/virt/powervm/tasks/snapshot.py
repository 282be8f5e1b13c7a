# SPDX-License-Identifier: Apache-2.0
"""Tasks that make an image of a disk."""

from collections.abc import Callable
from typing import Any

from nova import objects
from nova.compute import task_states
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import access
from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.images import snapshot
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import query
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import progress as powervm_progress

LOG = logging.getLogger(__name__)

_UPLOADING = [
    task_states.IMAGE_UPLOADING,
    task_states.SHELVING_IMAGE_UPLOADING,
]


class FindBootDisk(base.PowerVMTask):
    """Find the boot disk of the instance.

    Reverts: nothing; nothing is changed.
    """

    default_provides = keys.BOOT_DISK

    def execute(
        self, instance: objects.Instance, lpar: lpar_cache.LparRecord
    ) -> disk_base.Disk:
        """Find it.

        :raises nova.exception.DiskNotFound: there is none
        """
        return self.host.access.boot_disk(instance, lpar)


class StopForSnapshot(base.PowerVMTask):
    """Stop a partition that runs, for the time of the copy.

    Reverts: starts it, if it was stopped here and does not run.
    """

    default_provides = keys.WAS_RUNNING

    def __init__(self, host: Any, timeout: int) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param timeout: seconds that the operating system gets
        """
        super().__init__(host)
        self._timeout = timeout
        self._stopping = False

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        boot_disk: disk_base.Disk,
    ) -> bool:
        """Stop it.

        :returns: whether it ran
        :raises nova.exception.InstancePowerOffFailure: it still runs
        """
        record = self.host.cache.refresh(lpar.uuid)
        if record is None or record.state not in query.UP | query.COMING_UP:
            return False
        self._stopping = True
        self.host.power.stop(record, hard=False, timeout=self._timeout)
        return True

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Start it."""
        if self._stopping:
            restart(self.host, kwargs[keys.LPAR])


class StartAgain(base.PowerVMTask):
    """Start a partition that was stopped for the copy.

    Reverts: nothing; it is as it was before.
    """

    def execute(self, lpar: lpar_cache.LparRecord, was_running: bool) -> None:
        """Start it.

        :raises PartitionNotRunning: with the reference code
        """
        if was_running:
            restart(self.host, lpar)


def restart(host: Any, lpar: lpar_cache.LparRecord) -> None:
    """Start a partition, whatever was known of it before."""
    record = host.cache.refresh(lpar.uuid)
    if record is not None and record.state == query.NOT_ACTIVATED:
        host.power.start(record)


class ConnectDisk(base.PowerVMTask):
    """Make the boot disk readable on the management partition.

    Reverts: takes that back: device and mapping go, and a disk that was taken
    from its partition is mapped to it again.
    """

    default_provides = keys.READABLE

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        boot_disk: disk_base.Disk,
    ) -> access.ReadableDisk:
        """Map it and find its device.

        :raises nova.exception.NotSupported: not on this host
        :raises PlatformError: it cannot be mapped, or does not appear
        """
        return self.host.access.connect(instance, lpar, boot_disk)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Take it back, by what the journal has of it."""
        self.host.access.release(kwargs[keys.INSTANCE])


class UploadDisk(base.PowerVMTask):
    """Send the disk to Glance.

    Reverts: nothing; Nova deletes the image when the driver fails.
    """

    def execute(
        self,
        context: Any,
        instance: objects.Instance,
        image_id: str,
        update_task_state: Callable[..., None],
        readable: access.ReadableDisk,
    ) -> None:
        """Send it.

        :raises SnapshotFailed: Glance did not take it, or it differs
        """
        update_task_state(
            task_state=task_states.IMAGE_UPLOADING,
            expected_state=task_states.IMAGE_PENDING_UPLOAD,
        )
        disk, size = self.host.access.open(readable)
        progress = powervm_progress.Progress(instance, _UPLOADING)
        with disk:
            snapshot.upload(
                context, image_id, _meta(instance), disk, size, progress
            )
        progress.done()


class DisconnectDisk(base.PowerVMTask):
    """Take back the access to the disk, once the image is complete.

    Reverts: nothing; there is nothing left to take back.
    """

    def execute(self, instance: objects.Instance) -> None:
        """Take it back; if that fails it is done later."""
        try:
            self.host.access.release(instance)
        except errors.PlatformError as exc:
            # The image is good, and the journal knows what is left.
            LOG.warning(
                'The disk is still mapped to the management partition; it is '
                'unmapped within minutes, or at the next start: %s',
                exc,
                instance=instance,
            )


def _meta(instance: objects.Instance) -> dict[str, Any]:
    return {
        'disk_format': 'raw',
        'container_format': 'bare',
        'properties': {
            'image_location': 'snapshot',
            'image_state': 'available',
            'owner_id': instance.project_id,
        },
    }
