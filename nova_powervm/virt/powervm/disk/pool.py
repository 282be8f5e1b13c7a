# SPDX-License-Identifier: Apache-2.0
"""Shared storage pools: which one is ours, and what is in it."""

import dataclasses
import threading
import time
from collections.abc import Sequence
from typing import Any, Self

from nova import exception
from pypowervm.wrappers import cluster as pvm_cluster
from pypowervm.wrappers import storage

from nova_powervm.virt.powervm import settings as powervm_settings
from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.vios import volumes

RECENT = 5.0
"""Seconds after which a reading of the pool does not count as recent."""

DISK = storage.LUType.DISK
IMAGE = storage.LUType.IMAGE


@dataclasses.dataclass(frozen=True)
class UnitFacts:
    """One logical unit as the platform shows it.

    :param uuid: of the REST object
    :param tier_uuid: of the tier that it is in
    :param in_use: whether some VIOS of some host maps it
    """

    name: str
    udid: str
    uuid: str
    tier_uuid: str
    size_bytes: int
    type: str
    thin: bool | None
    cloned_from: str | None
    in_use: bool
    tag: str | None = None

    @classmethod
    def from_wrapper(cls, unit: Any, tier_uuid: str) -> Self:
        """Read the facts from pypowervm's wrapper."""
        return cls(
            name=unit.name,
            udid=unit.udid,
            uuid=unit.uuid,
            tier_uuid=tier_uuid,
            size_bytes=volumes.to_bytes(unit.capacity or 0),
            type=unit.lu_type,
            thin=unit.is_thin,
            cloned_from=unit.cloned_from_udid,
            in_use=bool(unit.in_use),
            tag=unit.tag,
        )

    def is_clone_of(self, other: 'UnitFacts') -> bool:
        """Tell whether it is a linked clone of another one."""
        return same_unit(self.cloned_from, other.udid)


def same_unit(one: str | None, other: str | None) -> bool:
    """Tell whether two ids are those of one unit.

    NovaLink: the first two digits tell a type, and a clone may name another
    type than its source has.
    """
    return bool(one and other) and str(one)[2:] == str(other)[2:]


@dataclasses.dataclass(frozen=True)
class PoolFacts:
    """The pool that the host uses, and the tier of it.

    :param udid: the same on all hosts that use the pool
    :param tiers: uuids of all tiers, ours first
    :param nodes: uuids of all VIOSes of the cluster that are known
    """

    cluster_name: str
    uuid: str
    udid: str
    name: str
    tier_name: str
    tiers: tuple[str, ...]
    nodes: frozenset[str]

    @property
    def tier_uuid(self) -> str:
        """The tier for new units."""
        return self.tiers[0]

    @property
    def path(self) -> str:
        """The pool as an operator writes it: cluster1/pool1."""
        return f'{self.cluster_name}/{self.name}'


class Pool:
    """One pool: what is in it, as it was read last.

    :param client: access to the platform
    :param facts: the pool
    :param vioses: the Virtual I/O Servers of the host
    """

    def __init__(
        self,
        client: session.Client,
        facts: PoolFacts,
        vioses: inventory.ViosInventory,
    ) -> None:
        self._client = client
        self.facts = facts
        self._vioses = vioses
        self._lock = threading.Lock()
        self._units: dict[str, UnitFacts] | None = None
        self._read_at = 0.0

    def read(self) -> list[UnitFacts]:
        """Read all logical units (one request for each tier).

        :raises PlatformError: they cannot be read
        """
        found: dict[str, UnitFacts] = {}
        now = time.monotonic()
        for tier_uuid in self.facts.tiers:
            feed = calls.call(
                storage.LUEnt.get,
                self._client.adapter,
                parent_type=storage.Tier,
                parent_uuid=tier_uuid,
            )
            for unit in feed:
                facts = UnitFacts.from_wrapper(unit, tier_uuid)
                found[facts.udid] = facts
        with self._lock:
            self._units, self._read_at = found, now
        return list(found.values())

    def known(self) -> list[UnitFacts]:
        """Tell what is known of the units; read them if nothing is."""
        with self._lock:
            units = self._units
        return self.read() if units is None else list(units.values())

    def recent(self) -> list[UnitFacts]:
        """Tell what is known of the units; read them if that is older.

        Boots that follow each other share one reading.
        """
        with self._lock:
            units, age = self._units, time.monotonic() - self._read_at
        if units is None or age > RECENT:
            return self.read()
        return list(units.values())

    def remember(self, unit: UnitFacts) -> None:
        """Note a unit that was made."""
        with self._lock:
            if self._units is not None:
                self._units = {**self._units, unit.udid: unit}

    def forget(self, udid: str) -> None:
        """Note that a unit is gone."""
        with self._lock:
            if self._units is not None:
                self._units = {
                    key: unit
                    for key, unit in self._units.items()
                    if key != udid
                }

    @property
    def adapter(self) -> Any:
        """pypowervm's adapter."""
        return self._client.adapter

    def read_pool(self) -> Any:
        """Read the pool itself (one request); gives pypowervm's wrapper.

        :raises PlatformError: it cannot be read
        """
        return calls.call(
            storage.SSP.get, self._client.adapter, uuid=self.facts.uuid
        )

    def nodes(self) -> list[inventory.ViosRecord]:
        """Tell the VIOSes of this host that are nodes, active or not."""
        return [
            vios
            for vios in self._vioses.all()
            if vios.uuid in self.facts.nodes
        ]

    def active_nodes(self) -> tuple[str, ...]:
        """Tell the uuids of those nodes that can be worked with.

        :raises NotReady: there is none
        """
        active = tuple(vios.uuid for vios in self.nodes() if vios.is_active)
        if not active:
            raise errors.NotReady(
                f'no Virtual I/O Server of this host that is a node of the '
                f'cluster {self.facts.cluster_name} is active'
            )
        return active


