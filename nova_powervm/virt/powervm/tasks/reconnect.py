# SPDX-License-Identifier: Apache-2.0
"""Tasks for a partition that goes without its volumes for a while.

While a server is resized or leaves its host, Nova ends the connections of its
volumes and makes new ones: what a VIOS would still map then is no longer the
server's. So they are detached before that, and attached again afterwards.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from nova import objects
from nova.compute import vm_states
from oslo_log import log as logging

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.tasks import mapping
from nova_powervm.virt.powervm.tasks import volume as volume_tasks
from nova_powervm.virt.powervm.volume import base as volume_base
from nova_powervm.virt.powervm.volume import parsing

LOG = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Missing:
    """A volume that a partition does not have where it had it.

    :param usable: whether as many VIOSes map it as it takes
    """

    volume: volume_base.Volume
    usable: bool


def missing(
    host: runtime.Runtime,
    instance: objects.Instance,
    lpar: lpar_cache.LparRecord,
    volumes: Sequence[volume_base.Volume],
) -> tuple[Missing, ...]:
    """Tell which volumes a partition does not have where it had them.

    :returns: those that no VIOS maps, or that one of those does not which
        are in the slot map and work, or to which a path is broken; in their
        order. What a VIOS maps that cannot be asked is taken for granted.
    :raises PlatformError: the VIOSes cannot be listed
    """
    looking = [
        (item, host.volumes.connector(item).look(item, lpar.uuid))
        for item in volumes
        if host.volumes.connects(item)
    ]
    if not looking:
        return ()
    known = slots.known(instance).storage
    working = {vios.uuid for vios in host.vios.active()}
    found = []
    for item, look in looking:
        there = look()
        had = {e.vios_uuid for e in known if e.name == item.slot_name}
        lost = (had & working) - there.mapped - there.unread
        nowhere = not (there.mapped or there.unread)
        if lost or there.broken or nowhere:
            least = host.volumes.connector(item).least(item)
            found.append(Missing(item, len(there.mapped) >= least))
    return tuple(found)


def to_connect(
    host: runtime.Runtime,
    instance: objects.Instance,
    lpar: lpar_cache.LparRecord,
    block_device_info: Mapping[str, Any] | None,
) -> tuple[Missing, ...]:
    """Tell which volumes a partition should have, and lacks.

    It makes one request for each VIOS, and none if there are no volumes.

    :raises PlatformError: the VIOSes cannot be listed, or a volume that is
        missing can never be attached
    """
    # A rescue has taken what the server boots from out of some mappings.
    rescued = instance.vm_state == vm_states.RESCUED
    volumes = [
        item
        for item in parsing.volumes(instance, block_device_info)
        if not (item.boot and rescued)
    ]
    if volumes:
        # A VIOS that is back may map what is another volume by now.
        host.volumes.collect(instance)
    found = missing(host, instance, lpar, volumes)
    for item in found:
        LOG.warning(
            'The partition does not have volume %s where it had it; it is '
            'connected again',
            item.volume.id,
            instance=instance,
        )
        host.volumes.check(item.volume)
    return found


class LetVolumesGo(volume_tasks.DetachVolumes):
    """Take its volumes away from a partition that is off, for a while.

    Reverts: attaches them again, at the addresses that they had.
    """

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Attach each that can be: one that cannot is no help to others."""
        instance, lpar = kwargs[keys.INSTANCE], kwargs[keys.LPAR]
        for item in kwargs[keys.VOLUMES]:
            try:
                self._attach(instance, lpar, item)
            except errors.PlatformError as exc:
                LOG.error(
                    'Volume %s could not be attached again: %s',
                    item.id,
                    exc,
                    instance=instance,
                )

    def _attach(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        volume: volume_base.Volume,
    ) -> None:
        found = self.host.volumes.discover(instance, [volume])
        again = mapping.MapStorage(self.host, restore=True, new_lpar=False)
        _places, mapped = again.execute(instance, lpar, (), found, None, None)
        self.host.volumes.attached(instance, mapped)
        self.host.volumes.settled(instance, mapped)
