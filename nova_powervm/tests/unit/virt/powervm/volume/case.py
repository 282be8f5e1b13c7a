# SPDX-License-Identifier: Apache-2.0
"""Connectors on a simulated host with two VIOSes."""

import os
import types
from collections.abc import Mapping
from typing import Any

import fixtures

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.vios import transactions
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import mapped
from novalink_sim.model import storage

GIB = 1024**3


class PlainConnector(mapped.MappedVolume):
    """Finds what a test says is at the address of a volume.

    :ivar at: unique device ids by name of the VIOS; what is missing is not
        found
    :ivar needed: how many VIOSes have to find it
    :ivar keeping: the VIOSes forget nothing
    :ivar capacity: MiB of a volume that a VIOS looks at again
    """

    kinds = ('plain',)
    keeps = ('address',)

    def __init__(self, parts: base.Collaborators, vioses: Any) -> None:
        super().__init__(parts)
        self.at: dict[str, str] = {}
        self.needed = 1
        self.keeping = False
        self.rescanned: list[str] = []
        self.capacity = 2048
        self._vioses: Mapping[str, Any] = vioses

    def least(self, volume: base.Volume) -> int:
        """Tell what the test says."""
        return self.needed

    def find(
        self, vios: inventory.ViosRecord, volume: base.Volume
    ) -> intents.StorageRef:
        """Make the hdisk unless the VIOS has it."""
        udid = self.at.get(vios.name)
        if udid is None:
            raise errors.PlatformError('nothing is there')
        known = self._vioses[vios.uuid].volumes
        for disk in known:
            if disk.udid == udid:
                break
        else:
            disk = storage.PhysicalVolume(f'hdisk{len(known)}', udid, 1024)
            known.append(disk)
        return intents.StorageRef('pv', disk.name, udid, tag=volume.id)

    def drop(
        self, vios_uuid: str, volume: base.Volume, storage: intents.StorageRef
    ) -> None:
        """Remove the hdisk; what is at the address now is found next."""
        if self.keeping:
            raise errors.JobFailed('RemoveDevice', 'busy')
        vios = self._vioses[vios_uuid]
        vios.volumes[:] = [d for d in vios.volumes if d.udid != storage.udid]
        if self.at.get(vios.name) == storage.udid:
            self.at[vios.name] = '01now'

    def rescan(self, vios_uuid: str, udid: str) -> None:
        """Note it, and see that it has grown."""
        for disk in self._vioses[vios_uuid].volumes:
            if disk.udid == udid:
                disk.capacity = self.capacity
                self.rescanned.append(vios_uuid)
                return
        raise errors.JobFailed('RescanVirtualDisk', 'not found')


class ConnectorTestCase(simulated.SimulatedTestCase):
    """A host with two VIOSes and a partition."""

    PRESET = 'dual-vios'

    def setUp(self) -> None:
        super().setUp()
        self.tx = transactions.Transactions(self.client, gather=0.02)
        self.addCleanup(self.tx.close)
        self.vioses = inventory.ViosInventory(self.client)
        self.vioses.load()
        self.cache = lpar_cache.LparCache(self.client)
        self.cache.load()
        directory = self.useFixture(fixtures.TempDir()).path
        self.journal = journal.Journal(os.path.join(directory, 'j.json'))
        self.instance = nova_objects.instance()
        uuid = identity.lpar_uuid(self.instance.uuid)
        self.lpar: Any = self.create_lpar(uuid=uuid)

    def parts(self, **settings: Any) -> base.Collaborators:
        """What connectors work with."""
        return base.Collaborators(
            settings=types.SimpleNamespace(**{'host': 'host1', **settings}),  # type: ignore[arg-type]
            client=self.client,
            transactions=self.tx,
            vios=self.vioses,
            system=None,  # type: ignore[arg-type]
            journal=self.journal,
            cache=self.cache,
        )

    def vios_named(self, name: str) -> Any:
        """A VIOS of the simulator."""
        found = self.model.vioses.values()
        return next(vios for vios in found if vios.name == name)

    def set_rmc(self, name: str, state: str) -> None:
        """Let a VIOS lose its control connection, or have it again."""
        self.vios_named(name).rmc_state = state
        self.vioses.load()

    def names(self, found: Any) -> list[str]:
        """Names of the VIOSes that found something, sorted."""
        uuids = {item.vios_uuid for item in found}
        return sorted(v.name for v in self.vioses.all() if v.uuid in uuids)

    def hdisks(self) -> dict[str, list[str]]:
        """Unique device ids that each VIOS has, by its name."""
        return {
            vios.name: [disk.udid for disk in vios.volumes]
            for vios in self.model.vioses.values()
        }

    def mapped(self) -> dict[str, list[str]]:
        """Unique device ids that each VIOS maps, by its name."""
        return {
            vios.name: [
                device.key for bus in vios.buses for device in bus.devices
            ]
            for vios in self.model.vioses.values()
        }
