# SPDX-License-Identifier: Apache-2.0
"""Plugs and unplugs whatever VIFs an instance has."""

from typing import Any

from nova import exception as nova_exc
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.host import facts as host_facts
from nova_powervm.virt.powervm.vif import adapters
from nova_powervm.virt.powervm.vif import base
from nova_powervm.virt.powervm.vif import management
from nova_powervm.virt.powervm.vif import networks
from nova_powervm.virt.powervm.vif import registry

LOG = logging.getLogger(__name__)


class Plugger:
    """The adapters of the partitions of one host."""

    def __init__(
        self, client: Any, system: host_facts.SystemReader, settings: Any
    ) -> None:
        """Make the collaborators; nothing is read yet.

        :param client: client.session.Client
        :param system: gives the uuid of the managed system
        :param settings: settings.HostSettings
        """
        self._client = client
        self.networks = networks.NetworkFacts(client, system)
        self._registry = registry.VifRegistry(client, self.networks)
        self._management = management.ManagementVif(
            client, self.networks, settings
        )

    def check(self, vif: Any) -> None:
        """See that a VIF can be plugged on this host; changes nothing.

        :raises nova.exception.VirtualInterfacePlugException: if not
        """
        self._registry.for_vif(vif).check(vif)

    def macs(self, record: Any) -> set[str]:
        """Tell the MAC addresses that a partition has, as Nova writes them.

        :param record: lpar.cache.LparRecord
        :raises PlatformError: if the request fails
        """
        return adapters.macs(self._client, record.uuid)

    def plug(
        self,
        record: Any,
        vif: Any,
        instance: Any,
        *,
        new: bool = False,
        slot: int | None = None,
    ) -> base.AdapterInfo:
        """Plug a VIF, unless it is.

        :param record: lpar.cache.LparRecord
        :param vif: nova.network.model.VIF
        :param instance: the instance, for log and error messages
        :param new: the partition was just created, so it has no adapters
        :param slot: where a new adapter goes; None leaves that to the platform
        :returns: the adapter, and whether it was made
        :raises nova.exception.VirtualInterfacePlugException: if the VIF or
            the state of the partition does not allow it
        :raises PlatformError: if the platform refuses or fails
        """
        driver = self._registry.for_vif(vif)
        driver.check(vif)
        if not new:
            _check_changeable(record, instance)
        made = driver.plug(record.uuid, vif, new=new, slot=slot)
        if not made.created:
            LOG.info('VIF %s is plugged already', vif['id'], instance=instance)
        return made

    def unplug(
        self, record: Any, vif: Any, instance: Any, *, with_lpar: bool = False
    ) -> None:
        """Unplug a VIF; one that is not plugged is fine.

        :param record: lpar.cache.LparRecord
        :param vif: nova.network.model.VIF
        :param instance: the instance, for log messages
        :param with_lpar: the partition is deleted next, and its adapters go
            with it
        :raises PlatformError: if the platform refuses or fails
        """
        try:
            driver = self._registry.for_vif(vif)
        except nova_exc.VirtualInterfacePlugException as exc:
            LOG.warning('Not unplugged: %s', exc, instance=instance)
            return
        if not driver.unplug(record.uuid, vif, with_lpar=with_lpar):
            LOG.warning(
                'VIF %s with MAC %s is not plugged',
                vif['id'],
                vif['address'],
                instance=instance,
            )

    def plug_management(
        self,
        record: Any,
        instance: Any,
        *,
        new: bool = False,
        slot: int | None = None,
    ) -> base.AdapterInfo | None:
        """Give a partition its management adapter, unless it has one.

        The MAC address is noted in the system metadata of the instance,
        which Nova saves with the instance.

        :param record: lpar.cache.LparRecord
        :param instance: the instance
        :param new: the partition was just created
        :param slot: where a new adapter goes; None leaves that to the platform
        :returns: None when the host does not want it or has no such switch
        :raises PlatformError: if the platform refuses or fails
        """
        made = self._management.plug(
            record.uuid, management.kept_mac(instance), new=new, slot=slot
        )
        if made is not None:
            management.keep_mac(instance, made)
        return made

    def kept_management(self, instance: Any) -> base.KeptAdapter | None:
        """Tell the management adapter that an instance was given, if any.

        No request: its MAC address is noted at the instance.
        """
        mac = management.kept_mac(instance)
        return None if mac is None else base.KeptAdapter(mac)

    def management_mac(self, instance: Any) -> str:
        """Tell the MAC address of an instance's management adapter."""
        return management.kept_mac(instance) or management.mac_for(
            identity.lpar_uuid(instance.uuid)
        )


def _check_changeable(record: Any, instance: Any) -> None:
    """Refuse what the platform would refuse after half of the work."""
    if record.takes_adapters:
        return
    raise nova_exc.VirtualInterfacePlugException(
        f'Adapters of instance {instance.uuid} cannot be changed while it '
        f'runs: its RMC state is {record.rmc_state}, and it '
        f'{"can" if record.dlpar_io else "cannot"} change I/O devices '
        f'dynamically; stop it, or mend RMC in the instance'
    )
