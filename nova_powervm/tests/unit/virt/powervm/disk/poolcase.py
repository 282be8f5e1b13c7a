# SPDX-License-Identifier: Apache-2.0
"""Tests of a pool that two simulated hosts share."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections.abc import Iterator
from typing import Any

from nova import objects

from nova_powervm.tests.unit import simulated
from nova_powervm.tests.unit.virt.powervm.disk import case
from nova_powervm.virt.powervm import settings
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.disk import group
from nova_powervm.virt.powervm.disk import registry
from nova_powervm.virt.powervm.disk import ssp
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.vios import transactions
from novalink_sim.model import units


class PoolCase(case.StorageCase):
    """Two hosts with one pool, each with its own part of a driver."""

    PRESET: Any = 'ssp-pair'
    OPTIONS: dict[str, Any] = {}

    def setUp(self) -> None:
        super().setUp()
        self.conf.config(group='powervm', disk_driver='ssp', **self.OPTIONS)
        self.adapter = self.on('host1')

    @property
    def pool(self) -> Any:
        """The model of the only pool."""
        return self.sim.pool()

    def parts_of(self, host: str) -> registry.Collaborators:
        """What a disk adapter on a host works with, made anew."""
        system = self.sim.systems[host]
        rest = dataclasses.replace(
            self.rest(), host=system.host, port=system.port
        )
        client = session.connect(
            simulated.Settings(rest, str(system.hostroot)),  # type: ignore
            self.stop,
            policy=simulated.POLICY,
            limit=10,
        )
        self.addCleanup(client.session.logoff)
        vioses = inventory.ViosInventory(client)
        vioses.load()
        changes = transactions.Transactions(client, gather=0)
        self.addCleanup(changes.close)
        read = settings.HostSettings.from_conf(host)
        return registry.Collaborators(
            settings=read,
            client=client,
            transactions=changes,
            vios=vioses,
            journal=journal.Journal.for_host(read),
            groups=group.GroupDirectory(client, vioses),
        )

    def on(self, host: str) -> ssp.SharedPool:
        """A disk adapter on a host, as after a start of the service."""
        adapter = ssp.SharedPool(self.parts_of(host))
        adapter.start()
        return adapter

    def instance(self, root_gb: int = 1, **fields: Any) -> objects.Instance:
        """An instance that is not in a database."""
        return super().instance(root_gb, display_description='', **fields)

    def add_unit(self, name: str, size_gb: float = 1.0, **asked: Any) -> Any:
        """Make a logical unit behind the driver's back."""
        with self.pool.lock:
            return units.create(
                self.pool.default_tier,
                units.UnitRequest(name, size_gb, **asked),
                self.model,
            )

    def delete_unit(self, unit: Any) -> None:
        """Delete a logical unit behind the driver's back."""
        with self.pool.lock:
            units.delete(unit)

    def names(self) -> list[str]:
        """Names of all units."""
        return sorted(unit.name for unit in self.pool.units)

    def digest(self, udid: str | None, size: int) -> str:
        """The hash of the first bytes of a unit."""
        with open(self.pool.find(udid).file, 'rb') as file:
            return hashlib.sha256(file.read(size)).hexdigest()

    def uploads(self) -> int:
        """How often bytes were sent to either host."""
        return sum(
            '/File/contents/' in entry.path
            for entry in self.sim.journal.writes()
        )

    @contextlib.contextmanager
    def switched(self, **switches: Any) -> Iterator[None]:
        """Change switches of both hosts for a while."""
        models = [system.model for system in self.sim.systems.values()]
        old = models[0].switches
        for model in models:
            model.switches = dataclasses.replace(old, **switches)
        try:
            yield
        finally:
            for model in models:
                model.switches = old
