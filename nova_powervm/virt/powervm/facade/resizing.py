# SPDX-License-Identifier: Apache-2.0
"""Resize and cold migration, as Nova asks for them."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from nova import exception as nova_exc
from nova import objects
from nova.compute import task_states
from nova.virt import configdrive
from nova.virt import driver
from oslo_log import log as logging

from nova_powervm.virt.powervm import actions
from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm.disk import devices as disk_devices
from nova_powervm.virt.powervm.disk import exchange as disk_exchange
from nova_powervm.virt.powervm.facade import moving
from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.flows import power as power_flows
from nova_powervm.virt.powervm.flows import resize as resize_flows
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import flavor as lpar_flavor
from nova_powervm.virt.powervm.records import before as resize_before
from nova_powervm.virt.powervm.records import moves
from nova_powervm.virt.powervm.records import moving_data
from nova_powervm.virt.powervm.records import parcels

LOG = logging.getLogger(__name__)

LIVE: Final = 'live'
OFFLINE: Final = 'offline'
_DISKS: Final = 'its disks change'
_VOLUMES: Final = 'Nova disconnects its volumes for a while'
_RESIZING: Final = task_states.RESIZE_MIGRATING


class Resizing(moving.Moving):
    """Changes the flavor of servers, or their host."""

    def migrate_disk_and_power_off(
        self,
        context: Any,
        instance: objects.Instance,
        dest: str,
        flavor: objects.Flavor,
        network_info: Any,
        block_device_info: Mapping[str, Any] | None = None,
        timeout: int = 0,
        retry_interval: int = 0,
    ) -> str:
        """Begin a resize or a cold migration.

        :returns: what ``finish_migration`` has to know, as JSON
        :raises nova.exception.InstanceFaultRollback: it is not possible; the
            server is as it was, and Nova gives it the state that it had
        """
        with self._working(instance, errors.for_resize):
            try:
                move = moves.begun(context, instance)
                self._end_earlier(
                    context, instance, network_info, block_device_info
                )
            except nova_exc.NovaException as exc:
                raise errors.for_resize(exc, instance) from exc
            if not move.stays:
                return self._leave(
                    context,
                    instance,
                    move.target,
                    flavor,
                    block_device_info,
                    timeout,
                )
            path = self._resize(
                context, instance, flavor, block_device_info, timeout
            )
        return moving_data.Stayed(path).to_json()

    def finish_migration(
        self,
        context: Any,
        migration: objects.Migration,
        instance: objects.Instance,
        disk_info: str,
        network_info: Any,
        image_meta: objects.ImageMeta,
        resize_instance: bool,
        allocations: Any,
        block_device_info: Mapping[str, Any] | None = None,
        power_on: bool = True,
        share_info: Any = None,
    ) -> None:
        """End a resize or a cold migration.

        :raises nova.exception.NovaException: it failed, and the server is
            what it was before
        """
        found = moving_data.read(disk_info)
        if isinstance(found, moving_data.Moved):
            return self._arrive(
                context,
                instance,
                found,
                network_info,
                image_meta,
                block_device_info,
                power_on,
            )
        if found.path == LIVE:
            return
        with self._working(instance, errors.for_resized):
            asked = (context, instance, network_info, block_device_info)
            try:
                self._finish(*asked, power_on)
            except nova_exc.NovaException:
                with _going_on(instance):
                    self._go_back(*asked, power_on)
                raise

    def confirm_migration(
        self,
        context: Any,
        migration: objects.Migration,
        instance: objects.Instance,
        network_info: Any,
    ) -> None:
        """Delete what a resize or a migration could be taken back with.

        :raises nova.exception.ResizeError: some of it is left
        """
        with self._working(instance, errors.for_resized):
            before = self._before(instance)
            leaving = before.leaving if before is not None else ()
            if moves.Move.of(migration).stays:
                flow = resize_flows.confirm(self.host, disks=leaving)
                store = self._store(instance)
                engine.run(flow, store, errors.for_resized)
            else:
                self._drop(context, instance, network_info, leaving)
            disk_devices.note_resized(context, instance)

    def finish_revert_migration(
        self,
        context: Any,
        instance: objects.Instance,
        network_info: Any,
        migration: objects.Migration,
        block_device_info: Mapping[str, Any] | None = None,
        power_on: bool = True,
        share_info: Any = None,
    ) -> None:
        """Make a server what it was before a resize or a migration.

        Nova asks for this as well if the service ended while it resized.

        :raises nova.exception.ResizeError: something is not as it was
        """
        with self._working(instance, errors.for_resized):
            parcels.discard(context, instance)
            self._go_back(
                context, instance, network_info, block_device_info, power_on
            )

    # What is done on the host where the server stays

    def _resize(
        self,
        context: Any,
        instance: objects.Instance,
        flavor: objects.Flavor,
        block_device_info: Mapping[str, Any] | None,
        timeout: int,
    ) -> str:
        """Bring a server to another flavor; tell in which way."""
        disks = disk_exchange.concerned(
            instance.flavor, flavor, block_device_info
        )
        store = self._store(
            instance,
            **{
                keys.NEW_FLAVOR: flavor,
                keys.BLOCK_DEVICES: block_device_info,
            },
        )
        if not disks:
            store |= resize_flows.SAME_DISKS
        check = resize_flows.check(self.host, disks=disks)
        store |= engine.run(check, store, errors.for_resize)
        reason = self._why_offline(store)
        with self._reporting(context, instance, 'resize', reason):
            if reason is None:
                flow: Any = resize_flows.live(self.host)
            else:
                flow = resize_flows.offline(
                    self.host,
                    disks=bool(store[keys.EXCHANGE]),
                    volumes=bool(store[keys.VOLUMES]),
                    timeout=timeout,
                )
            engine.run(flow, store, errors.for_resize)
        return LIVE if reason is None else OFFLINE

    def _end_earlier(
        self,
        context: Any,
        instance: objects.Instance,
        network_info: Any,
        block_device_info: Mapping[str, Any] | None,
    ) -> None:
        """Undo what is left of a resize that failed.

        What it left is not to be taken for what the server is.
        """
        before = self._before(instance)
        if before is not None and before.stuck:
            LOG.info('Undoing an earlier resize first', instance=instance)
            self._go_back(
                context,
                instance,
                network_info,
                block_device_info,
                before.powered,
            )

    def _why_offline(self, store: Mapping[str, Any]) -> str | None:
        """Tell why a server has to be stopped for a resize, if it has."""
        if store[keys.EXCHANGE]:
            return _DISKS
        if store[keys.VOLUMES]:
            return _VOLUMES
        return self.host.partitions.can_update_live(
            store[keys.LPAR], store[keys.SPEC]
        )

    def _finish(
        self,
        context: Any,
        instance: objects.Instance,
        network_info: Any,
        block_device_info: Mapping[str, Any] | None,
        power_on: bool,
    ) -> None:
        """End what was done while the server was off, and start it."""
        flow = resize_flows.finish(
            self.host,
            config_drive=bool(configdrive.required_by(instance)),
            volumes=_has_volumes(block_device_info),
            power_on=power_on,
        )
        store = self._store(
            instance,
            **{
                keys.CONTEXT: context,
                keys.NETWORK_INFO: network_info,
                keys.BLOCK_DEVICES: block_device_info,
                keys.INJECTED_FILES: [],
                keys.ADMIN_PASSWORD: None,
            },
        )
        engine.run(flow, store, errors.for_resized)

    def _go_back(
        self,
        context: Any,
        instance: objects.Instance,
        network_info: Any,
        block_device_info: Mapping[str, Any] | None,
        power_on: bool,
    ) -> None:
        """Make a server what it was; may be repeated."""
        before = self._before(instance)
        store = self._store(instance)
        if before is None and instance.task_state == _RESIZING:
            # The service ended before it changed anything but the power.
            if power_on:
                flow = power_flows.power_on(self.host)
                engine.run(flow, store, errors.for_resized)
            return
        spec = self._goal(instance, store[keys.LPAR], before)
        reason = self._why_not_live(
            store[keys.LPAR], before, spec, block_device_info
        )
        with self._reporting(context, instance, 'revert', reason):
            way: Any = (
                resize_flows.revert_live(self.host)
                if reason is None
                else resize_flows.revert(
                    self.host,
                    before=before,
                    timeout=instances.shutdown_timeout(
                        instance, self.host.settings
                    ),
                )
            )
            engine.run(way, {**store, keys.SPEC: spec}, errors.for_resized)
            if reason is not None:
                self._finish(
                    context,
                    instance,
                    network_info,
                    block_device_info,
                    power_on,
                )
        resize_before.forget(instance)

    def _why_not_live(
        self,
        lpar: lpar_cache.LparRecord,
        before: resize_before.Before | None,
        spec: lpar_flavor.LparSpec,
        block_device_info: Mapping[str, Any] | None,
    ) -> str | None:
        """Tell why a server has to be stopped for the way back, if it has."""
        if before is not None and before.changes_disks:
            return _DISKS
        if _has_volumes(block_device_info):
            return _VOLUMES
        return self.host.partitions.can_update_live(lpar, spec)

    def _let_volumes_go(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord | None,
        block_device_info: Mapping[str, Any] | None,
    ) -> None:
        """Detach the volumes of a server that is about to be reverted.

        Nova ends their connections before it asks for the rest.
        """
        if lpar is None or not _has_volumes(block_device_info):
            return
        limit = instances.shutdown_timeout(instance, self.host.settings)
        store = {
            keys.INSTANCE: instance,
            keys.LPAR: lpar,
            keys.BLOCK_DEVICES: block_device_info,
        }
        flow = resize_flows.let_go(self.host, timeout=limit)
        engine.run(flow, store, errors.for_destroy)

    def _goal(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        before: resize_before.Before | None,
    ) -> lpar_flavor.LparSpec:
        """Tell what the partition was; else what its flavor makes of it."""
        if before is not None:
            return before.spec
        return self.host.partitions.plan(instance, record=lpar)

    @contextlib.contextmanager
    def _reporting(
        self,
        context: Any,
        instance: objects.Instance,
        what: str,
        reason: str | None,
    ) -> Iterator[None]:
        """Tell user and operator whether the server keeps running."""
        if reason is None:
            LOG.info('%s while it runs', what.title(), instance=instance)
        else:
            LOG.info(
                '%s with the server off, since %s',
                what.title(),
                reason,
                instance=instance,
            )
        path = LIVE if reason is None else OFFLINE
        host = self.host.settings.host
        with actions.event(context, instance, host, f'{path}_{what}'):
            yield


def _has_volumes(block_device_info: Mapping[str, Any] | None) -> bool:
    return bool(driver.block_device_info_get_mapping(block_device_info))


@contextlib.contextmanager
def _going_on(instance: objects.Instance) -> Iterator[None]:
    """Log a failure of the way back; the first one is what Nova is told."""
    try:
        yield
    except Exception:
        # Whatever it is, the first failure is the one to tell.
        LOG.exception('The resize could not be undone', instance=instance)
