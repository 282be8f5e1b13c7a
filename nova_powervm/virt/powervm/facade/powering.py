# SPDX-License-Identifier: Apache-2.0
"""What the driver does with the power of instances."""

from collections.abc import Mapping
from typing import Any

from nova import objects
from nova.compute import task_states
from nova.virt import driver
from oslo_log import log as logging

from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm.facade import base
from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.flows import power as power_flows
from nova_powervm.virt.powervm.tasks import reconnect

LOG = logging.getLogger(__name__)


class PowerMethods(base.HostDriver):
    """The methods of Nova's driver that start and stop."""

    def power_on(
        self,
        context: Any,
        instance: objects.Instance,
        network_info: Any,
        block_device_info: Mapping[str, Any] | None = None,
        accel_info: Any = None,
        share_info: Any = None,
    ) -> None:
        """Start an instance.

        :raises nova.exception.InstancePowerOnFailure: it does not run
        """
        connects = bool(
            driver.block_device_info_get_mapping(block_device_info)
        )
        with self._working(instance, errors.for_power_on, records=connects):
            store, usable = self._with_missing(instance, block_device_info)
            flow = power_flows.power_on(
                self.host,
                connecting=bool(store[keys.VOLUMES]),
                usable=usable,
            )
            engine.run(flow, store, errors.for_power_on)

    def power_off(
        self,
        instance: objects.Instance,
        timeout: int = 0,
        retry_interval: int = 0,
    ) -> None:
        """Stop an instance.

        :param instance: the instance
        :param timeout: seconds that the operating system gets to shut down;
            0 means to stop it at once
        :param retry_interval: not used, the platform does the waiting
        :raises nova.exception.InstancePowerOffFailure: it still runs
        """
        if self._is_to_be_rebuilt(instance):
            LOG.info('There is no partition to stop', instance=instance)
            return
        flow = power_flows.power_off(
            self.host, hard=not timeout, timeout=timeout or None
        )
        self._run(instance, flow, errors.for_power_off)

    def _is_to_be_rebuilt(self, instance: objects.Instance) -> bool:
        """Tell whether a rebuild has cost an instance its partition before.

        Nova stops what it rebuilds, and would take the instance for deleted.
        """
        return (
            isinstance(instance, objects.Instance)
            and instance.task_state == task_states.REBUILDING
            and instances.find(self.host.cache, instance) is None
        )

    def reboot(
        self,
        context: Any,
        instance: objects.Instance,
        network_info: Any,
        reboot_type: str,
        block_device_info: Mapping[str, Any] | None = None,
        bad_volumes_callback: Any = None,
        accel_info: Any = None,
        share_info: Any = None,
    ) -> None:
        """Restart an instance; one that is off is started.

        A hard reboot also connects volumes that have lost their mappings.

        :raises nova.exception.InstanceRebootFailure: it did not restart
        """
        hard = reboot_type == 'HARD'
        flow = power_flows.reboot(
            self.host,
            hard=hard,
            timeout=instances.shutdown_timeout(instance, self.host.settings),
        )
        volumes = block_device_info if hard else None
        connects = bool(driver.block_device_info_get_mapping(volumes))
        with self._working(instance, errors.for_reboot, records=connects):
            store, usable = self._with_missing(instance, volumes)
            if store[keys.VOLUMES]:
                flow = power_flows.reconnect(self.host, usable)
            engine.run(flow, store, errors.for_reboot)

    def _with_missing(
        self,
        instance: objects.Instance,
        block_device_info: Mapping[str, Any] | None,
    ) -> tuple[dict[str, Any], frozenset[str]]:
        """Tell what a flow needs that connects volumes which are missing.

        :returns: what it stores, and the ids of those volumes that the
            partition has, but not by all paths
        """
        store = self._store(
            instance, **{keys.BLOCK_DEVICES: block_device_info}
        )
        found = reconnect.to_connect(
            self.host, instance, store[keys.LPAR], block_device_info
        )
        store[keys.VOLUMES] = tuple(item.volume for item in found)
        return store, frozenset(i.volume.id for i in found if i.usable)

    def trigger_crash_dump(self, instance: objects.Instance) -> None:
        """Let the operating system dump its memory and start again.

        :raises nova.exception.InstanceNotRunning: there is none that runs
        :raises nova.exception.InstanceRebootFailure: it does not run again
        """
        flow = power_flows.crash_dump(self.host)
        self._run(instance, flow, errors.for_crash_dump)

    def resume_state_on_host_boot(
        self,
        context: Any,
        instance: objects.Instance,
        network_info: Any,
        share_info: Any,
        block_device_info: Mapping[str, Any] | None = None,
    ) -> None:
        """Start an instance that ran before the host went down."""
        self.power_on(context, instance, network_info, block_device_info)
