# SPDX-License-Identifier: Apache-2.0
"""What the driver tells of how instances are doing."""

from typing import Any, Final, NoReturn

from nova import exception as nova_exc
from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm import diagnostics
from nova_powervm.virt.powervm.facade import base
from nova_powervm.virt.powervm.flows import errors

LOG = logging.getLogger(__name__)

_NO_VOLUMES: Final = (
    'PowerVM counts reads and writes for each virtual SCSI adapter, not for '
    'each volume; see the diagnostics of the server'
)


class ObservingMethods(base.HostDriver):
    """The methods of Nova's driver that measure."""

    @errors.query
    def get_diagnostics(self, instance: objects.Instance) -> dict[str, Any]:
        """Tell figures of an instance, in our own names.

        :raises nova.exception.InstanceNotFound: it has no partition here
        """
        return dict(diagnostics.as_dict(self._report(instance)))

    @errors.query
    def get_instance_diagnostics(
        self, instance: objects.Instance
    ) -> objects.Diagnostics:
        """Tell figures of an instance, in Nova's names.

        :raises nova.exception.InstanceNotFound: it has no partition here
        """
        return diagnostics.as_object(self._report(instance))

    def _report(self, instance: objects.Instance) -> diagnostics.Report:
        known = self._require(instance)
        record = self.host.cache.refresh(known.uuid)
        if record is None:
            raise nova_exc.InstanceNotFound(instance_id=instance.uuid)
        return diagnostics.collect(self.host, instance, record)

    def block_stats(
        self, instance: objects.Instance, disk_id: str
    ) -> NoReturn:
        """Tell that there are no figures of single disks.

        :raises NotImplementedError: always; Nova does without
        """
        raise NotImplementedError(_NO_VOLUMES)

    def get_all_volume_usage(
        self, context: Any, compute_host_bdms: Any
    ) -> NoReturn:
        """Tell that there are no figures of single volumes.

        :raises NotImplementedError: always; Nova does without
        """
        LOG.warning('There is no volume usage: %s', _NO_VOLUMES)
        raise NotImplementedError(_NO_VOLUMES)
