# SPDX-License-Identifier: Apache-2.0
"""Many clients at a time, on two systems."""

import concurrent.futures
import io
from typing import Any

import pypowervm.adapter as pvm
import pypowervm.exceptions as pvm_exc
from pypowervm.tasks import power
from pypowervm.tasks import power_opts
from pypowervm.tasks import scsi_mapper
from pypowervm.utils import lpar_builder
from pypowervm.wrappers import logical_partition as lpars
from pypowervm.wrappers import managed_system as systems
from pypowervm.wrappers import storage
from pypowervm.wrappers import vios_file
from pypowervm.wrappers import virtual_io_server as vioses

from novalink_sim.tests.functional import base

CLIENTS = 16
SCSI = 'ViosSCSIMapping'
SIZE = 1 << 20


class Client:
    """Boots and deletes partitions; repeats what comes too late."""

    def __init__(self, adapter: Any, number: int) -> None:
        self.adapter = adapter
        self.name = f'vm{number}'
        self.managed = systems.System.get(adapter)[0]
        found = vioses.VIOS.get(adapter)
        self.vios_uuid = found[number // 2 % len(found)].uuid
        self.late = 0

    def vios(self) -> Any:
        return vioses.VIOS.get(self.adapter, uuid=self.vios_uuid, xag=[SCSI])

    def group(self) -> Any:
        parent = vioses.VIOS.get(self.adapter, uuid=self.vios_uuid)
        found = storage.VG.get(self.adapter, parent=parent)
        return next(group for group in found if group.name == 'datavg')

    def change(self, read: Any, edit: Any) -> Any:
        """Read, change and write until nobody was faster."""
        while True:
            wrapper = read()
            edit(wrapper)
            try:
                return wrapper.update()
            except pvm_exc.HttpError as exc:
                if exc.response.status != 412:
                    raise
                self.late += 1

    def disk_of(self, group: Any) -> Any:
        return next(d for d in group.virtual_disks if d.name == self.name)

    def add_disk(self) -> Any:
        wanted = storage.VDisk.bld(self.adapter, self.name, 1)
        group = self.change(
            self.group, lambda group: group.virtual_disks.append(wanted)
        )
        return self.disk_of(group)

    def upload(self, disk: Any) -> None:
        file = vios_file.File.bld(
            self.adapter,
            self.name,
            vios_file.FileType.DISK_IMAGE,
            self.vios_uuid,
            f_size=SIZE,
            tdev_udid=disk.udid,
        ).create()
        data = self.name.encode().ljust(SIZE)
        self.adapter.upload_file(file.element, io.BytesIO(data))
        self.adapter.delete('File', root_id=file.uuid, service='web')

    def make_lpar(self) -> Any:
        wanted = {'name': self.name, 'memory': 512, 'vcpu': 1}
        standard = lpar_builder.DefaultStandardize(self.managed)
        builder = lpar_builder.LPARBuilder(self.adapter, wanted, standard)
        return builder.build().create(parent=self.managed)

    def boot(self) -> None:
        lpar, disk = self.make_lpar(), self.add_disk()
        self.upload(disk)
        self.change(
            self.vios,
            lambda vios: vios.scsi_mappings.append(
                scsi_mapper.build_vscsi_mapping(None, vios, lpar.uuid, disk)
            ),
        )
        power.power_on(lpar, None)

    def delete(self) -> None:
        lpar = lpars.LPAR.search(self.adapter, name=self.name)[0]
        options = power_opts.PowerOffOpts().vsp_hard()
        power.PowerOp.stop(lpar, opts=options)
        self.change(
            self.vios, lambda vios: scsi_mapper.remove_maps(vios, lpar.uuid)
        )
        self.change(
            self.group,
            lambda group: group.virtual_disks.remove(self.disk_of(group)),
        )
        lpars.LPAR.get(self.adapter, uuid=lpar.uuid).delete()


class ConcurrentTest(base.SimCase):
    """Nothing is lost, nothing is left, nothing fails."""

    preset = 'dual-vios'

    def clients(self) -> list[Client]:
        adapters: list[pvm.Adapter] = [
            self.make_adapter(f'host{1 + number % 2}')
            for number in range(CLIENTS)
        ]
        return [
            Client(adapter, number) for number, adapter in enumerate(adapters)
        ]

    def each(self, work: Any, clients: list[Client]) -> None:
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(work, clients))

    def check_disks(self) -> int:
        found = 0
        for system in self.sim.systems.values():
            for vios in system.model.vioses.values():
                for mapping in vios.scsi_mappings:
                    disk: Any = mapping.storage
                    with disk.file.open('rb') as stream:
                        data = stream.read(SIZE)
                    self.assertEqual(disk.name, data.decode().strip())
                    found += 1
        return found

    def test_boot_and_delete(self) -> None:
        before = self.sim.dump()['systems']
        clients = self.clients()
        self.each(Client.boot, clients)
        self.assertEqual(CLIENTS, self.check_disks())
        self.each(Client.delete, clients)
        self.assertEqual(before, self.sim.dump()['systems'])
        states = {entry.status for entry in self.sim.journal.entries()}
        self.assertLessEqual(states, {200, 201, 204, 304, 412})
        late = [e for e in self.sim.journal.entries() if e.status == 412]
        self.assertEqual(len(late), sum(client.late for client in clients))
