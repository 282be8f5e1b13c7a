# SPDX-License-Identifier: Apache-2.0
"""Tasks that look at a request before anything is changed."""

from typing import Any

from nova import exception as nova_exc
from nova import objects
from nova.compute import vm_states

from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import netboot
from nova_powervm.virt.powervm.tasks import base

_SHELVED = (vm_states.SHELVED, vm_states.SHELVED_OFFLOADED)


class CheckBuild(base.PowerVMTask):
    """Turn the flavor into a partition and see that the host can hold it.

    Reverts: nothing, it only reads.
    """

    default_provides = keys.SPEC

    def execute(self, instance: objects.Instance) -> flavor.LparSpec:
        """Check flavor, capacity and that the partition does not exist.

        :raises FlavorError: the flavor asks for what cannot be
        :raises nova.exception.InstanceExists: there is such a partition
        :raises nova.exception.ComputeResourcesUnavailable: no room
        """
        known = self.host.cache.for_instance(instance)
        # One that is gone since is no reason to fail.
        if known is not None and self.host.cache.refresh_state(known.uuid):
            raise nova_exc.InstanceExists(name=instance.name)
        return self.host.partitions.plan(instance)


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


class PlanNetboot(base.PowerVMTask):
    """See how the instance is installed over the network, if it is to be.

    Reverts: nothing, it only reads.
    """

    default_provides = keys.NETBOOT

    def __init__(self, host: Any, *, iso: bool = False) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param iso: whether there is an image that installs it
        """
        super().__init__(host)
        self._iso = iso

    def execute(
        self, instance: objects.Instance, network_info: Any
    ) -> netboot.Params | None:
        """Put the parameters of the first start together.

        :raises FlavorError: there is no network for it, or two installations
        """
        if instance.vm_state in _SHELVED:
            # Its image is what was installed and used.
            return None
        found = flavor.netboot_params(instance, network_info)
        if found and self._iso:
            raise flavor.FlavorError(
                f'powervm:{netboot.MODE_KEY}',
                netboot.MODE,
                'an ISO image is installed from its medium; use a flavor '
                'without it, or another image',
            )
        return found
