# SPDX-License-Identifier: Apache-2.0
"""Power of partitions: on, off, and again."""

import dataclasses
from collections.abc import Mapping

from oslo_log import log as logging

from nova_powervm.virt.powervm import settings as host_settings
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import retry
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import netboot as lpar_netboot
from nova_powervm.virt.powervm.lpar import query

LOG = logging.getLogger(__name__)

# NovaLink: the texts of failed jobs hold codes, of the hypervisor (HSCL) or
# of the REST server (PVME).
_ALREADY_ON = ('HSCL3681', 'PVME01042026')
_ALREADY_OFF = ('HSCL1558', 'PVME04000005', 'PVME01050901')

_IBMI = 'OS400'

_IN_FIRMWARE = frozenset({query.STARTING, query.OPEN_FIRMWARE})
_RESTARTING = query.COMING_UP | {query.SHUTTING_DOWN, query.NOT_ACTIVATED}

Params = Mapping[str, str]
_OS_NORMAL: Params = {'operation': 'osshutdown'}
_OS_NOW: Params = {'operation': 'osshutdown', 'immediate': 'true'}
_VSP_NORMAL: Params = {'operation': 'shutdown'}
_VSP_HARD: Params = {'operation': 'shutdown', 'immediate': 'true'}
_DUMP: Params = {'operation': 'dumprestart'}
_RESTART: Params = {'restart': 'true'}


class PartitionNotRunning(errors.PlatformError):
    """A partition was powered on, but does not run.

    :param name: the partition
    :param state: what state it is in
    :param reference_code: what its firmware shows
    """

    def __init__(self, name: str, state: str, reference_code: str) -> None:
        super().__init__(
            f'Partition {name} does not run after power on: its state is '
            f'{state!r}, its reference code {reference_code or "(none)"!s}'
        )
        self.state = state
        self.reference_code = reference_code


class WrongState(errors.PlatformError):
    """The partition is in a state from which it cannot go there.

    :param name: the partition
    :param state: what state it is in
    :param wanted: what was to be done to it
    """

    def __init__(self, name: str, state: str, wanted: str) -> None:
        super().__init__(
            f'Partition {name} cannot be {wanted} while its state is '
            f'{state!r}; {query.remedy(state)}'
        )
        self.state = state


@dataclasses.dataclass(frozen=True)
class RemoveOptical:
    """Media to be removed by the platform some time after the boot.

    :param name: name of the media
    :param minutes: how long after the power on
    """

    name: str
    minutes: int