def choose(
    settings: powervm_settings.HostSettings,
    client: session.Client,
    vioses: inventory.ViosInventory,
) -> PoolFacts:
    """Find the pool that is meant (three requests).

    :raises nova.exception.InvalidConfiguration: there is no such cluster or
        tier, or several; lists what there is
    :raises PlatformError: the clusters cannot be read
    """
    adapter = client.adapter
    found = _cluster(
        settings.cluster_name, calls.call(pvm_cluster.Cluster.get, adapter)
    )
    known = {vios.uuid for vios in vioses.all()}
    nodes = frozenset(
        str(node.vios_uuid).upper() for node in found.nodes if node.vios_uuid
    )
    if not nodes & known:
        raise powervm_settings.invalid(
            '[powervm]cluster_name',
            found.name,
            'no Virtual I/O Server of this host is a node of it; add one.',
        )
    pool = calls.call(storage.SSP.get, adapter, uuid=found.ssp_uuid)
    tiers = calls.call(
        storage.Tier.get,
        adapter,
        parent_type=storage.SSP,
        parent_uuid=found.ssp_uuid,
    )
    ours = _tier(settings.ssp_tier_name, tiers)
    others = (tier.uuid for tier in tiers if tier is not ours)
    return PoolFacts(
        cluster_name=found.name,
        uuid=pool.uuid,
        udid=pool.udid,
        name=pool.name,
        tier_name=ours.name,
        tiers=(ours.uuid, *others),
        nodes=nodes,
    )


def _cluster(name: str, clusters: Sequence[Any]) -> Any:
    """Choose a cluster: by name, or the only one."""
    names = ', '.join(sorted(cluster.name for cluster in clusters))
    matching = [c for c in clusters if not name or c.name == name]
    if len(matching) == 1:
        return matching[0]
    if not name:
        raise _no_choice(names)
    if not matching:
        raise powervm_settings.invalid(
            '[powervm]cluster_name',
            name,
            'the host does not belong to a cluster of that name; there are: '
            f'{names or "none"}.',
        )
    raise powervm_settings.invalid(
        '[powervm]cluster_name',
        name,
        f'{len(matching)} clusters have that name; rename all but one.',
    )


def _no_choice(names: str) -> exception.NovaException:
    if not names:
        return powervm_settings.invalid(
            '[powervm]disk_driver',
            'ssp',
            'the host belongs to no cluster; make a Virtual I/O Server a '
            'node of one, or use localdisk.',
        )
    return powervm_settings.invalid(
        '[powervm]cluster_name',
        "''",
        f'the host belongs to several clusters; name one of: {names}.',
    )


def _tier(name: str, tiers: Sequence[Any]) -> Any:
    """Choose a tier: by name, or the default one."""
    for tier in tiers:
        if tier.name == name or (not name and tier.is_default):
            return tier
    names = ', '.join(sorted(tier.name for tier in tiers))
    raise powervm_settings.invalid(
        '[powervm]ssp_tier_name',
        name or "''",
        f'the pool has no such tier; name one of: {names}.',
    )
