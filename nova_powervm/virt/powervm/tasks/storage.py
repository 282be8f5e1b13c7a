# SPDX-License-Identifier: Apache-2.0
"""Tasks that look at the storage of a partition, and that unmap it."""

from collections.abc import Mapping
from typing import Any

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import reading

LOG = logging.getLogger(__name__)


class FindStorage(base.PowerVMTask):
    """Look up what storage the partition has, and at which addresses.

    Reverts: nothing, it only reads.
    """

    default_provides = keys.LOCATED

    def execute(
        self, lpar: lpar_cache.LparRecord
    ) -> tuple[intents.Located, ...]:
        """Ask every VIOS that works; one request for each.

        :raises PlatformError: one of them cannot be read
        """
        found: list[intents.Located] = []
        for vios in self.host.vios.active():
            target = intents.ViosTarget(vios.uuid)
            wrapper = self.host.transactions.read(target)
            found.extend(reading.located(wrapper, lpar.uuid))
            # Who looks at what is mapped is about to change it.
            self.host.transactions.offer(target, wrapper)
        return tuple(found)


class UnmapStorage(base.PowerVMTask):
    """Remove all mappings of the partition.

    Reverts: nothing; the instance is on its way out and the removal can be
    repeated.
    """

    default_provides = keys.MAPPED

    def execute(
        self, instance: objects.Instance, lpar: Any
    ) -> tuple[intents.StorageRef, ...]:
        """Unmap from every VIOS that works.

        :param instance: the instance
        :param lpar: its partition; None when there is none (any more)
        :returns: what had been mapped, each once
        :raises PlatformError: a VIOS that works did not do it
        """
        if lpar is None and instances.holds_another(self.host.cache, instance):
            return ()
        # Left where a VIOS was down while the partition was deleted.
        media = tuple(
            intents.StorageRef('media', name)
            for name in identity.media_names(instance.uuid)
        )
        intent = intents.RemoveMappings(
            identity.lpar_uuid(instance.uuid),
            None if lpar is None else lpar.id,
            orphans=media,
        )
        waiting = {
            vios.uuid: self.host.transactions.submit(
                intents.ViosTarget(vios.uuid), intent
            )
            for vios in self.host.vios.active()
        }
        refs: dict[intents.StorageRef, None] = {}
        failed: dict[str, errors.PlatformError] = {}
        for vios_uuid, future in waiting.items():
            try:
                refs.update((item.storage, None) for item in future.result())
            except errors.PlatformError as exc:
                failed[vios_uuid] = exc
        self._check(instance, failed)
        return tuple(refs)

    def _check(
        self,
        instance: objects.Instance,
        failed: Mapping[str, errors.PlatformError],
    ) -> None:
        """See that what failed was only not known to be down.

        As with those that were: a new partition is freed of what they still
        map to its number, volumes are noted by who detaches them.
        """
        if not failed:
            return
        self.host.vios.load()
        for vios_uuid, exc in failed.items():
            vios = self.host.vios.get(vios_uuid)
            if vios is not None and vios.is_active:
                raise exc
            LOG.warning(
                'VIOS %s has gone down and keeps what it maps: %s',
                vios.name if vios is not None else vios_uuid,
                exc,
                instance=instance,
            )
