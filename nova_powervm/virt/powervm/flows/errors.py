# SPDX-License-Identifier: Apache-2.0
"""Failures of a flow as exceptions of Nova.

Only classes of ``nova.exception`` survive RPC, and which class it is decides
whether Nova tries another host, so each operation has its own mapping.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from nova import exception as nova_exc

from nova_powervm.virt.powervm.client import errors as client_errors
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import power

LOG = logging.getLogger(__name__)

Mapping = Callable[[BaseException, Any], nova_exc.NovaException]

# Another host would fail in the same way, so these decide when several
# branches of a flow failed together.
_FINAL = (
    flavor.FlavorError,
    nova_exc.BuildAbortException,
    nova_exc.ImageUnacceptable,
    nova_exc.FlavorDiskTooSmall,
    nova_exc.FlavorMemoryTooSmall,
)


def select(causes: Sequence[BaseException]) -> BaseException:
    """Choose the failure to report out of those of one run.

    :param causes: at least one exception, in no special order
    :returns: the first one that is final, else the first one
    """
    for cause in causes:
        if isinstance(cause, _FINAL):
            return cause
    return causes[0]


def for_spawn(
    cause: BaseException, instance: Any
) -> nova_exc.NovaException:
    """Map a failure of a build; unknown ones let Nova try another host."""
    if isinstance(cause, (flavor.FlavorError, power.PartitionNotRunning)):
        return nova_exc.BuildAbortException(
            instance_uuid=instance.uuid, reason=str(cause)
        )
    return _mapped(cause, nova_exc.ComputeResourcesUnavailable)


def for_destroy(
    cause: BaseException, instance: Any
) -> nova_exc.NovaException:
    """Map a failure of a removal."""
    return _mapped(cause, nova_exc.InstanceTerminationFailure)


def for_power_off(
    cause: BaseException, instance: Any
) -> nova_exc.NovaException:
    """Map a failure of a power off."""
    return _mapped(cause, nova_exc.InstancePowerOffFailure)


def for_power_on(
    cause: BaseException, instance: Any
) -> nova_exc.NovaException:
    """Map a failure of a power on."""
    return _mapped(cause, nova_exc.InstancePowerOnFailure)


def for_reboot(
    cause: BaseException, instance: Any
) -> nova_exc.NovaException:
    """Map a failure of a reboot."""
    return _mapped(cause, nova_exc.InstanceRebootFailure)


def for_plug(cause: BaseException, instance: Any) -> nova_exc.NovaException:
    """Map a failure of plugging adapters."""
    return _mapped(cause, nova_exc.VirtualInterfacePlugException)


def for_unplug(
    cause: BaseException, instance: Any
) -> nova_exc.NovaException:
    """Map a failure of unplugging adapters."""
    return _mapped(cause, nova_exc.InterfaceDetachFailed, instance)


def _mapped(
    cause: BaseException,
    default: type[nova_exc.NovaException],
    instance: Any = None,
) -> nova_exc.NovaException:
    if type(cause).__module__ == nova_exc.__name__ and isinstance(
        cause, nova_exc.NovaException
    ):
        return cause
    if not isinstance(cause, client_errors.PlatformError):
        LOG.error('Unexpected failure', exc_info=cause)
    if default is nova_exc.VirtualInterfacePlugException:
        return default(str(cause) or type(cause).__name__)
    if default is nova_exc.InterfaceDetachFailed:
        return default(instance_uuid=instance.uuid, reason=str(cause))
    return default(reason=str(cause) or type(cause).__name__)
