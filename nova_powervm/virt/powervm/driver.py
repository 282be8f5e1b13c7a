# SPDX-License-Identifier: Apache-2.0
"""The driver as Nova sees it: a facade.

Each method is one flow or one query; what they do is in the modules that
they call.
"""

from collections.abc import Mapping
from typing import Any

from nova import objects
from nova.compute import provider_tree
from nova.virt import configdrive
from nova.virt import hardware
from oslo_log import log as logging

from nova_powervm.virt.powervm import capabilities
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm import settings as host_settings
from nova_powervm.virt.powervm import startup
from nova_powervm.virt.powervm.disk import layout
from nova_powervm.virt.powervm.facade import imaging
from nova_powervm.virt.powervm.facade import not_built
from nova_powervm.virt.powervm.facade import observing
from nova_powervm.virt.powervm.facade import powering
from nova_powervm.virt.powervm.facade import rebuilding
from nova_powervm.virt.powervm.facade import rescue
from nova_powervm.virt.powervm.facade import resizing
from nova_powervm.virt.powervm.facade import sharing
from nova_powervm.virt.powervm.facade import volumes
from nova_powervm.virt.powervm.flows import destroy as destroy_flow
from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.flows import network as network_flows
from nova_powervm.virt.powervm.flows import spawn as spawn_flow
from nova_powervm.virt.powervm.host import uptime
from nova_powervm.virt.powervm.images import source as image_source
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import moves
from nova_powervm.virt.powervm.records import parcels
from nova_powervm.virt.powervm.records import tags

LOG = logging.getLogger(__name__)


