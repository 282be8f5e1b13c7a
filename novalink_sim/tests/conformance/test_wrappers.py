# SPDX-License-Identifier: Apache-2.0
"""Values of served and recorded objects, through pypowervm's wrappers."""

import inspect
from typing import Any

from pypowervm.tests.test_utils import pvmhttp
from pypowervm.wrappers import cluster
from pypowervm.wrappers import entry_wrapper
from pypowervm.wrappers import logical_partition as lpars
from pypowervm.wrappers import managed_system as systems
from pypowervm.wrappers import management_console as consoles
from pypowervm.wrappers import network
from pypowervm.wrappers import shared_proc_pool as pools
from pypowervm.wrappers import storage
from pypowervm.wrappers import virtual_io_server as vioses

from novalink_sim.tests.conformance import base

#: Properties that a recording has and a filled system need not have.
ABSENT = {
    'System': {
        'asio_config.sriov_adapters',
        'get_capabilities',
        'metered_pool_id',
    },
    'LPAR': {'nvram'},
    'VIOS': {'ip_addresses', 'pfc_ports', 'rmc_ip'},
}

#: Scalars, whose types must agree.
SCALARS = (bool, int, float, str)


def values(wrapper: Any, prefix: str = '', depth: int = 0) -> dict[str, Any]:
    """Return all values that the properties of a wrapper lead to."""
    found: dict[str, Any] = {}
    for name, _ in inspect.getmembers(
        type(wrapper), lambda member: isinstance(member, property)
    ):
        if name.startswith('_') or name in ('href', 'adapter', 'element'):
            continue
        try:
            value = getattr(wrapper, name)
        except Exception:  # noqa: BLE001 a missing group, a missing trait
            continue
        path = f'{prefix}.{name}' if prefix else name
        if isinstance(value, SCALARS):
            found[path] = value
        elif isinstance(value, entry_wrapper.Wrapper) and depth < 3:
            found.update(values(value, path, depth + 1))
    return found


