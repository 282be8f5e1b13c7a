# SPDX-License-Identifier: Apache-2.0
"""Failures of a flow as exceptions of Nova.

Only classes of ``nova.exception`` survive RPC, and which class it is decides
whether Nova tries another host, so each operation has its own mapping.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ParamSpec, TypeVar

from nova import exception as nova_exc
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors as client_errors
from nova_powervm.virt.powervm.disk import layout
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import power
from nova_powervm.virt.powervm.volume import base as volume_base

LOG = logging.getLogger(__name__)

_P = ParamSpec('_P')
_T = TypeVar('_T')

Mapping = Callable[[BaseException, Any], nova_exc.NovaException]

_REMOTE = '_Remote'
"""oslo.messaging: end of the names of exceptions that came by RPC."""

# Failures of a build that Nova would take to the next host by itself.
_ABORTING = (
    flavor.FlavorError,
    layout.LayoutError,
    power.PartitionNotRunning,
    volume_base.VolumeRefused,
    nova_exc.ImageNotFound,
    nova_exc.ImageNotAuthorized,
)
# Another host would fail in the same way, so these decide when several
# branches of a flow failed together.
_FINAL = (
    *_ABORTING,
    nova_exc.BuildAbortException,
    nova_exc.CertificateValidationFailed,
    nova_exc.ImageNotActive,
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


def for_spawn(cause: BaseException, instance: Any) -> nova_exc.NovaException:
    """Map a failure of a build; unknown ones let Nova try another host."""
    if isinstance(cause, _ABORTING):
        return nova_exc.BuildAbortException(
            instance_uuid=instance.uuid, reason=str(cause)
        )
    return _mapped(cause, nova_exc.ComputeResourcesUnavailable)


def for_rebuild(cause: BaseException, instance: Any) -> nova_exc.NovaException:
    """Map a failure of a rebuild that was undone.

    With this class Nova gives the server the state that it had.
    """
    return nova_exc.InstanceFaultRollback(
        inner_exception=for_spawn(cause, instance)
    )


def for_rebuilt(cause: BaseException, instance: Any) -> nova_exc.NovaException:
    """Map a failure to build a server which was removed for that.

    Nova would take ComputeResourcesUnavailable for a server that is as it was.
    """
    error = for_spawn(cause, instance)
    if isinstance(error, nova_exc.ComputeResourcesUnavailable):
        return nova_exc.BuildAbortException(
            instance_uuid=instance.uuid, reason=str(error)
        )
    return error


def for_destroy(cause: BaseException, instance: Any) -> nova_exc.NovaException:
    """Map a failure of a removal."""
    return _mapped(cause, nova_exc.InstanceTerminationFailure)


def for_resize(cause: BaseException, instance: Any) -> nova_exc.NovaException:
    """Map a failure of a resize that was undone.

    With this class Nova gives the server the state that it had.
    """
    return nova_exc.InstanceFaultRollback(
        inner_exception=for_resized(cause, instance)
    )


def for_resized(cause: BaseException, instance: Any) -> nova_exc.NovaException:
    """Map a failure of what follows a resize: its end, or the way back."""
    if isinstance(cause, (*_ABORTING, nova_exc.BuildAbortException)):
        return nova_exc.ResizeError(reason=str(cause))
    return _mapped(cause, nova_exc.ResizeError)


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


def for_reboot(cause: BaseException, instance: Any) -> nova_exc.NovaException:
    """Map a failure of a reboot."""
    return _mapped(cause, nova_exc.InstanceRebootFailure)


def for_rescue(cause: BaseException, instance: Any) -> nova_exc.NovaException:
    """Map a failure of a rescue."""
    # Nova wraps it in InstanceNotRescuable, and keeps 255 characters.
    return _mapped(cause, nova_exc.NovaException)


def for_unrescue(
    cause: BaseException, instance: Any
) -> nova_exc.NovaException:
    """Map a failure of an unrescue."""
    return _mapped(cause, nova_exc.InstancePowerOnFailure)


def for_crash_dump(
    cause: BaseException, instance: Any
) -> nova_exc.NovaException:
    """Map a failure of a crash dump, which is a restart."""
    if isinstance(cause, power.WrongState):
        return nova_exc.InstanceNotRunning(str(cause))
    return _mapped(cause, nova_exc.InstanceRebootFailure)


def for_snapshot(
    cause: BaseException, instance: Any
) -> nova_exc.NovaException:
    """Map a failure to make an image."""
    return _mapped(cause, nova_exc.NovaException)


def for_plug(cause: BaseException, instance: Any) -> nova_exc.NovaException:
    """Map a failure of plugging adapters."""
    return _mapped(cause, nova_exc.VirtualInterfacePlugException)


def for_unplug(cause: BaseException, instance: Any) -> nova_exc.NovaException:
    """Map a failure of unplugging adapters."""
    return _mapped(cause, nova_exc.InterfaceDetachFailed)


def for_connector(
    cause: BaseException, instance: Any
) -> nova_exc.NovaException:
    """Map a failure to tell Cinder about the host."""
    return _mapped(cause, nova_exc.InvalidVolume)


def for_attach(volume_id: str) -> Mapping:
    """Make the mapping of failures to attach a volume."""
    return _about(nova_exc.VolumeAttachFailed, volume_id)


def for_detach(volume_id: str) -> Mapping:
    """Make the mapping of failures to detach a volume."""
    return _about(nova_exc.VolumeDetachFailed, volume_id)


def for_extend(volume_id: str) -> Mapping:
    """Make the mapping of failures to see a volume's new size."""
    return _about(nova_exc.VolumeExtendFailed, volume_id)


def _about(default: type[nova_exc.NovaException], volume_id: str) -> Mapping:
    """Make a mapping to an exception that names a volume."""

    def mapping(cause: BaseException, instance: Any) -> Any:
        return _mapped(cause, default, volume_id=volume_id)

    return mapping


def for_query(
    cause: BaseException, instance: Any = None
) -> nova_exc.NovaException:
    """Map a failure of a question to the platform."""
    return _mapped(cause, nova_exc.HypervisorUnavailable)


def query(func: Callable[_P, _T]) -> Callable[_P, _T]:
    """Make a method of the driver which asks raise Nova's exceptions."""

    @functools.wraps(func)
    def asking(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        with translate(for_query):
            return func(*args, **kwargs)

    return asking


@contextlib.contextmanager
def translate(mapping: Mapping, instance: Any = None) -> Iterator[None]:
    """Raise Nova's exceptions instead of the platform's.

    :param mapping: which ones
    :param instance: the instance that is worked on
    """
    try:
        yield
    except client_errors.PlatformError as exc:
        raise mapping(exc, instance) from exc


def _survives(cause: nova_exc.NovaException) -> bool:
    """Tell whether an exception is one of Nova's own.

    What the conductor raised is of a class that oslo.messaging derives from
    that of Nova, and which becomes Nova's own again on its next way.
    """
    module = type(cause).__module__.removesuffix(_REMOTE)
    return bool(module == nova_exc.__name__)


def _mapped(
    cause: BaseException,
    default: type[nova_exc.NovaException],
    **names: str,
) -> nova_exc.NovaException:
    if isinstance(cause, nova_exc.NovaException) and _survives(cause):
        return cause
    if not isinstance(cause, client_errors.PlatformError):
        LOG.error('Unexpected failure', exc_info=cause)
    text = str(cause) or type(cause).__name__
    if '%(reason)s' in default.msg_fmt:
        return default(reason=text, **names)
    return default(text)