class PowerVMDriver(
    imaging.Imaging,
    powering.PowerMethods,
    observing.ObservingMethods,
    rebuilding.Rebuilding,
    rescue.Rescue,
    resizing.Resizing,
    sharing.SharedStorage,
    volumes.Volumes,
    not_built.NotBuilt,
):
    """Runs Nova's instances as partitions of one POWER server."""

    # Start and stop of the service

    def init_host(self, host: str) -> None:
        """Connect to the platform and learn what is there.

        :param host: name of this compute service, and of its node
        :raises nova.exception.InvalidConfiguration: a setting is wrong
        """
        settings = host_settings.HostSettings.from_conf(host)
        self._runtime = startup.start(settings, self.emit_event)
        self.capabilities = capabilities.capabilities(self.host.disk)

    def cleanup_host(self, host: str) -> None:
        """End the threads and the session of the driver."""
        if self._runtime is not None:
            startup.stop(self._runtime)
            self._runtime = None

    # Queries about instances

    @errors.query
    def get_info(
        self, instance: objects.Instance, use_cache: bool = True
    ) -> hardware.InstanceInfo:
        """Tell the power state of an instance.

        :param instance: the instance
        :param use_cache: whether what events told is good enough
        :raises nova.exception.InstanceNotFound: it has no partition here
        """
        state = instances.power_state(
            self.host.cache,
            instance,
            ask=not use_cache and self._service_up.is_set(),
        )
        return hardware.InstanceInfo(state=state)

    def list_instances(self) -> list[str]:
        """List the names of all partitions of users."""
        records = instances.client_lpars(self.host.cache)
        return [record.name for record in records]

    @errors.query
    def list_instance_uuids(self) -> list[str]:
        """List the uuids of those partitions that are Nova's."""
        return self.host.ownership.uuids()

    def get_num_instances(self) -> int:
        """Count the partitions that are Nova's."""
        return len(self.list_instance_uuids())

    @errors.query
    def instance_exists(self, instance: objects.Instance) -> bool:
        """Ask the platform whether the instance has a partition here."""
        if instances.holds_another(self.host.cache, instance):
            return False
        uuid = identity.lpar_uuid(instance.uuid)
        return self.host.cache.refresh_state(uuid) is not None

    # The node and its resources

    def get_available_nodes(self, refresh: bool = False) -> list[str]:
        """List the one node of this host."""
        return [self.host.settings.host]

    @errors.query
    def get_available_resource(self, nodename: str) -> dict[str, Any]:
        """Describe the host's resources, for the compute node record."""
        # Nova asks once a minute, which suits what waits for a VIOS.
        self.host.media.collect()
        self.host.access.collect()
        self.host.disk.collect()
        self.host.volumes.collect()
        return self.host.resources.available_resource()

    @errors.query
    def update_provider_tree(
        self,
        provider_tree: provider_tree.ProviderTree,
        nodename: str,
        allocations: Any = None,
    ) -> None:
        """Describe the host's resources, for placement."""
        ratios = self._get_allocation_ratios(
            provider_tree.data(nodename).inventory
        )
        self.host.resources.update_tree(provider_tree, nodename, ratios)
        self._service_up.set()

    def get_host_ip_addr(self) -> str:
        """Tell the address of this host."""
        return str(self.host.settings.my_ip)

    def get_host_uptime(self) -> str:
        """Tell what ``uptime`` says."""
        return uptime.host_uptime()

    @errors.query
    def get_host_cpu_stats(self) -> dict[str, int]:
        """Tell the cycles that the processors of the host spent."""
        return self.host.cpu.read()

    # Life of an instance

    def spawn(
        self,
        context: Any,
        instance: objects.Instance,
        image_meta: objects.ImageMeta,
        injected_files: Any,
        admin_password: str | None,
        allocations: Any,
        network_info: Any = None,
        block_device_info: Mapping[str, Any] | None = None,
        power_on: bool = True,
        accel_info: Any = None,
    ) -> None:
        """Build an instance and start it; a failure leaves nothing.

        :raises nova.exception.NovaException: see flows.errors.for_spawn
        """
        config_drive = bool(configdrive.required_by(instance))
        store = {
            keys.CONTEXT: context,
            keys.INSTANCE: instance,
            keys.IMAGE_META: image_meta,
            keys.NETWORK_INFO: network_info,
            keys.BLOCK_DEVICES: block_device_info,
        }
        if config_drive:
            store[keys.INJECTED_FILES] = injected_files
            store[keys.ADMIN_PASSWORD] = admin_password
        mapping = (
            errors.for_rebuilt
            if self._rebuilds(instance)
            else errors.for_spawn
        )
        with self._working(instance, mapping):
            flow = spawn_flow.flow(
                self.host,
                self.virtapi,
                config_drive=config_drive,
                power_on=power_on,
                has_disks=self._has_its_disks(instance),
                from_volume=layout.boots_from_volume(block_device_info),
                iso=image_source.is_iso(image_meta),
                tags=tags.find(context, instance),
            )
            engine.run(flow, store, mapping)

    def destroy(
        self,
        context: Any,
        instance: objects.Instance,
        network_info: Any,
        block_device_info: Mapping[str, Any] | None = None,
        destroy_disks: bool = True,
        destroy_secrets: bool = True,
    ) -> None:
        """Remove an instance, or whatever is left of it.

        :raises nova.exception.InstancePowerOffFailure: it still runs
        :raises nova.exception.InstanceTerminationFailure: something is left
        """
        store = {
            keys.INSTANCE: instance,
            keys.BLOCK_DEVICES: block_device_info,
        }
        with self._working(instance, errors.for_destroy):
            move = moves.reverting(instance)
            record = instances.find(self.host.cache, instance)
            if move is not None and move.stays_on(self.host.settings.host):
                LOG.info('Left here for the revert', instance=instance)
                self._let_volumes_go(instance, record, block_device_info)
                return
            parcels.discard(context, instance)
            if record is None:
                LOG.warning('There is no partition', instance=instance)
            else:
                store[keys.LPAR] = record
                store[keys.NETWORK_INFO] = network_info
            flow = destroy_flow.flow(
                self.host,
                exists=record is not None,
                destroy_disks=destroy_disks,
            )
            engine.run(flow, store, errors.for_destroy)

    def cleanup(
        self,
        context: Any,
        instance: objects.Instance,
        network_info: Any,
        block_device_info: Mapping[str, Any] | None = None,
        destroy_disks: bool = True,
        migrate_data: Any = None,
        destroy_vifs: bool = True,
        destroy_secrets: bool = True,
    ) -> None:
        """Remove what a destroyed instance left behind."""
        self.destroy(
            context, instance, network_info, block_device_info, destroy_disks
        )

    def delete_instance_files(self, instance: objects.Instance) -> bool:
        """Tell Nova that no files are left; destroy took care of them."""
        return True

    # Adapters

    def plug_vifs(self, instance: objects.Instance, network_info: Any) -> None:
        """Plug the VIFs of an instance that exists.

        Nova calls this for each instance while it starts. The platform keeps
        the adapters of a partition, so there is nothing to do then.
        """
        if self._service_up.is_set():
            self._plug(instance, network_info)

    def unplug_vifs(
        self, instance: objects.Instance, network_info: Any
    ) -> None:
        """Unplug VIFs; without a partition there is nothing to unplug."""
        flow = network_flows.unplug(self.host)
        with self._working(instance, errors.for_unplug):
            record = instances.find(self.host.cache, instance)
            if record is not None:
                store = _store(instance, record, network_info)
                engine.run(flow, store, errors.for_unplug)

    def attach_interface(
        self,
        context: Any,
        instance: objects.Instance,
        image_meta: objects.ImageMeta,
        vif: Any,
    ) -> None:
        """Plug one more VIF."""
        found = tags.of_vif(context, vif)
        self._plug(instance, [vif], self.virtapi, found)

    def detach_interface(
        self, context: Any, instance: objects.Instance, vif: Any
    ) -> None:
        """Unplug one VIF."""
        self.unplug_vifs(instance, [vif])

    def _plug(
        self,
        instance: objects.Instance,
        vifs: Any,
        virtapi: Any = None,
        found: tags.Tags = tags.NO_TAGS,
    ) -> None:
        flow = network_flows.plug(self.host, virtapi, found)
        with self._working(instance, errors.for_plug):
            record = self._require(instance)
            if not record.takes_adapters:
                # Its control connection comes up some time after a boot.
                record = self.host.cache.refresh(record.uuid) or record
            store = _store(instance, record, vifs)
            engine.run(flow, store, errors.for_plug)


def _store(
    instance: objects.Instance, record: lpar_cache.LparRecord, vifs: Any
) -> dict[str, Any]:
    return {
        keys.INSTANCE: instance,
        keys.LPAR: record,
        keys.NETWORK_INFO: vifs,
    }
