# SPDX-License-Identifier: Apache-2.0
"""Brings partitions that exist to a specification.

The partition is read, what differs is changed in place, and the whole is sent
back: what the specification says nothing about (slots of adapters, what an
administrator set by hand) stays as it is.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any

from pypowervm.wrappers import base_partition
from pypowervm.wrappers import logical_partition

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.lpar import attributes
from nova_powervm.virt.powervm.lpar import builder
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import processors
from nova_powervm.virt.powervm.lpar import query

_REPEATED = (errors.EtagMismatch, errors.ConnectionLost)
_RMC_ACTIVE = base_partition.RMCState.ACTIVE
_IBMI = base_partition.LPARType.OS400


class NotWhileRunning(errors.PlatformError):
    """The partition has to be powered off for the change.

    :param name: the partition
    :param reason: why
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f'Partition {name} cannot be changed while it runs: {reason}'
        )
        self.reason = reason


class LparUpdater:
    """Changes the configuration of partitions.

    Every change can be repeated: one that took effect already makes no
    request that changes anything.
    """

    def __init__(self, client: Any) -> None:
        """Keep the client.

        :param client: client.session.Client
        """
        self._client = client

    def read(self, lpar_uuid: str) -> Any:
        """Read a partition, with one request.

        :returns: pypowervm LPAR wrapper
        :raises PlatformError: it cannot be read
        """
        return calls.call(
            logical_partition.LPAR.get, self._client.adapter, uuid=lpar_uuid
        )

    def update(self, lpar_uuid: str, spec: flavor.LparSpec) -> Any:
        """Bring a partition to a specification; its name stays.

        One that is off gets everything, one that runs gets what why_not_live
        has nothing against.

        :returns: pypowervm LPAR wrapper as it is then
        :raises NotWhileRunning: it runs, and the change needs it off
        :raises PlatformError: the platform refused or failed
        """
        return self.edit(lpar_uuid, functools.partial(_apply, spec=spec))

    def rename(self, lpar_uuid: str, name: str) -> Any:
        """Give a partition another name.

        :returns: pypowervm LPAR wrapper as it is then
        :raises PlatformError: the platform refused, or the name is taken
        """

        def change(lpar: Any) -> bool:
            if lpar.name == name:
                return False
            lpar.name = name
            return True

        return self.edit(lpar_uuid, change)

    def edit(self, lpar_uuid: str, change: Callable[[Any], bool]) -> Any:
        """Read, change and send back, again if somebody was faster.

        :param lpar_uuid: the partition
        :param change: changes the wrapper, and tells whether it did
        :returns: pypowervm LPAR wrapper as it is then
        :raises PlatformError: the platform refused or failed
        """

        def attempt() -> Any:
            lpar = self.read(lpar_uuid)
            return calls.call(lpar.update) if change(lpar) else lpar

        return self._client.policy.retry(attempt, _REPEATED, self._client.stop)


def why_not_live(lpar: Any, spec: flavor.LparSpec) -> str | None:
    """Tell why a partition must be powered off to get a specification.

    NovaLink: DLPAR moves memory and processors of a running partition inside
    of its minimum and maximum, when its operating system takes part. Limits
    that no extra spec names are left as they are.

    :param lpar: pypowervm LPAR wrapper, read a moment ago
    :param spec: what the partition shall be
    :returns: the reason, None if it need not be powered off
    """
    if lpar.state != query.RUNNING:
        return f'its state is {lpar.state!r}'
    return next(_obstacles(lpar, spec), None)


def _obstacles(lpar: Any, spec: flavor.LparSpec) -> Iterator[str]:
    if _is_dedicated(lpar) != _wants_dedicated(spec):
        yield 'it changes between shared and dedicated processors'
        return
    differing = list(_differing(lpar, spec))
    for setting in differing:
        if not setting.live and (
            not setting.is_limit or setting.key in spec.named
        ):
            yield f'its {setting.what} only changes while it is off'
    for setting in differing:
        if setting.live:
            yield from _out_of_range(lpar, spec, setting)
    yield from _dlpar_obstacles(lpar, differing)


def _out_of_range(
    lpar: Any, spec: flavor.LparSpec, setting: attributes.Setting
) -> Iterator[str]:
    if setting.limits is None:
        return
    low, high = (attributes.get(lpar, path) for path in setting.limits)
    wanted = setting.wanted(spec)
    if not low <= wanted <= high:
        yield f'its {setting.what} would be {wanted}, outside {low} to {high}'


def _dlpar_obstacles(
    lpar: Any, differing: list[attributes.Setting]
) -> Iterator[str]:
    kinds = {setting.dlpar for setting in differing if setting.live}
    # NovaLink: IBM i takes part without a control connection.
    if not kinds - {None} or lpar.env == _IBMI:
        return
    if lpar.rmc_state != _RMC_ACTIVE:
        yield 'there is no active RMC connection to its operating system'
    able = lpar.capabilities
    if 'memory' in kinds and not able.mem_dlpar:
        yield 'its operating system cannot change memory while it runs'
    if 'processors' in kinds and not able.proc_dlpar:
        yield 'its operating system cannot change processors while it runs'


def _apply(lpar: Any, spec: flavor.LparSpec) -> bool:
    """Change the wrapper; tell whether there was something to change."""
    if lpar.state == query.NOT_ACTIVATED:
        return _apply_offline(lpar, spec)
    reason = why_not_live(lpar, spec)
    if reason is not None:
        raise NotWhileRunning(lpar.name, reason)
    wanted = [s for s in _differing(lpar, spec) if s.live]
    for setting in wanted:
        setting.apply(lpar, spec)
    return bool(wanted)


def _apply_offline(lpar: Any, spec: flavor.LparSpec) -> bool:
    exchanged = _is_dedicated(lpar) != _wants_dedicated(spec)
    if exchanged:
        lpar.proc_config = builder.processor_config(
            lpar.adapter, spec.processors
        )
    wanted = list(_differing(lpar, spec))
    for setting in wanted:
        setting.apply(lpar, spec)
    return exchanged or bool(wanted)


def _differing(
    lpar: Any, spec: flavor.LparSpec
) -> Iterator[attributes.Setting]:
    for setting in attributes.of(spec):
        wanted = setting.wanted(spec)
        # None: there is nothing to go back to, so it stays.
        if wanted is not None and wanted != attributes.get(lpar, setting.path):
            yield setting


def _is_dedicated(lpar: Any) -> bool:
    return bool(lpar.proc_config.has_dedicated)


def _wants_dedicated(spec: flavor.LparSpec) -> bool:
    return isinstance(spec.processors, processors.DedicatedProcessors)
