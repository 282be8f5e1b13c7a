# SPDX-License-Identifier: Apache-2.0
"""Tasks that start and stop partitions."""

from typing import Any

from nova import exception as nova_exc
from nova import objects

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import netboot as lpar_netboot
from nova_powervm.virt.powervm.lpar import power as lpar_power
from nova_powervm.virt.powervm.lpar import query
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import ibmi


class PowerOn(base.PowerVMTask):
    """Start the partition from its disk and wait until it runs.

    Reverts: stops it hard, so that what follows can be undone; one that had
    been on, or suspended, is left alone.
    """

    _was_off = False

    def execute(
        self, instance: objects.Instance, lpar: lpar_cache.LparRecord
    ) -> None:
        """Start it.

        :raises PartitionNotRunning: with the reference code
        """
        # An earlier task may have stopped it.
        record = self._looked_at(
            self.host.cache.for_instance(instance) or lpar
        )
        ibmi.load_from_disk(self.host, instance, record)
        self.host.power.start(record, bootmode=flavor.boot_mode(instance))

    def _looked_at(
        self, record: lpar_cache.LparRecord
    ) -> lpar_cache.LparRecord:
        """See whether the partition is off; return what is known of it then.

        What is remembered may be old, if it says something else.
        """
        if record.state != query.NOT_ACTIVATED:
            record = self.host.cache.refresh(record.uuid) or record
        self._was_off = record.state == query.NOT_ACTIVATED
        return record

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Stop it, if it was started here."""
        if not self._was_off:
            return
        # The record is from before the start.
        record = self.host.cache.refresh(kwargs[keys.LPAR].uuid)
        if record is not None:
            self.host.power.stop(record, hard=True)


class PowerOnBuilt(PowerOn):
    """Start a partition with new disks, be it from media that install them.

    May drop its config drive later.

    Reverts: stops it hard, so that what follows can be undone.
    """

    def execute(  # type: ignore[override]
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        config_media: Any,
        netboot: lpar_netboot.Params | None,
    ) -> None:
        """Start it.

        :raises PartitionNotRunning: with the reference code
        """
        record = self._looked_at(lpar)
        settings = self.host.settings
        remove = None
        if settings.remove_vopt_media_on_boot and config_media is not None:
            remove = lpar_power.RemoveOptical(
                config_media.name, settings.remove_vopt_media_time
            )
        mode = flavor.boot_mode(instance)
        self.host.power.start(
            record, bootmode=mode, remove_optical=remove, netboot=netboot
        )


class PowerOff(base.PowerVMTask):
    """Stop the partition.

    Reverts: nothing; a guest that was stopped is not started behind the
    back of its user.
    """

    def __init__(
        self, host: Any, hard: bool, timeout: int | None = None
    ) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param hard: without asking the operating system
        :param timeout: seconds that the operating system gets
        """
        super().__init__(host)
        self._hard = hard
        self._timeout = timeout

    def execute(self, lpar: lpar_cache.LparRecord) -> None:
        """Stop it.

        :raises nova.exception.InstancePowerOffFailure: it still runs
        """
        try:
            self.host.power.stop(lpar, hard=self._hard, timeout=self._timeout)
        except errors.NotFound:
            # Somebody deleted it meanwhile: it runs no longer.
            self.host.cache.discard(lpar.uuid)
        except errors.PlatformError as exc:
            raise nova_exc.InstancePowerOffFailure(reason=str(exc)) from exc


class Reboot(base.PowerVMTask):
    """Stop and start the partition.

    Reverts: nothing; the state it was in cannot be brought back.
    """

    def __init__(
        self, host: Any, hard: bool, timeout: int | None = None
    ) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param hard: without asking the operating system
        :param timeout: seconds that the operating system gets
        """
        super().__init__(host)
        self._hard = hard
        self._timeout = timeout

    def execute(
        self, instance: objects.Instance, lpar: lpar_cache.LparRecord
    ) -> None:
        """Restart it; one that is off is started."""
        ibmi.load_from_disk(self.host, instance, lpar)
        self.host.power.reboot(lpar, hard=self._hard, timeout=self._timeout)


class Dump(base.PowerVMTask):
    """Let the operating system dump its memory and start again.

    Reverts: nothing; what the restart ended is gone.
    """

    def execute(self, lpar: lpar_cache.LparRecord) -> None:
        """Dump it.

        :raises WrongState: there is no operating system
        """
        self.host.power.dump(lpar)
