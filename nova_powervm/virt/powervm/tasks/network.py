# SPDX-License-Identifier: Apache-2.0
"""Tasks for the adapters of a partition."""

import contextlib
from collections.abc import Sequence
from typing import Any

from nova import exception as nova_exc
from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.vif import base as vif_base

LOG = logging.getLogger(__name__)


class PlugVifs(base.PowerVMTask):
    """Plug the VIFs and wait until Neutron says that they work.

    Reverts: unplugs them; a VIF that was there before stays.
    """

    default_provides = keys.ADAPTERS

    def __init__(
        self,
        host: Any,
        virtapi: Any,
        new: bool = False,
        restore: bool = False,
    ) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param virtapi: Nova's virtapi, or None not to wait
        :param new: the partition is made by the same flow
        :param restore: use the slots in the slot map of the instance
        """
        super().__init__(host)
        self._restore = restore
        self._virtapi = virtapi
        self._new = new
        self._plugged: list[Any] = []

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        network_info: Any,
    ) -> tuple[vif_base.AdapterInfo, ...]:
        """Plug them.

        :returns: the adapters, in the order of the VIFs
        :raises nova.exception.VirtualInterfaceCreateException: Neutron did
            not confirm in time, and that is fatal
        """
        vifs = list(network_info or ())
        # Known before the first write, so that a revert takes away neither
        # more nor less than this task made, even if an answer got lost.
        there = set() if self._new else self.host.vifs.macs(lpar)
        places = slots.known(instance).adapters if self._restore else {}
        made = []
        try:
            with self._waiting(instance, vifs):
                for vif in vifs:
                    if vif['address'].lower() not in there:
                        self._plugged.append(vif)
                    made.append(
                        self.host.vifs.plug(
                            lpar,
                            vif,
                            instance,
                            new=self._new,
                            slot=places.get(vif['address'].lower()),
                        )
                    )
        except nova_exc.InstanceEventTimeout as exc:
            if self.host.settings.vif_plugging_is_fatal:
                raise nova_exc.VirtualInterfaceCreateException() from exc
            LOG.warning(
                'Neutron did not confirm the VIFs within %s seconds; going '
                'on, since vif_plugging_is_fatal is off',
                self.host.settings.vif_plugging_timeout,
                instance=instance,
            )
        return tuple(made)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Unplug those that were plugged."""
        for vif in reversed(self._plugged):
            try:
                self.host.vifs.unplug(
                    kwargs[keys.LPAR],
                    vif,
                    kwargs[keys.INSTANCE],
                    with_lpar=self._new,
                )
            except errors.PlatformError as exc:
                LOG.warning(
                    'VIF %s could not be unplugged: %s',
                    vif['id'],
                    exc,
                    instance=kwargs[keys.INSTANCE],
                )

    def _waiting(
        self, instance: objects.Instance, vifs: Sequence[Any]
    ) -> contextlib.AbstractContextManager[Any]:
        timeout = self.host.settings.vif_plugging_timeout
        events = [
            ('network-vif-plugged', vif['id'])
            for vif in vifs
            if not vif.get('active')
        ]
        if self._virtapi is None or not timeout or not events:
            return contextlib.nullcontext()
        manager: contextlib.AbstractContextManager[Any] = (
            self._virtapi.wait_for_instance_event(
                instance,
                events,
                timeout=timeout,
                error_callback=self._failed,
            )
        )
        return manager

    def _failed(self, event: str, instance: objects.Instance) -> bool:
        if self.host.settings.vif_plugging_is_fatal:
            raise nova_exc.VirtualInterfaceCreateException()
        LOG.warning('Neutron reports %s as failed', event, instance=instance)
        return True


class PlugManagementVif(base.PowerVMTask):
    """Give the partition its adapter on the management switch.

    Reverts: nothing by itself; only new partitions get the adapter, and it
    goes with the partition.
    """

    default_provides = keys.MANAGEMENT_VIF

    def __init__(self, host: Any, restore: bool = False) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param restore: use the slot in the slot map of the instance
        """
        super().__init__(host)
        self._restore = restore

    def execute(
        self, instance: objects.Instance, lpar: lpar_cache.LparRecord
    ) -> Any:
        """Plug it, if the host has that switch and wants it.

        :returns: the adapter, None when there is none
        """
        slot = None
        if self._restore:
            mac = self.host.vifs.management_mac(instance)
            slot = slots.known(instance).adapters.get(mac)
        return self.host.vifs.plug_management(
            lpar, instance, new=True, slot=slot
        )


class UnplugVifs(base.PowerVMTask):
    """Unplug VIFs.

    Reverts: nothing; unplugging can be repeated, and what was unplugged may
    be of use to others by now.
    """

    def __init__(self, host: Any, with_lpar: bool = False) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param with_lpar: the partition goes next and takes its adapters
            along, so only tell those who care
        """
        super().__init__(host)
        self._with_lpar = with_lpar

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        network_info: Any,
    ) -> None:
        """Unplug them; those that are not there are fine."""
        for vif in network_info or ():
            self.host.vifs.unplug(
                lpar, vif, instance, with_lpar=self._with_lpar
            )
