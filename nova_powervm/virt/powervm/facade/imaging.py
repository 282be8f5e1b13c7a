# SPDX-License-Identifier: Apache-2.0
"""The methods of the driver about images: facades, as all of them."""

from typing import Any

from nova import exception as nova_exc
from nova import objects
from nova.compute import task_states
from oslo_log import log as logging

from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm.facade import base
from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.flows import snapshot as snapshot_flow

LOG = logging.getLogger(__name__)


class Imaging(base.HostDriver):
    """Caches images, and makes them of servers."""

    @errors.query
    def manage_image_cache(self, context: Any, all_instances: Any) -> None:
        """Remove cached images that nobody uses."""
        self.host.disk.manage_image_cache(context, all_instances)

    @errors.query
    def cache_image(self, context: Any, image_id: str) -> bool:
        """Upload an image ahead of its use.

        :returns: False if it was cached already
        """
        return self.host.disk.cache_image(context, image_id)

    def snapshot(
        self,
        context: Any,
        instance: objects.Instance,
        image_id: str,
        update_task_state: Any,
    ) -> None:
        """Make an image of the boot disk; the server may run or not.

        :raises nova.exception.NotSupported: not on this host, or not while
            the server runs
        :raises nova.exception.NovaException: see flows.errors.for_snapshot
        """
        if instance.task_state == task_states.RESIZE_MIGRATING:
            # Nova would remove the server next, but for its disks, and want
            # it back around them if the resize is taken back.
            raise nova_exc.NotSupported(
                'the PowerVM driver cannot resize servers into another cell'
            )
        update_task_state(task_state=task_states.IMAGE_PENDING_UPLOAD)
        settings = self.host.settings
        with self._working(instance, errors.for_snapshot, records=False):
            store = {
                keys.CONTEXT: context,
                keys.INSTANCE: instance,
                keys.LPAR: self._require(instance),
                keys.IMAGE_ID: image_id,
                keys.UPDATE_TASK_STATE: update_task_state,
            }
            flow = snapshot_flow.flow(
                self.host,
                stop=settings.snapshot_stops_server,
                timeout=instances.shutdown_timeout(instance, settings),
            )
            try:
                engine.run(flow, store, errors.for_snapshot)
            except nova_exc.NovaException as exc:
                # Nova runs this in a thread of its own, and tells nobody.
                LOG.error('No image was made: %s', exc, instance=instance)
                raise
