# SPDX-License-Identifier: Apache-2.0
"""Cold migration: what a host does whose server leaves, or comes."""

from collections.abc import Mapping, Sequence
from typing import Any

from nova import exception as nova_exc
from nova import objects
from nova.virt import configdrive
from oslo_log import log as logging

from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.disk import exchange as disk_exchange
from nova_powervm.virt.powervm.disk import layout
from nova_powervm.virt.powervm.facade import base
from nova_powervm.virt.powervm.flows import destroy as destroy_flow
from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.flows import move as move_flows
from nova_powervm.virt.powervm.records import before as resize_before
from nova_powervm.virt.powervm.records import moves
from nova_powervm.virt.powervm.records import moving_data
from nova_powervm.virt.powervm.records import parcels
from nova_powervm.virt.powervm.records import tags
from nova_powervm.virt.powervm.tasks import iso

LOG = logging.getLogger(__name__)


class Moving(base.HostDriver):
    """Moves servers between hosts.

    The platform could migrate a partition that is off by itself. The driver
    does not use that: the partition leaves its host then, so that a revert
    would be a migration back, which may fail when the server is needed most.
    """

    def _leave(
        self,
        context: Any,
        instance: objects.Instance,
        target: str,
        flavor: objects.Flavor,
        block_device_info: Mapping[str, Any] | None,
        timeout: int,
    ) -> str:
        """Stop a server and let another host have its disks."""
        storage = self._common_storage(context, target)
        disks = storage is not None and disk_exchange.concerned(
            instance.flavor, flavor, block_device_info
        )
        store = self._store(
            instance,
            **{
                keys.CONTEXT: context,
                keys.NEW_FLAVOR: flavor,
                keys.BLOCK_DEVICES: block_device_info,
            },
        )
        if not disks:
            store |= move_flows.SAME_DISKS
        check = move_flows.check(self.host, disks=disks)
        store |= engine.run(check, store, errors.for_resize)
        exchange, found = store[keys.EXCHANGE], store[keys.FOUND]
        from_volume = layout.boots_from_volume(block_device_info)
        sent = storage is None and bool(found or not from_volume)
        if sent:
            self._check_sending(instance, target)
        flow = move_flows.leave(
            self.host,
            sent=sent,
            disks=bool(exchange),
            volumes=bool(store[keys.VOLUMES]),
            timeout=timeout,
        )
        made = engine.run(flow, store, errors.for_resize)
        if iso.is_there(self.host, instance):
            LOG.info(
                'The media that installed the server stay on this host, and '
                'go when the migration is confirmed',
                instance=instance,
            )
        return moving_data.Moved(
            storage,
            store[keys.BEFORE].leaving,
            made.get(keys.PARCELS, {}),
            _told(found if storage is not None else ()),
        ).to_json()

    def _common_storage(self, context: Any, target: str) -> str | None:
        """Tell the storage that both hosts have; None if there is none."""
        ours = self.host.disk.storage_id()
        if ours is None or ours != moves.storage_of(context, target):
            return None
        return ours

    def _check_sending(self, instance: objects.Instance, target: str) -> None:
        """See that disks can be sent to a host that does not see them.

        :raises nova.exception.InstanceFaultRollback: they are in a pool, or
            must not be sent
        """
        ours = self.host.disk.storage_id()
        if ours is None and self.host.settings.verify_image_signatures:
            raise errors.for_resize(
                nova_exc.ResizeError(
                    reason='local disks move in images that nobody signs, '
                    'which [glance]verify_glance_signatures = true keeps the '
                    'other host from receiving; turn it off, or use a pool'
                ),
                instance,
            )
        if ours is None:
            return
        raise errors.for_resize(
            nova_exc.ResizeError(
                reason=f'the disks of the server are in the storage {ours}, '
                f'which {target} does not have; choose a host of the same '
                'pool'
            ),
            instance,
        )

    def _arrive(
        self,
        context: Any,
        instance: objects.Instance,
        moved: moving_data.Moved,
        network_info: Any,
        image_meta: objects.ImageMeta,
        block_device_info: Mapping[str, Any] | None,
        power_on: bool,
    ) -> None:
        """Build a server here around the disks that it has."""
        flow = move_flows.arrive(
            self.host,
            moved=moved,
            config_drive=bool(configdrive.required_by(instance)),
            power_on=power_on,
            tags=tags.find(context, instance),
        )
        store = {
            keys.CONTEXT: context,
            keys.INSTANCE: instance,
            keys.IMAGE_META: image_meta,
            keys.NETWORK_INFO: network_info,
            keys.BLOCK_DEVICES: block_device_info,
            keys.INJECTED_FILES: [],
            keys.ADMIN_PASSWORD: None,
            keys.PARCELS: moved.parcels,
        }
        with self._working(instance, errors.for_resized):
            try:
                self._check_storage(moved)
                engine.run(flow, store, errors.for_resized)
            finally:
                parcels.discard(context, instance)

    def _check_storage(self, moved: moving_data.Moved) -> None:
        """See that this host has the disks.

        :raises nova.exception.ResizeError: they are somewhere else
        """
        ours = self.host.disk.storage_id()
        if moved.storage not in (None, ours):
            raise nova_exc.ResizeError(
                reason=f'the disks of the server are in the storage '
                f'{moved.storage}, but this host has {ours or "its own"}'
            )

    def _drop(
        self,
        context: Any,
        instance: objects.Instance,
        network_info: Any,
        leaving: Sequence[str],
    ) -> None:
        """Remove what is left of a server that is on another host now."""
        parcels.discard(context, instance)
        record = instances.find(self.host.cache, instance)
        exists = record is not None
        store = {
            keys.INSTANCE: instance,
            keys.LPAR: record,
            keys.NETWORK_INFO: network_info,
            # Nova does not tell; what was noted does.
            keys.BLOCK_DEVICES: None,
        }
        shared = self.host.disk.storage_id() is not None
        if shared and leaving:
            flow = move_flows.drop_disks(self.host, leaving, exists=exists)
            engine.run(flow, store, errors.for_resized)
        last = destroy_flow.flow(
            self.host, exists=exists, destroy_disks=not shared
        )
        engine.run(last, store, errors.for_resized)
        resize_before.forget(instance)

    def _before(
        self, instance: objects.Instance
    ) -> resize_before.Before | None:
        return resize_before.known(instance, self.host.settings.host)


def _told(found: Sequence[disk_base.Disk]) -> tuple[tuple[str, str], ...]:
    """Describe disks to the other host, which cannot see their mappings."""
    return tuple((disk.name, disk.udid) for disk in found if disk.udid)
