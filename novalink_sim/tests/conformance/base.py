# SPDX-License-Identifier: Apache-2.0
"""A system with one of everything, read with the real client."""

import contextlib
import dataclasses
import io
from collections.abc import Iterator
from typing import Any

from lxml import etree
from pypowervm.tasks import cna as cna_tasks
from pypowervm.tasks import power
from pypowervm.tasks import scsi_mapper
from pypowervm.tasks import storage as storage_tasks
from pypowervm.utils import lpar_builder
from pypowervm.wrappers import logical_partition as lpars
from pypowervm.wrappers import shared_proc_pool as pools
from pypowervm.wrappers import storage
from pypowervm.wrappers import virtual_io_server as vioses

from novalink_sim.tests.conformance import recordings
from novalink_sim.tests.functional import base
from novalink_sim.topology import load
from novalink_sim.topology import san_spec
from novalink_sim.topology import spec

MAPPINGS = 'ViosSCSIMapping'
LPAR_UUID = '4AC82E78-8EFF-4BAA-87C9-6B243D0C1359'


def topology() -> spec.TopologySpec:
    """Return two hosts with local disks whose VIOSes share pool and SAN."""
    systems = tuple(
        dataclasses.replace(
            system,
            vioses=tuple(
                dataclasses.replace(v, fc_ports=(san_spec.FcPortSpec('A'),))
                for v in system.vioses
            ),
        )
        for system in load.load_preset('localdisk').systems
    )
    nodes = tuple(spec.NodeSpec(system.name, 'vios1') for system in systems)
    cluster = spec.ClusterSpec('cluster1', 'pool1', nodes)
    return spec.TopologySpec(systems, (cluster,))


class ConformanceCase(base.SimCase):
    """Helpers to fill a simulated system as a driver would."""

    preset: Any = topology()

    def create_lpar(self, name: str = 'vm1', **attrs: Any) -> Any:
        """Create a partition with pypowervm's builder."""
        system = self.system()
        defaults = {
            'name': name,
            'memory': 2048,
            'vcpu': 2,
            'proc_units': 0.5,
        }
        wanted = {
            key: value
            for key, value in (defaults | attrs).items()
            if value is not None
        }
        builder = lpar_builder.LPARBuilder(
            self.adapter, wanted, lpar_builder.DefaultStandardize(system)
        )
        return builder.build().create(parent=system)

    def create_pool(self, name: str = 'SharedPool01') -> Any:
        """Create a shared processor pool, with pypowervm's wrapper."""
        pool = pools.SharedProcPool._bld(self.adapter)
        pool.max_proc_units = 4
        pool.pend_rsrv_proc_units = 1
        pool.name = name
        return pool.create(parent=self.system())

    def create_adapter(self, lpar: Any, vlan: int = 100) -> Any:
        """Give a partition an adapter."""
        return cna_tasks.crt_cna(
            self.adapter, None, lpar.uuid, vlan, mac_addr='fa163eaabbcc'
        )

    def create_disk(self, name: str = 'boot', gigabytes: float = 1) -> Any:
        """Create a disk in the data group."""
        return storage_tasks.crt_vdisk(
            self.adapter,
            self.vios().uuid,
            self.group().uuid,
            name,
            gigabytes,
        )

    @contextlib.contextmanager
    def switched(self, **kwargs: Any) -> Iterator[None]:
        """Change switches of the first system for a while."""
        old = self.model.switches
        self.model.switches = dataclasses.replace(old, **kwargs)
        try:
            yield
        finally:
            self.model.switches = old

    def tier(self) -> Any:
        """Return the only tier of the pool."""
        (pool,) = storage.SSP.get(self.adapter)
        (tier,) = storage.Tier.get(self.adapter, parent=pool)
        return tier

    def create_unit(self, name: str = 'boot_vm1', **kwargs: Any) -> Any:
        """Create a logical unit in the pool."""
        gigabytes = kwargs.pop('gigabytes', 1)
        _, unit = storage_tasks.crt_lu(self.tier(), name, gigabytes, **kwargs)
        return unit

    def create_clone(self) -> Any:
        """Create an image and a linked clone of it."""
        image = self.create_unit('image', typ=storage.LUType.IMAGE)
        return self.create_unit(clone=image, typ=storage.LUType.DISK)

    def create_media(self, name: str = 'cfg', data: bytes = b'ISO') -> Any:
        """Upload a medium; make the repository if there is none."""
        group = self.group('rootvg')
        if not group.vmedia_repos:
            group.vmedia_repos.append(
                storage.VMediaRepos.bld(self.adapter, 'vopt', 1)
            )
            group.update()
        media, _ = storage_tasks.upload_vopt(
            self.adapter,
            self.vios().uuid,
            io.BytesIO(data),
            name,
            f_size=len(data),
        )
        return media

    def map_storage(self, lpar: Any, *elements: Any) -> Any:
        """Map storage to a partition; return the VIOS after it."""
        vios = self.vios(MAPPINGS)
        for element in elements:
            mapping = scsi_mapper.build_vscsi_mapping(
                None, vios, lpar.uuid, element
            )
            scsi_mapper.add_map(vios, mapping)
        return vios.update()

    def map_port(self, lpar: Any) -> None:
        """Give a partition a virtual fibre channel port."""
        vios = self.vios('ViosFCMapping')
        vios.vfc_mappings.append(
            vioses.VFCMapping.bld(
                self.adapter, self.system().uuid, lpar.uuid, 'fcs0'
            )
        )
        vios.update()

    def fill(self) -> Any:
        """Create a running partition with one of everything."""
        self.create_pool()
        self.create_lpar('whole', dedicated_proc=True, proc_units=None)
        self.create_lpar('ibmi', env='OS400', nvram='TlZSQU0=')
        lpar = self.create_lpar(uuid=LPAR_UUID)
        self.create_adapter(lpar)
        disk, media = self.create_disk(), self.create_media()
        self.map_storage(lpar, disk, media, self.create_clone())
        self.map_port(lpar)
        power.power_on(lpar, None)
        return lpars.LPAR.get(self.adapter, uuid=lpar.uuid)

    def read(self, path: str) -> list[etree._Element]:
        """Return the objects that the simulator serves at a path."""
        reply = self.adapter.read_by_path(f'/rest/api/{path}')
        root = etree.fromstring(reply.body.encode())
        return list(recordings.objects(root))
