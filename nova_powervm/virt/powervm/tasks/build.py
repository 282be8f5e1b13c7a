# SPDX-License-Identifier: Apache-2.0
"""Tasks that look at a request before anything is changed."""

from typing import Any

from nova import exception as nova_exc
from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.tasks import base

LOG = logging.getLogger(__name__)


class CheckBuild(base.PowerVMTask):
    """Turn the flavor into a partition and see that the host can hold it.

    Reverts: nothing, it only reads.
    """

    default_provides = keys.SPEC

    def execute(self, instance: objects.Instance) -> Any:
        """Check flavor, capacity and that the partition does not exist.

        :raises FlavorError: the flavor asks for what cannot be
        :raises nova.exception.InstanceExists: there is such a partition
        :raises nova.exception.ComputeResourcesUnavailable: no room
        """
        if self.host.cache.for_instance(instance) is not None:
            raise nova_exc.InstanceExists(name=instance.name)
        for what in ('swap', 'ephemeral_gb'):
            if instance.flavor.get(what):
                LOG.warning(
                    'The flavor asks for %s, which is ignored: there are no '
                    'such disks on this platform yet',
                    what,
                    instance=instance,
                )
        return self.host.lpars.plan(instance)


class CheckVifs(base.PowerVMTask):
    """See that each VIF is of a kind that this host can plug.

    Reverts: nothing, it only reads.
    """

    def execute(self, network_info: Any) -> None:
        """Check the VIFs.

        :raises nova.exception.VirtualInterfacePlugException: unknown type
        """
        for vif in network_info or ():
            self.host.vifs.check(vif)
