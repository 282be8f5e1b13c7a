# SPDX-License-Identifier: Apache-2.0
"""What all methods of the driver stand on."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from nova import exception as nova_exc
from nova import objects
from nova.virt import driver
from oslo_concurrency import lockutils

from nova_powervm.virt.powervm import capabilities
from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import sysmeta


class HostDriver(driver.ComputeDriver):  # type: ignore[misc]
    """A compute driver which works with the collaborators of one host."""

    capabilities = capabilities.capabilities()

    def __init__(self, virtapi: Any) -> None:
        """Create the driver; it does nothing until ``init_host``.

        :param virtapi: Nova's virtapi
        """
        super().__init__(virtapi)
        self._runtime: runtime.Runtime | None = None
        # Set by the first update_provider_tree, which ends Nova's start.
        self._service_up = threading.Event()

    @property
    def host(self) -> runtime.Runtime:
        """The collaborators of the host.

        :raises nova.exception.VirtDriverNotReady: init_host did not run yet
        """
        if self._runtime is None:
            raise nova_exc.VirtDriverNotReady()
        return self._runtime

    def _run(
        self, instance: objects.Instance, flow: Any, mapping: errors.Mapping
    ) -> None:
        """Run a flow that needs an instance and its partition.

        It changes no record.
        """
        with self._working(instance, mapping, records=False):
            engine.run(flow, self._store(instance), mapping)

    def _store(
        self, instance: objects.Instance, **more: Any
    ) -> dict[str, Any]:
        """Give what all flows for a partition need, and more.

        :raises nova.exception.InstanceNotFound: there is no partition
        """
        lpar = self._require(instance)
        return {keys.INSTANCE: instance, keys.LPAR: lpar, **more}

    @contextlib.contextmanager
    def _working(
        self,
        instance: objects.Instance,
        mapping: errors.Mapping,
        *,
        records: bool = True,
    ) -> Iterator[None]:
        """Serialize what is done to one instance on this host.

        Nova serializes requests as well, but reads the instance before: the
        second of two has it as it was before the first one.

        :param records: whether something may be noted at the instance; it
            takes over then what was noted before (one read of Nova's)
        :raises TypeError: that is no instance; Nova hands over a context in
            one place, which must fail early and clearly
        """
        if not isinstance(instance, objects.Instance):
            raise TypeError(f'not an instance: {type(instance).__name__}')
        host = self.host
        name = instances.lock_name(host.settings.host, instance.uuid)
        with lockutils.lock(name), errors.translate(mapping, instance):
            if records:
                sysmeta.catch_up(instance)
            try:
                yield
            finally:
                # Not self.host: the service may be on its way down.
                host.resources.invalidate()

    def _require(self, instance: objects.Instance) -> lpar_cache.LparRecord:
        """Find the partition of an instance.

        :raises nova.exception.InstanceNotFound: there is none
        """
        record = instances.find(self.host.cache, instance)
        if record is None:
            raise nova_exc.InstanceNotFound(instance_id=instance.uuid)
        return record
