# SPDX-License-Identifier: Apache-2.0
"""Plans about the physical volumes of a VIOS."""

from typing import Any

from nova_powervm.virt.powervm.vios import identities
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import plans


class LookAtVolumePlan(plans.Plan[intents.LookAtVolume]):
    """Changes nothing and tells how things are after all other changes."""

    def __init__(self, intent: intents.LookAtVolume) -> None:
        super().__init__(intent)
        self.groups |= plans.STORAGE

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Leave everything as it is."""
        return False

    def result(self, wrapper: Any) -> intents.VolumeView:
        """Tell what the VIOS has."""
        uuid, volume = wrapper.uuid.upper(), self._find(wrapper)
        if volume is None:
            return intents.VolumeView(uuid, None)
        storage = intents.StorageRef(
            'pv', volume.name, volume.udid, volume.tag
        )
        return intents.VolumeView(
            uuid,
            storage,
            frozenset(identities.users(wrapper, storage)),
            identities.is_healthy(volume),
            volume.capacity and volume.capacity * identities.MIB,
        )

    def _find(self, vios: Any) -> Any | None:
        """Find the volume by its id, or else by its mark."""
        want = self.intent
        if want.udid:
            return identities.find_physical(vios, want.udid, None)
        for volume in vios.phys_vols:
            if volume.tag == want.volume_id:
                return volume
        return None