class PowerManager:
    """Changes the power of partitions and waits for the result.

    The caller sees to it that there is one call at a time per partition.

    :param client: access to the platform
    :param cache: the partitions; brought up to date by every call
    :param settings: HostSettings; `job_timeout` and `lpar_start_timeout`
        are used
    """

    def __init__(
        self,
        client: session.Client,
        cache: lpar_cache.LparCache,
        settings: host_settings.HostSettings,
    ) -> None:
        self._client = client
        self._cache = cache
        self._job_timeout = settings.job_timeout
        self._start_limit = float(settings.lpar_start_timeout)

    def start(
        self,
        record: lpar_cache.LparRecord,
        *,
        bootmode: str | None = None,
        remove_optical: RemoveOptical | None = None,
        netboot: lpar_netboot.Params | None = None,
    ) -> lpar_cache.LparRecord:
        """Power a partition on and wait until it runs.

        :param bootmode: norm, sms, dd, ds, of or pbl; None leaves it to the
            platform
        :param remove_optical: media to be removed after the boot
        :param netboot: what an installation over the network needs
        :returns: the partition as it is then
        :raises PartitionNotRunning: it does not run within the limit
        :raises WrongState: it is neither off nor on
        :raises errors.PlatformError: the platform refused
        """
        state = record.state
        if state != query.NOT_ACTIVATED:
            # What we remember may be old; only the platform knows.
            state = self._state(record)
        if state == query.NOT_ACTIVATED:
            self._power_on(record, bootmode, remove_optical, netboot)
        elif state not in query.UP | query.COMING_UP:
            raise WrongState(record.name, state, 'powered on')
        return self._wait_until_up(record)

    def stop(
        self,
        record: lpar_cache.LparRecord,
        *,
        hard: bool,
        timeout: int | None = None,
    ) -> bool:
        """Power a partition off and wait until it is.

        :param hard: without asking its operating system
        :param timeout: seconds that each polite attempt may take; 0 means
            hard, None the time of any job
        :returns: whether there was something to do
        :raises WrongState: the platform cannot reach it now
        :raises errors.PlatformError: it is still on
        """
        state = record.state
        stale = self._cache.is_stale(record.uuid)
        if stale or state not in query.STOPPABLE:
            # What we remember may be old; only the platform knows.
            state = self._state(record)
        if state in query.OFF:
            return False
        hard = hard or timeout == 0
        self._progress(record, state, hard, timeout, {})
        return True

    def reboot(
        self,
        record: lpar_cache.LparRecord,
        hard: bool,
        timeout: int | None = None,
    ) -> lpar_cache.LparRecord:
        """Restart a partition, or start it if it is off.

        :param hard: without asking its operating system
        :param timeout: seconds that each polite attempt may take; 0 means
            hard, None the time of any job
        :raises PartitionNotRunning: it does not come up again
        :raises WrongState: the platform cannot reach it now
        :raises errors.PlatformError: the platform refused
        """
        state = self._state(record)
        if state == query.NOT_ACTIVATED:
            return self.start(self._cache.get(record.uuid) or record)
        hard = hard or timeout == 0
        self._progress(record, state, hard, timeout, _RESTART)
        return self._wait_until_up(record, _RESTARTING)

    def dump(self, record: lpar_cache.LparRecord) -> lpar_cache.LparRecord:
        """Let an operating system dump its memory, and start again.

        NovaLink: PowerOff with the operation dumprestart, for AIX, Linux and
        IBM i alike; where the dump goes is up to the operating system.

        :raises WrongState: no operating system runs that could do it
        :raises PartitionNotRunning: it does not come up again
        :raises errors.PlatformError: the platform refused
        """
        state = self._state(record)
        if state != query.RUNNING:
            raise WrongState(record.name, state, 'dumped')
        # Not repeated when the reply is lost: it would dump the new start.
        self._client.jobs.run(
            lpar_cache.TYPE, record.uuid, 'PowerOff', _DUMP, self._job_timeout
        )
        return self._wait_until_up(record, _RESTARTING)

    def _power_on(
        self,
        record: lpar_cache.LparRecord,
        bootmode: str | None,
        remove_optical: RemoveOptical | None,
        netboot: lpar_netboot.Params | None = None,
    ) -> None:
        params: dict[str, str] = dict(netboot or {})
        if bootmode is not None:
            params['bootmode'] = bootmode
        if remove_optical is not None:
            params['remove_optical_name'] = remove_optical.name
            params['remove_optical_time'] = str(remove_optical.minutes)
        try:
            self._job(record, 'PowerOn', params, self._job_timeout)
        except errors.JobFailed as exc:
            if not _has_code(exc, _ALREADY_ON):
                raise
            LOG.info('Partition %s is on already', record.name)

    def _wait_until_up(
        self,
        record: lpar_cache.LparRecord,
        passing: frozenset[str] = query.COMING_UP,
    ) -> lpar_cache.LparRecord:
        deadline = retry.Deadline(self._start_limit)
        # The first look is at everything: with luck the control connection
        # of the operating system is up, which the next stop wants to know.
        fresh = self._whole(record)
        state = fresh.state
        for delay in self._client.policy.endless():
            # A partition that fell back will not come up by itself.
            if state not in passing or deadline.passed:
                break
            retry.pause(self._client.stop, min(delay, deadline.left()))
            state = self._state(record)
        if state != fresh.state:
            fresh = self._cache.get(record.uuid) or fresh
        if state in query.UP:
            return fresh
        fresh = self._whole(record)
        raise PartitionNotRunning(
            fresh.name, fresh.state, fresh.reference_code
        )

    def _whole(self, record: lpar_cache.LparRecord) -> lpar_cache.LparRecord:
        fresh = self._cache.refresh(record.uuid)
        if fresh is None:
            raise errors.NotFound(f'Partition {record.name} is gone')
        return fresh

    def _progress(
        self,
        record: lpar_cache.LparRecord,
        state: str,
        hard: bool,
        timeout: int | None,
        extra: Params,
    ) -> None:
        """Power off, from polite to hard, until it works."""
        limit = self._job_timeout if timeout is None else timeout
        answers = _answers(record, state)
        steps = self._polite(record, state) if answers and not hard else []
        while steps:
            step = steps.pop(0)
            try:
                if self._off(record, {**step, **extra}, limit):
                    return
            except errors.JobTimedOut as exc:
                LOG.warning('Partition %s: %s', record.name, exc)
                if step == _OS_NOW and record.type != _IBMI:
                    # Its operating system hangs; asking it once more, as
                    # a delayed shutdown does, only takes time.
                    break
            except errors.JobFailed as exc:
                LOG.warning('Partition %s: %s', record.name, exc)
                # It may have left the state that we knew it in.
                if not _answers(record, self._state(record)):
                    break
        if not self._off(record, {**_VSP_HARD, **extra}, self._job_timeout):
            raise errors.PlatformError(
                f'Partition {record.name} is still on after power off'
            )

    def _polite(
        self, record: lpar_cache.LparRecord, state: str
    ) -> list[Params]:
        if state in _IN_FIRMWARE:
            return [_VSP_NORMAL]
        if record.type == _IBMI:
            return [_OS_NORMAL, _OS_NOW, _VSP_NORMAL]
        if record.rmc_state != query.RMC_ACTIVE:
            # The connection comes up some time after a boot, and which
            # shutdown is possible depends on it.
            record = self._whole(record)
        if record.rmc_state == query.RMC_ACTIVE:
            return [_OS_NOW, _VSP_NORMAL]
        return [_VSP_NORMAL]

    def _off(
        self, record: lpar_cache.LparRecord, params: Params, limit: float
    ) -> bool:
        """Try one way to power off; tell whether it worked."""
        restart = 'restart' in params
        deadline = retry.Deadline(limit)
        try:
            self._job(record, 'PowerOff', params, limit)
        except errors.JobFailed as exc:
            if not _has_code(exc, _ALREADY_OFF):
                raise
            if restart:
                self._power_on(record, None, None)
        return restart or self._is_off(record, deadline)

    def _is_off(
        self, record: lpar_cache.LparRecord, deadline: retry.Deadline
    ) -> bool:
        for delay in self._client.policy.endless():
            state = self._state(record)
            if state in query.OFF:
                return True
            if deadline.passed:
                break
            retry.pause(self._client.stop, min(delay, deadline.left()))
        return False

    def _job(
        self,
        record: lpar_cache.LparRecord,
        operation: str,
        params: Params,
        limit: float,
    ) -> None:
        self._client.jobs.run(
            lpar_cache.TYPE,
            record.uuid,
            operation,
            params,
            limit,
            idempotent=True,
        )

    def _state(self, record: lpar_cache.LparRecord) -> str:
        state = self._cache.refresh_state(record.uuid)
        if state is None:
            raise errors.NotFound(f'Partition {record.name} is gone')
        return state


def _answers(record: lpar_cache.LparRecord, state: str) -> bool:
    """Tell whether there may be an operating system to ask.

    :raises WrongState: the platform cannot reach the partition
    """
    if state in query.OUT_OF_REACH:
        raise WrongState(record.name, state, 'powered off')
    return state not in query.UNANSWERING


def _has_code(exc: errors.JobFailed, codes: tuple[str, ...]) -> bool:
    return any(code in exc.reason for code in codes)
