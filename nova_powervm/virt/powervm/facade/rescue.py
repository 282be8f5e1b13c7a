# SPDX-License-Identifier: Apache-2.0
"""The methods of the driver that begin and end a rescue."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from nova import objects
from nova.compute import power_state
from nova.virt import configdrive
from oslo_log import log as logging
from oslo_serialization import jsonutils
from oslo_utils import excutils

from nova_powervm.virt.powervm.client import errors as client_errors
from nova_powervm.virt.powervm.facade import base
from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.flows import rescue as flows
from nova_powervm.virt.powervm.images import source as image_source
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.tasks import rescue as tasks
from nova_powervm.virt.powervm.volume import base as volume_base
from nova_powervm.virt.powervm.volume import parsing

LOG = logging.getLogger(__name__)


class Rescue(base.HostDriver):
    """Lets a server boot another image for a while."""

    def rescue(
        self,
        context: Any,
        instance: objects.Instance,
        network_info: Any,
        image_meta: objects.ImageMeta,
        rescue_password: str,
        block_device_info: Mapping[str, Any] | None,
        share_info: Any,
    ) -> None:
        """Boot a rescue image; Nova has stopped the server before.

        A failure leaves the server as it was, and starts it again if it ran.

        :raises nova.exception.NovaException: Nova tells the user about it in
            InstanceNotRescuable
        """
        store = {
            keys.CONTEXT: context,
            keys.INSTANCE: instance,
            keys.IMAGE_META: image_meta,
        }
        config_drive = bool(configdrive.required_by(instance))
        if config_drive:
            store[keys.INJECTED_FILES] = []
            store[keys.ADMIN_PASSWORD] = rescue_password
            store[keys.NETWORK_INFO] = network_info
        with self._working(instance, errors.for_rescue):
            lpar = self._require(instance)
            with self._running_again(instance, lpar):
                root = _root_volume(context, instance)
                found = self._without_rescue(instance, lpar, root)
                flow = flows.enter(
                    self.host,
                    config_drive=config_drive,
                    iso=image_source.is_iso(image_meta),
                )
                store.update({keys.LPAR: lpar}, **found.store_with_boot(root))
                engine.run(flow, store, errors.for_rescue)

    def unrescue(self, context: Any, instance: objects.Instance) -> None:
        """Boot the server from its own disk again.

        :raises nova.exception.NovaException: the server is still in rescue
        """
        with self._working(instance, errors.for_unrescue):
            lpar = self._require(instance)
            with self._running_again(instance, lpar):
                found = tasks.Survey(self.host, instance, lpar)
                root = _root_volume(context, instance)
                store = {keys.INSTANCE: instance, keys.LPAR: lpar}
                engine.run(
                    flows.leave(self.host),
                    {**store, **found.store_with_boot(root)},
                    errors.for_unrescue,
                )

    def _without_rescue(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        root: volume_base.Volume | None,
    ) -> tasks.Survey:
        """Look what the server has, after an earlier rescue broke off."""
        found = tasks.Survey(self.host, instance, lpar)
        if not found.is_rescued:
            return found
        LOG.warning('Removing what an earlier rescue left', instance=instance)
        store = {keys.INSTANCE: instance, keys.LPAR: lpar}
        engine.run(
            flows.leave(self.host, power_on=False),
            {**store, **found.store_with_boot(root)},
            errors.for_rescue,
        )
        return tasks.Survey(self.host, instance, lpar)

    @contextlib.contextmanager
    def _running_again(
        self, instance: objects.Instance, lpar: lpar_cache.LparRecord
    ) -> Iterator[None]:
        """Start the server again when the block fails, if it ran before.

        Nova's record is from before Nova stopped it.
        """
        try:
            yield
        except Exception:
            # Whatever it was, the server is not to stay off.
            with excutils.save_and_reraise_exception():
                if instance.power_state == power_state.RUNNING:
                    self._start(instance, lpar)

    def _start(
        self, instance: objects.Instance, lpar: lpar_cache.LparRecord
    ) -> None:
        try:
            record = self.host.cache.refresh(lpar.uuid)
            if record is not None:
                self.host.power.start(record)
        except client_errors.PlatformError as exc:
            LOG.error(
                'The server could not be started again: %s',
                exc,
                instance=instance,
            )


def _root_volume(
    context: Any, instance: objects.Instance
) -> volume_base.Volume | None:
    """Ask Nova for the volume that an instance boots from, if it is one."""
    bdms = objects.BlockDeviceMappingList.get_by_instance_uuid(
        context, instance.uuid
    )
    root = bdms.root_bdm() if bdms else None
    if root is None or not root.is_volume:
        return None
    connection = jsonutils.loads(root.connection_info or '{}')
    return parsing.volume(
        instance, {**connection, 'serial': root.volume_id}, boot=True
    )
