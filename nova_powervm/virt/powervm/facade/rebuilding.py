# SPDX-License-Identifier: Apache-2.0
"""Rebuild: a server begins anew, from its image or from another one."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nova import exception as nova_exc
from nova import objects
from nova.compute import task_states
from nova.compute import vm_states
from nova.virt import configdrive
from oslo_log import log as logging
from oslo_utils import excutils

from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm.client import errors as client_errors
from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.disk import layout
from nova_powervm.virt.powervm.facade import base
from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.flows import rebuild as flows
from nova_powervm.virt.powervm.images import source as image_source
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.records import sysmeta
from nova_powervm.virt.powervm.tasks import iso as iso_tasks
from nova_powervm.virt.powervm.tasks import rescue as rescue_tasks

LOG = logging.getLogger(__name__)


class Rebuilding(base.HostDriver):
    """Exchanges the disks of servers for new ones.

    Nova's own way would be to remove the server and to build it from nothing:
    whatever goes wrong then has cost the server. It is gone only if there is
    no other way, after all checks and with its image at hand.
    """

    def rebuild(
        self,
        context: Any,
        instance: objects.Instance,
        image_meta: objects.ImageMeta,
        injected_files: Any,
        admin_password: str | None,
        allocations: Any,
        bdms: Any,
        detach_block_devices: Any,
        attach_block_devices: Any,
        network_info: Any = None,
        evacuate: bool = False,
        block_device_info: Mapping[str, Any] | None = None,
        preserve_ephemeral: bool = False,
        accel_uuids: Any = None,
        reimage_boot_volume: bool = False,
    ) -> None:
        """Build a server anew where it is.

        :raises nova.exception.InstanceFaultRollback: it is not possible; the
            server is as it was, and Nova gives it the state that it had
        :raises NotImplementedError: Nova is to remove and to build it, which
            for an evacuation is all there is to do, and to let Cinder write
            the boot volume in between
        """
        if evacuate:
            raise NotImplementedError
        if preserve_ephemeral:
            raise nova_exc.InstanceFaultRollback(
                inner_exception=nova_exc.PreserveEphemeralNotSupported()
            )
        store = {
            keys.CONTEXT: context,
            keys.INSTANCE: instance,
            keys.IMAGE_META: image_meta,
            keys.NEW_FLAVOR: instance.flavor,
            keys.BLOCK_DEVICES: block_device_info,
            keys.NETWORK_INFO: network_info,
            keys.INJECTED_FILES: injected_files,
            keys.ADMIN_PASSWORD: admin_password,
        }
        with self._working(instance, errors.for_rebuild):
            store[keys.LPAR] = instances.find(self.host.cache, instance)
            with self._image_released(instance):
                reason = self._rebuild(instance, store)
        if reason is not None:
            LOG.warning(
                'The server is removed and built from nothing, since %s',
                reason,
                instance=instance,
            )
            if store[keys.LPAR] is not None or reimage_boot_volume:
                raise NotImplementedError
        self._finish_rebuild(instance, store, allocations)

    def _finish_rebuild(
        self,
        instance: objects.Instance,
        store: Mapping[str, Any],
        allocations: Any,
    ) -> None:
        """Bring the state of a server to where Nova expects it.

        One without a partition is built here: Nova would try to stop it, and
        take it for deleted.
        """
        missing = store[keys.LPAR] is None
        context, vifs = store[keys.CONTEXT], store[keys.NETWORK_INFO]
        devices = store[keys.BLOCK_DEVICES]
        if missing:
            self.destroy(context, instance, vifs, devices)
        instance.task_state = task_states.REBUILD_SPAWNING
        sysmeta.save(instance, expected_task_state=[task_states.REBUILDING])
        if missing:
            self.spawn(
                context,
                instance,
                store[keys.IMAGE_META],
                store[keys.INJECTED_FILES],
                store[keys.ADMIN_PASSWORD],
                allocations,
                network_info=vifs,
                block_device_info=devices,
            )

    def _rebuild(
        self, instance: objects.Instance, store: dict[str, Any]
    ) -> str | None:
        """Rebuild a server, or tell why that cannot be done in its place."""
        lpar = store[keys.LPAR]
        if lpar is not None:
            self._check_paths(instance)
        from_volume = layout.boots_from_volume(store[keys.BLOCK_DEVICES])
        iso = not from_volume and image_source.is_iso(store[keys.IMAGE_META])
        check = flows.check(self.host, iso=iso, from_volume=from_volume)
        store |= engine.run(check, store, errors.for_rebuild)
        if lpar is None:
            return 'it has no partition'
        if from_volume:
            return 'it boots from a volume, which Cinder writes'
        if iso or iso_tasks.is_there(self.host, instance):
            return 'it is, or was, installed from an ISO image'
        found = rescue_tasks.Survey(self.host, instance, lpar)
        store |= found.store
        if found.is_rescued:
            return 'there is something left of a rescue'
        reason = self._obstacle(instance, lpar, store)
        if reason is not None:
            return reason
        flow = flows.in_place(
            self.host,
            config_drive=bool(configdrive.required_by(instance)),
            # Nova stops it in the end, which is no good way to end a boot.
            power_on=instance.vm_state != vm_states.STOPPED,
            timeout=instances.shutdown_timeout(instance, self.host.settings),
        )
        try:
            engine.run(flow, store, errors.for_rebuild)
        except nova_exc.InstanceFaultRollback as exc:
            full = isinstance(exc.__cause__, client_errors.NoSpace)
            if not full or not _fits_instead(instance, store):
                raise
            return (
                'there is no room for the new disks beside the earlier ones: '
                f'{exc.__cause__}'
            )
        return None

    def _obstacle(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        store: Mapping[str, Any],
    ) -> str | None:
        """Tell why a partition cannot be kept, if it cannot."""
        for disk in store[keys.OWN_DISKS]:
            ref = self.host.disk.storage_ref(disk)
            paths = {
                item.vios_uuid
                for item in store[keys.LOCATED]
                if ref.matches(item.storage)
            }
            if paths and not paths.issuperset(
                self.host.disk.mapping_targets(disk)
            ):
                return f'not every VIOS that could map {disk.name} does so'
        env = store[keys.SPEC].env
        if env != lpar.type:
            return f'its partition is of type {lpar.type}, not {env}'
        there = self.host.vifs.macs(lpar)
        for vif in store[keys.NETWORK_INFO] or ():
            if vif['address'].lower() not in there:
                return f'it has no adapter for its port {vif["id"]}'
        return None

    def _rebuilds(self, instance: objects.Instance) -> bool:
        """Tell whether Nova builds a server that it has removed just now.

        While it is evacuated it is still said to be on the other host.
        """
        building = instance.task_state == task_states.REBUILD_SPAWNING
        return building and bool(instance.host == self.host.settings.host)

    def _check_paths(self, instance: objects.Instance) -> None:
        """See that each VIOS can be told of other storage.

        One that is down keeps its mappings. The server would have its earlier
        disk as a second path to the new one, and a removal changes nothing
        about that.

        :raises NotReady: there is one
        """
        entries = slots.known(instance).storage
        named = {entry.vios_uuid for entry in entries}
        for vios in self.host.vios.all():
            if not vios.is_active and (vios.uuid in named or not named):
                raise client_errors.NotReady(
                    f'VIOS {vios.name} maps storage of the server, but it '
                    f'does not work: its state is {vios.state!r}, its RMC '
                    f'connection {vios.rmc_state!r}. Rebuild the server when '
                    'it is back.'
                )

    @contextlib.contextmanager
    def _image_released(self, instance: objects.Instance) -> Iterator[None]:
        """Note that the image is not waited for any more if the block fails.

        Making disks from it notes that as well.
        """
        try:
            yield
        except (nova_exc.NovaException, client_errors.PlatformError):
            with excutils.save_and_reraise_exception():
                self._release(instance)

    def _release(self, instance: objects.Instance) -> None:
        try:
            self.host.disk.discard(instance, ())
        except client_errors.PlatformError as exc:
            LOG.warning('%s', exc, instance=instance)


def _fits_instead(
    instance: objects.Instance, store: Mapping[str, Any]
) -> bool:
    """Tell whether new disks have room for sure once the earlier ones go."""
    image: disk_base.ImageDisk = store[keys.IMAGE]
    wanted = layout.wanted(instance.flavor, store[keys.BLOCK_DEVICES], image)
    needed = sum(want.size_bytes for want in wanted[1:])
    needed += max(wanted[0].size_bytes, disk_base.whole_gib(image.size_bytes))
    earlier: Sequence[disk_base.Disk] = store[keys.OWN_DISKS]
    return needed <= sum(disk.size_bytes for disk in earlier)
