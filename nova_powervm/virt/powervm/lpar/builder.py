# SPDX-License-Identifier: Apache-2.0
"""Creates partitions.

The wrapper is put together from pypowervm's parts and not by its
``LPARBuilder``: that one judges the values again with exceptions of other
kinds, ignores the compatibility mode it is given, and loses the pool of
partitions that change from dedicated to shared processors.
"""

import threading
from typing import Any

from oslo_log import log as logging
from pypowervm.wrappers import base_partition
from pypowervm.wrappers import logical_partition
from pypowervm.wrappers import managed_system

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.host import facts as host_facts
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import guests
from nova_powervm.virt.powervm.lpar import processors
from nova_powervm.virt.powervm.lpar import query

LOG = logging.getLogger(__name__)

_DESCRIPTION = 'Description'
_BAD_REQUEST = 400


def build(adapter: Any, spec: flavor.LparSpec, describe: bool = True) -> Any:
    """Make the wrapper of a new partition, without any request.

    :param adapter: pypowervm Adapter
    :param spec: what the partition shall be
    :param describe: write the uuid of the instance into the description;
        that of the partition lacks its top bit
    :returns: pypowervm LPAR wrapper
    """
    lpar = logical_partition.LPAR.bld(
        adapter,
        spec.name,
        _memory(adapter, spec.memory),
        processor_config(adapter, spec.processors),
        env=spec.env,
        io_cfg=_io(adapter, spec),
    )
    lpar.set_uuid(spec.uuid)
    lpar.avail_priority = spec.availability_priority
    lpar.proc_compat_mode = spec.compat_mode
    lpar.allow_perf_data_collection = spec.metrics
    _set_policies(lpar, spec)
    if describe:
        lpar.set_parm_value(
            _DESCRIPTION, identity.description_marker(spec.instance_uuid)
        )
    return lpar


def _io(adapter: Any, spec: flavor.LparSpec) -> Any:
    config = base_partition.PartitionIOConfiguration.bld(
        adapter, spec.max_slots
    )
    if spec.env == guests.IBMI_ENV:
        # The slots of the load source are known once it is mapped.
        config.tagged_io = base_partition.TaggedIO.bld(adapter)
    return config


def _set_policies(lpar: Any, spec: flavor.LparSpec) -> None:
    """Set what not every platform takes, if there is something to set."""
    if spec.remote_restart is not None:
        lpar.srr_enabled = spec.remote_restart
    if spec.secure_boot:
        lpar.pending_secure_boot = spec.secure_boot
    if spec.restricted_io:
        lpar.restrictedio = True
    for name, value in spec.extras:
        setattr(lpar, name, value)


def _memory(adapter: Any, memory: flavor.MemorySpec) -> Any:
    config = base_partition.PartitionMemoryConfiguration.bld(
        adapter, memory.desired, memory.minimum, memory.maximum
    )
    if memory.ppt_ratio is not None:
        config.ppt_ratio = memory.ppt_ratio
    if memory.expansion:
        config.exp_factor = memory.expansion
    return config


def processor_config(adapter: Any, wanted: processors.Processors) -> Any:
    """Make the element of the processors of a partition.

    :param adapter: pypowervm Adapter
    :param wanted: the processors
    :returns: pypowervm PartitionProcessorConfiguration wrapper
    """
    config = base_partition.PartitionProcessorConfiguration
    if isinstance(wanted, processors.DedicatedProcessors):
        return config.bld_dedicated(
            adapter,
            wanted.vcpus,
            min_proc=wanted.min_vcpus,
            max_proc=wanted.max_vcpus,
            sharing_mode=wanted.sharing_mode,
        )
    return config.bld_shared(
        adapter,
        wanted.units,
        wanted.vcpus,
        sharing_mode=wanted.sharing_mode,
        uncapped_weight=wanted.weight,
        min_proc_unit=wanted.min_units,
        max_proc_unit=wanted.max_units,
        min_proc=wanted.min_vcpus,
        max_proc=wanted.max_vcpus,
        proc_pool=wanted.pool_id,
    )


class LparBuilder:
    """Creates partitions on one system.

    It learns from the answers whether the platform takes descriptions: one
    that refuses them is not bothered again.
    """

    def __init__(self, client: Any, system: host_facts.SystemReader) -> None:
        """Keep the collaborators.

        :param client: client.session.Client
        :param system: gives the uuid of the managed system
        """
        self._client = client
        self._system = system
        self._lock = threading.Lock()
        self._describes: bool | None = None

    def create(self, spec: flavor.LparSpec) -> Any:
        """Create a partition with one request.

        A request whose connection broke may have been carried out, so the
        partition is looked up by its uuid before it is asked for again. A
        refusal means that none of our requests made it.

        :returns: pypowervm LPAR wrapper as the platform answered it
        :raises PlatformError: if the platform refuses or fails; the
            partition may exist after ConnectionLost
        """
        with self._lock:
            known = self._describes
        if known is False:
            return self._put(spec, describe=False)
        try:
            lpar = self._put(spec, describe=True)
        except errors.PlatformRefused as exc:
            if known or exc.status != _BAD_REQUEST:
                raise
            lpar = self._put(spec, describe=False)
            self._learn(False, 'refuses')
            return lpar
        marker = identity.description_marker(spec.instance_uuid)
        if known is None:
            stored = _description(lpar) == marker
            self._learn(stored, 'does not keep')
        return lpar

    def _put(self, spec: flavor.LparSpec, describe: bool) -> Any:
        try:
            return self._send(spec, describe)
        except (errors.ConnectionLost, errors.EtagMismatch):
            found = self._find(spec.uuid)
            if found is not None:
                return found
        try:
            return self._send(spec, describe)
        except errors.PlatformRefused:
            # The first request may have been slower than its connection.
            found = self._find(spec.uuid)
            if found is None:
                raise
            return found

    def _send(self, spec: flavor.LparSpec, describe: bool) -> Any:
        wrapper = build(self._client.adapter, spec, describe)
        return calls.call(
            wrapper.create,
            parent_type=managed_system.System,
            parent_uuid=self._system.uuid,
        )

    def _find(self, lpar_uuid: str) -> Any | None:
        try:
            with calls.translate():
                found = logical_partition.LPAR.get(
                    self._client.adapter, uuid=lpar_uuid
                )
        except errors.NotFound:
            return None
        if found.state != query.NOT_ACTIVATED:
            # Not one that was made a moment ago.
            raise errors.NameInUse(found.name)
        return found

    def _learn(self, describes: bool, verb: str) -> None:
        with self._lock:
            self._describes = describes
        if not describes:
            LOG.info(
                'The platform %s descriptions of partitions; instances are '
                'told apart by asking Nova for both possible uuids',
                verb,
            )


def _description(lpar: Any) -> str | None:
    element = lpar.element.find(_DESCRIPTION)
    text: str | None = None if element is None else element.text
    return text
