# SPDX-License-Identifier: Apache-2.0
"""Memory that the hypervisor needs for a partition beside its own."""

import concurrent.futures
import threading
from typing import Any

from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.host import facts as host_facts

LOG = logging.getLogger(__name__)

_OPERATION = 'QueryReservedMemoryRequiredForPartition'
_TIMEOUT = 120.0

_Key = tuple[str, int, int, int, int, int]


class MemoryOverhead:
    """Asks the platform, once for each configuration."""

    def __init__(self, client: Any, system: host_facts.SystemReader) -> None:
        """Keep the collaborators.

        :param client: client.session.Client
        :param system: gives the uuid of the managed system
        """
        self._client = client
        self._system = system
        self._lock = threading.Lock()
        self._known: dict[_Key, concurrent.futures.Future[int]] = {}

    def for_config(
        self,
        env: str,
        desired: int,
        maximum: int,
        n_eth: int,
        n_scsi: int,
        n_fc: int,
    ) -> int:
        """Give the overhead of a partition in MB.

        Callers that ask for the same configuration at the same time share
        one job. The page table of the hypervisor grows with the maximum
        memory.

        :param env: type of the partition, 'AIX/Linux' or 'OS400'
        :param desired: memory in MB
        :param maximum: maximum memory in MB
        :param n_eth: number of virtual Ethernet adapters
        :param n_scsi: number of virtual SCSI adapters
        :param n_fc: number of virtual Fibre Channel adapters
        :returns: MB; 0 when the platform cannot tell, which is logged and
            not remembered: the platform itself still refuses a partition
            that does not fit
        :raises PlatformError: if the platform cannot be reached
        """
        key = (env, desired, maximum, n_eth, n_scsi, n_fc)
        with self._lock:
            future = self._known.get(key)
            mine = future is None
            if future is None:
                future = concurrent.futures.Future()
                self._known[key] = future
        if mine:
            self._resolve(key, future)
        try:
            return future.result()
        except (errors.JobFailed, errors.JobTimedOut) as exc:
            LOG.warning('The memory overhead is not known: %s', exc)
            return 0

    def _resolve(
        self, key: _Key, future: 'concurrent.futures.Future[int]'
    ) -> None:
        try:
            future.set_result(self._ask(key))
        except BaseException as exc:
            # Whatever it is, it belongs to all who wait for this answer.
            with self._lock:
                del self._known[key]
            future.set_exception(exc)

    def _ask(self, key: _Key) -> int:
        env, desired, maximum, n_eth, n_scsi, n_fc = key
        results = self._client.jobs.run(
            'ManagedSystem',
            self._system.uuid,
            _OPERATION,
            {
                'LogicalPartitionEnvironment': env,
                'DesiredMemory': str(desired),
                'MaximumMemory': str(maximum),
                'NumberOfVirtualEthernetAdapter': str(n_eth),
                'NumberOfVirtualSCSIAdapter': str(n_scsi),
                'NumberOfVirtualFibreChannelAdapter': str(n_fc),
            },
            timeout=_TIMEOUT,
            idempotent=True,
        )
        required = results.get('RequiredMemory') or ''
        if not required.strip().isdecimal():
            raise errors.JobFailed(
                _OPERATION, f'it tells {required!r} as RequiredMemory'
            )
        return max(0, int(required) - desired)
