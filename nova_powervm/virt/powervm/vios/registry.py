# SPDX-License-Identifier: Apache-2.0
"""Which plan carries out which intent, and on what."""

from collections.abc import Callable
from typing import Any

from nova_powervm.virt.powervm.vios import fibre
from nova_powervm.virt.powervm.vios import fibre_plans
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import mappings
from nova_powervm.virt.powervm.vios import physical
from nova_powervm.virt.powervm.vios import plans
from nova_powervm.virt.powervm.vios import volumes

_PLANS: dict[type, dict[type, Callable[[Any], plans.Plan[Any]]]] = {
    intents.ViosTarget: {
        intents.AddMapping: mappings.AddMappingPlan,
        intents.ReplaceMapping: mappings.ReplaceMappingPlan,
        intents.RemoveMappings: mappings.RemoveMappingsPlan,
        intents.ScrubStale: mappings.ScrubStalePlan,
        intents.ReleaseStorage: mappings.ReleaseStoragePlan,
        intents.LookAtVolume: physical.LookAtVolumePlan,
        intents.ListMapped: mappings.ListMappedPlan,
        fibre.AddVfc: fibre_plans.AddVfcPlan,
        fibre.RemoveVfc: fibre_plans.RemoveVfcPlan,
        fibre.ListVfc: fibre_plans.ListVfcPlan,
    },
    intents.VolumeGroupTarget: {
        intents.CreateDisk: volumes.CreateDiskPlan,
        intents.ResizeDisk: volumes.ResizeDiskPlan,
        intents.DeleteDisk: volumes.DeleteDiskPlan,
        intents.CreateRepository: volumes.CreateRepositoryPlan,
        intents.DeleteMedia: volumes.DeleteMediaPlan,
        intents.Look: volumes.LookPlan,
    },
}


def plan(target: intents.Target, intent: intents.Intent) -> plans.Plan[Any]:
    """Make the plan of an intent.

    :raises TypeError: the target cannot do that
    """
    try:
        return _PLANS[type(target)][type(intent)](intent)
    except KeyError:
        raise TypeError(f'{target} cannot do {intent}') from None