class WrapperTest(base.ConformanceCase):
    """What wrappers read of recordings they also read of us."""

    def setUp(self) -> None:
        super().setUp()
        self.created = self.fill()

    def recorded(self, cls: Any, name: str) -> list[Any]:
        response = pvmhttp.load_pvm_resp(name, adapter=self.adapter).response
        wrapped = cls.wrap(response)
        return wrapped if isinstance(wrapped, list) else [wrapped]

    def compare(self, served: Any, cls: Any, name: str) -> None:
        """Every scalar of a recording is there, with the same type."""
        recorded: dict[str, Any] = {}
        for wrapper in self.recorded(cls, name):
            recorded = values(wrapper) | recorded
        ours = values(served)
        absent = ABSENT.get(cls.__name__, set())
        missing = {
            path
            for path in recorded
            if path not in ours and path not in absent
        }
        self.assertEqual(set(), missing)
        for path, value in recorded.items():
            if path in ours:
                self.assertIs(type(value), type(ours[path]), path)

    def test_system(self) -> None:
        self.compare(self.system(), systems.System, 'managedsystem.txt')

    def test_console(self) -> None:
        served = consoles.ManagementConsole.get(self.adapter)[0]
        self.compare(
            served, consoles.ManagementConsole, 'managementconsole_ssh.txt'
        )

    def test_lpar(self) -> None:
        self.compare(self.created, lpars.LPAR, 'lpar.txt')

    def test_ibmi(self) -> None:
        served = lpars.LPAR.get(self.adapter)
        (ours,) = (lpar for lpar in served if lpar.name == 'ibmi')
        self.compare(ours, lpars.LPAR, 'lpar_ibmi.txt')

    def test_processor_pools(self) -> None:
        """The default pool has no limits; another one has."""
        served = pools.SharedProcPool.get(self.adapter, parent=self.system())
        recorded = self.recorded(pools.SharedProcPool, 'shrprocpool.txt')
        for ours, theirs in zip(served, recorded[:2], strict=True):
            kinds = {path: type(v) for path, v in values(theirs).items()}
            self.assertEqual(
                kinds, {path: type(v) for path, v in values(ours).items()}
            )

    def test_vios(self) -> None:
        served = vioses.VIOS.get(self.adapter, xag=['All'])[0]
        self.compare(served, vioses.VIOS, 'fake_vios_ssp_npiv.txt')

    def test_mapping(self) -> None:
        """A mapping of a disk, down to its adapters and its target."""
        served = vioses.VIOS.get(self.adapter, xag=['All'])[0]
        (recorded,) = self.recorded(vioses.VIOS, 'fake_vios_ssp_npiv.txt')[:1]
        ours = self._mapping_values(served, storage.VDisk)
        theirs = self._mapping_values(recorded, storage.VDisk)
        self.assertLessEqual(set(theirs), set(ours))

    def test_media_mapping(self) -> None:
        served = vioses.VIOS.get(self.adapter, xag=['All'])[0]
        (recorded,) = self.recorded(vioses.VIOS, 'fake_vios_ssp_npiv.txt')[:1]
        ours = self._mapping_values(served, storage.VOptMedia)
        theirs = self._mapping_values(recorded, storage.VOptMedia)
        self.assertLessEqual(set(theirs), set(ours))

    def _mapping_values(self, vios: Any, kind: Any) -> dict[str, Any]:
        for mapping in vios.scsi_mappings:
            if isinstance(mapping.backing_storage, kind):
                return values(mapping)
        raise LookupError(kind.__name__)

    def test_media_elements_are_equal(self) -> None:
        """pypowervm finds media of a mapping by comparing elements."""
        mapped = next(
            m.backing_storage
            for m in self.vios(base.MAPPINGS).scsi_mappings
            if isinstance(m.backing_storage, storage.VOptMedia)
        )
        listed = self.group('rootvg').vmedia_repos[0].optical_media
        self.assertIn(mapped, listed)

    def test_volume_group(self) -> None:
        self.compare(self.group(), storage.VG, 'fake_volume_group2.txt')

    def test_disk(self) -> None:
        (recorded,) = self.recorded(storage.VG, 'upload_volgrp2.txt')
        theirs = values(recorded.virtual_disks[0])
        ours = values(self.group().virtual_disks[0])
        self.assertLessEqual(set(theirs), set(ours))

    def test_unit_mapping(self) -> None:
        served = vioses.VIOS.get(self.adapter, xag=['All'])[0]
        (recorded,) = self.recorded(vioses.VIOS, 'fake_vios_ssp_npiv.txt')[:1]
        ours = self._mapping_values(served, storage.LU)
        theirs = self._mapping_values(recorded, storage.LU)
        self.assertLessEqual(set(theirs), set(ours))

    def test_pool(self) -> None:
        (served,) = storage.SSP.get(self.adapter)
        self.compare(served, storage.SSP, 'ssp.txt')
        (recorded,) = self.recorded(storage.SSP, 'ssp.txt')
        theirs = values(recorded.logical_units[0])
        ours = values(served.logical_units[0])
        self.assertLessEqual(set(theirs), set(ours))

    def test_cluster(self) -> None:
        (served,) = cluster.Cluster.get(self.adapter)
        self.compare(served, cluster.Cluster, 'cluster.txt')
        (recorded,) = self.recorded(cluster.Cluster, 'cluster.txt')
        theirs = values(recorded.nodes[0])
        ours = values(served.nodes[0])
        self.assertLessEqual(set(theirs), set(ours))

    def test_tier_and_units(self) -> None:
        tier = self.tier()
        self.compare(tier, storage.Tier, 'tier.txt')
        served = storage.LUEnt.get(self.adapter, parent=tier)
        recorded = self.recorded(storage.LUEnt, 'lufeed.txt')
        for kind in (storage.LUType.IMAGE, storage.LUType.DISK):
            ours = values(next(u for u in served if u.lu_type == kind))
            theirs = values(next(u for u in recorded if u.lu_type == kind))
            self.assertLessEqual(set(theirs), set(ours))
            self.assertEqual(theirs['udid'][:2], ours['udid'][:2])
            self.assertEqual(len(theirs['udid']), len(ours['udid']))

    def test_adapter(self) -> None:
        served = network.CNA.get(self.adapter, parent=self.created)[0]
        ours = values(served)
        recorded = self.recorded(network.CNA, 'cna_feed.txt')[0]
        theirs = values(recorded)
        for path in set(theirs) - {'trunk_pri', 'configured_mtu'}:
            if path.startswith('ovs_') or path not in ours:
                continue
            self.assertIs(type(theirs[path]), type(ours[path]), path)
        self.assertEqual('FA163EAABBCC', served.mac)

    def test_switch_and_network(self) -> None:
        system = self.system()
        switch = network.VSwitch.get(self.adapter, parent=system)[0]
        self.compare(switch, network.VSwitch, 'vswitch_feed.txt')
        found = network.VNet.get(self.adapter, parent=system)[0]
        self.compare(found, network.VNet, 'fake_virtual_network_feed.txt')
