# SPDX-License-Identifier: Apache-2.0
"""Tasks that note in the slot map what a flow did to the addresses."""

from collections.abc import Callable, Sequence
from typing import Any

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.records import sysmeta
from nova_powervm.virt.powervm.records import tags
from nova_powervm.virt.powervm.tasks import base

LOG = logging.getLogger(__name__)


class NoteBuilt(base.PowerVMTask):
    """Note all addresses of a partition that the flow made.

    Reverts: nothing; the map is overwritten with the next partition, and
    without one nobody looks at it.
    """

    def execute(
        self,
        instance: objects.Instance,
        mappings: Sequence[slots.Entry],
        adapters: Sequence[Any],
        management_vif: Any,
    ) -> None:
        """Put the map into the instance, which Nova saves afterwards."""
        every = [*adapters, *([management_vif] if management_vif else ())]
        found = slots.SlotMap(
            tuple(mappings), {item.mac: item.slot for item in every}
        )
        slots.store(instance, found)


class NotePlugged(base.PowerVMTask):
    """Note the slots of adapters that were plugged.

    Reverts: nothing; a slot of an adapter that is not there does no harm.
    """

    def execute(
        self, instance: objects.Instance, adapters: Sequence[Any]
    ) -> None:
        """Save the map if it changed."""
        made = {item.mac: item.slot for item in adapters}
        _save(instance, lambda found: found.with_adapters(made))


class NoteUnplugged(base.PowerVMTask):
    """Forget the slots of adapters that were unplugged.

    Reverts: nothing; the slots are known again when they are plugged again.
    """

    def execute(self, instance: objects.Instance, network_info: Any) -> None:
        """Save the map if it changed."""
        macs = [vif['address'].lower() for vif in network_info or ()]
        untagged = tags.forget(instance, macs=macs)
        _save(
            instance,
            lambda found: found.without_adapters(macs),
            changed=untagged,
        )


def _save(
    instance: objects.Instance,
    change: Callable[[slots.SlotMap], slots.SlotMap],
    *,
    changed: bool = False,
) -> None:
    """Change the map; what it is about is done, whatever comes of this.

    :param changed: whether there is something else to be saved
    """
    try:
        if slots.update(instance, change) or changed:
            sysmeta.save(instance)
    except Exception as exc:
        # Without the map the platform chooses the addresses.
        LOG.warning(
            'The slot map could not be saved: %s', exc, instance=instance
        )
