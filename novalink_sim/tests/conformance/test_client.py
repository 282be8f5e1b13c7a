# SPDX-License-Identifier: Apache-2.0
"""The simulator driven by pypowervm's wrappers and tasks."""

import hashlib
import io
from typing import Any

from pypowervm import exceptions as pvm_exc
from pypowervm.tasks import memory as memory_tasks
from pypowervm.tasks import power as power_tasks
from pypowervm.tasks import scsi_mapper
from pypowervm.tasks import storage as storage_tasks
from pypowervm.tasks.monitor import util as monitor
from pypowervm.wrappers import base_partition
from pypowervm.wrappers import logical_partition as lpars
from pypowervm.wrappers import network
from pypowervm.wrappers import storage
from pypowervm.wrappers import virtual_io_server as vioses

from novalink_sim.model import power
from novalink_sim.tests.conformance import base

IMAGE = b'boot image' * 100_000


class LparTest(base.ConformanceCase):
    """Partitions, from pypowervm's builder to the model and back."""

    def test_create(self) -> None:
        lpar = self.create_lpar(uuid=base.LPAR_UUID)
        model = self.model.lpar('vm1')
        self.assertEqual(base.LPAR_UUID, lpar.uuid)
        self.assertEqual(model.id, lpar.id)
        self.assertEqual(2048, model.memory.desired)
        self.assertEqual(2, model.processors.shared.desired_virtual)
        self.assertEqual(base_partition.LPARState.NOT_ACTIVATED, lpar.state)
        self.assertFalse(lpar.is_mgmt_partition)

    def test_dedicated(self) -> None:
        self.create_lpar(dedicated_proc='true', proc_units=None)
        processors = self.model.lpar('vm1').processors
        self.assertEqual(2, processors.dedicated.desired)

    def test_physical_slots(self) -> None:
        slot = base_partition.IOSlot.bld(self.adapter, True, '21010003')
        exc = self.assertRaises(
            pvm_exc.HttpError, self.create_lpar, phys_io_slots=[slot]
        )
        self.assertEqual(501, exc.response.status)

    def test_duplicates(self) -> None:
        self.create_lpar()
        self.assertRaises(pvm_exc.HttpError, self.create_lpar)

    def test_search(self) -> None:
        lpar = self.create_lpar()
        for wanted in ({'name': 'vm1'}, {'id': lpar.id}):
            (found,) = lpars.LPAR.search(self.adapter, **wanted)
            self.assertEqual(lpar.uuid, found.uuid)

    def test_update(self) -> None:
        lpar = self.create_lpar()
        lpar.mem_config.desired = 1024
        lpar.mem_config.min = 512
        lpar.name = 'other'
        lpar = lpar.update()
        self.assertEqual((1024, 'other'), (lpar.mem_config.desired, lpar.name))

    def test_management_partition(self) -> None:
        found = [
            lpar.name
            for lpar in lpars.LPAR.get(self.adapter)
            if lpar.is_mgmt_partition
        ]
        self.assertEqual(['novalink'], found)

    def test_overhead(self) -> None:
        """What the job says is what creating a partition takes."""
        before = self.system().memory_free
        overhead, available = memory_tasks.calculate_memory_overhead_on_host(
            self.adapter, self.system().uuid, {'max_mem': 2048}
        )
        self.assertEqual(before, available)
        self.create_lpar(max_mem=2048)
        taken = before - self.system().memory_free
        self.assertEqual(2048 + overhead, taken)

    def test_everything_goes(self) -> None:
        before = self.sim.dump()['systems']
        lpar = self.create_lpar()
        self.create_adapter(lpar)
        lpar.refresh().delete()
        self.assertEqual(before, self.sim.dump()['systems'])


class PowerTest(base.ConformanceCase):
    """Power operations and the texts that pypowervm looks for."""

    def setUp(self) -> None:
        super().setUp()
        self.created = self.create_lpar()
        self.lpar_model = self.model.lpar('vm1')

    def state(self) -> str:
        self.created = self.created.refresh()
        return str(self.created.state)

    def test_on_and_off(self) -> None:
        power_tasks.power_on(self.created, None)
        self.assertEqual('running', self.state())
        self.assertEqual('active', self.created.rmc_state)
        # Already on: pypowervm swallows it, by the error's code.
        power_tasks.power_on(self.created, None)
        power_tasks.power_off_progressive(self.created)
        self.assertEqual('not activated', self.state())
        power_tasks.PowerOp.stop(self.created)

    def test_reboot(self) -> None:
        power_tasks.power_on(self.created, None)
        operation = power_tasks.PowerOp
        operation.stop(
            self.created, opts=power_tasks.popts.PowerOffOpts().restart()
        )
        self.assertEqual('running', self.state())

    def test_no_rmc(self) -> None:
        self.lpar_model.behaviour.rmc = False
        power_tasks.power_on(self.created, None)
        options = power_tasks.popts.PowerOffOpts().os_normal()
        self.assertRaises(
            pvm_exc.OSShutdownNoRMC,
            power_tasks.PowerOp.stop,
            self.created,
            opts=options,
        )

    def test_shutdown_fails(self) -> None:
        power_tasks.power_on(self.created, None)
        self.lpar_model.behaviour.os_shutdown = 'fail'
        self.assertEqual('running', self.state())
        options = power_tasks.popts.PowerOffOpts().os_normal()
        self.assertRaises(
            pvm_exc.VMPowerOffFailure,
            power_tasks.PowerOp.stop,
            self.created,
            opts=options,
        )
        # The hard way works.
        options = power_tasks.popts.PowerOffOpts().vsp_hard()
        power_tasks.PowerOp.stop(self.created, opts=options)
        self.assertEqual('not activated', self.state())

    def test_stalled_boot(self) -> None:
        self.lpar_model.behaviour.boot_stalls = 'BA060042'
        power_tasks.power_on(self.created, None)
        self.assertEqual('starting', self.state())
        self.assertEqual('BA060042', self.created.ref_code)

    def test_refused_boot(self) -> None:
        self.lpar_model.behaviour.boot_refused = 'HSCL0001 no'
        self.assertRaises(
            pvm_exc.VMPowerOnFailure,
            power_tasks.power_on,
            self.created,
            None,
        )


class StorageTest(base.ConformanceCase):
    """Disks, images and media with pypowervm's storage tasks."""

    def upload(self, name: str = 'i_image') -> Any:
        disk, _ = storage_tasks.upload_new_vdisk(
            self.adapter,
            self.vios().uuid,
            self.group().uuid,
            io.BytesIO(IMAGE),
            name,
            len(IMAGE),
            d_size=1 << 30,
            sha_chksum=hashlib.sha256(IMAGE).hexdigest(),
        )
        return disk

    def bytes_of(self, name: str) -> bytes:
        (vios,) = self.model.vioses.values()
        for disk in vios.disks():
            if disk.name == name:
                with open(disk.file, 'rb') as data:
                    return data.read(len(IMAGE))
        raise LookupError(name)

    def test_image(self) -> None:
        """An image's bytes reach the cached disk, and its copy."""
        image = self.upload()
        storage_tasks.crt_vdisk(
            self.adapter,
            self.vios().uuid,
            self.group().uuid,
            'boot',
            2,
            base_image=image.udid,
        )
        self.assertEqual(IMAGE, self.bytes_of('i_image'))
        self.assertEqual(IMAGE, self.bytes_of('boot'))
        self.assertEqual([], self.model.files)

    def test_full(self) -> None:
        self.model.vios('vios1').groups[1].fill(leave=1)
        exc = self.assertRaises(
            pvm_exc.HttpError, self.create_disk, 'large', 2
        )
        self.assertIn('1.0 GB free', str(exc))

    def test_resize(self) -> None:
        self.create_disk()
        group = self.group()
        group.virtual_disks[0].capacity = 3
        group = group.update()
        self.assertEqual(3, group.virtual_disks[0].capacity)

    def test_map_and_remove(self) -> None:
        before = self.sim.dump()['systems']
        lpar = self.create_lpar()
        disk, media = self.create_disk(), self.create_media()
        self.map_storage(lpar, disk)
        vios = self.map_storage(lpar, media)
        first, second = scsi_mapper.find_maps(vios.scsi_mappings, lpar.uuid)
        self.assertEqual(first.server_adapter.udid, second.server_adapter.udid)
        self.assertEqual(
            lpar.id, first.server_adapter.lpar_id, first.client_adapter
        )
        self.assertIn('vhost', first.server_adapter.name)
        group = self.group()
        self.assertRaises(
            pvm_exc.HttpError,
            storage_tasks.rm_vg_storage,
            group,
            vdisks=[disk],
        )
        self.assertEqual(2, len(scsi_mapper.remove_maps(vios, lpar.uuid)))
        vios.update()
        storage_tasks.rm_vg_storage(self.group(), vdisks=[disk])
        root = self.group('rootvg')
        storage_tasks.rm_vg_storage(root, vopts=[second.backing_storage])
        root = root.refresh()
        root.vmedia_repos = []
        root.update()
        lpar.refresh().delete()
        self.assertEqual(before, self.sim.dump()['systems'])

    def test_seeded_list_is_ignored(self) -> None:
        """Reading mappings of a VIOS without the group seeds an empty list.

        An update in another group must not take it for an answer.
        """
        self.map_storage(self.create_lpar(), self.create_disk())
        vios = self.vios('ViosStorage')
        try:
            seeded = list(vios.scsi_mappings)
        except pvm_exc.Error:
            seeded = []
        self.assertEqual([], seeded)
        vios.update()
        self.assertEqual(1, len(self.vios(base.MAPPINGS).scsi_mappings))

    def test_stale_update(self) -> None:
        lpar = self.create_lpar()
        disk = self.create_disk()
        stale = self.vios(base.MAPPINGS)
        self.map_storage(lpar, disk)
        exc = self.assertRaises(pvm_exc.HttpError, stale.update)
        self.assertEqual(412, exc.response.status)

    def test_vios_down(self) -> None:
        lpar, disk = self.create_lpar(), self.create_disk()
        vios = self.vios(base.MAPPINGS)
        with self.model.lock:
            power.power_off(self.model.vios('vios1'))
        mapping = scsi_mapper.build_vscsi_mapping(None, vios, lpar.uuid, disk)
        scsi_mapper.add_map(vios, mapping)
        self.assertRaises(pvm_exc.HttpError, vios.update)
        vios = vioses.VIOS.get(self.adapter)[0]
        self.assertEqual('not activated', vios.state)
        self.assertRaises(pvm_exc.HttpError, self.group)

    def test_orphans(self) -> None:
        """pypowervm finds what a VIOS that was down has kept."""
        lpar, disk = self.create_lpar(), self.create_disk()
        self.map_storage(lpar, disk)
        vios = self.model.vios('vios1')
        with self.model.lock:
            power.power_off(vios)
        lpar.refresh().delete()
        with self.model.lock:
            power.power_on(vios)
        found = scsi_mapper.find_maps(
            self.vios(base.MAPPINGS).scsi_mappings,
            client_lpar_id=None,
            include_orphans=True,
        )
        self.assertIsNone(found[0].client_adapter)


class NetworkTest(base.ConformanceCase):
    """Adapters and networks."""

    def test_adapter(self) -> None:
        lpar = self.create_lpar()
        adapter = self.create_adapter(lpar)
        self.assertEqual('FA163EAABBCC', adapter.mac)
        self.assertEqual(100, adapter.pvid)
        (found,) = network.CNA.get(self.adapter, parent=lpar)
        self.assertEqual(adapter.uuid, found.uuid)
        vlans = [
            net.vlan
            for net in network.VNet.get(self.adapter, parent=self.system())
        ]
        self.assertIn(100, vlans)
        found.delete()
        self.assertEqual([], network.CNA.get(self.adapter, parent=lpar))

    def test_duplicate_mac(self) -> None:
        lpar = self.create_lpar()
        self.create_adapter(lpar)
        self.assertRaises(pvm_exc.HttpError, self.create_adapter, lpar)

    def test_switch(self) -> None:
        switch = network.VSwitch.bld(self.adapter, 'NovaLinkVEABridge')
        created = switch.create(parent=self.system())
        self.assertEqual('NovaLinkVEABridge', created.name)
        created.delete()


class MonitorTest(base.ConformanceCase):
    """Performance monitoring."""

    def test_samples(self) -> None:
        uuid = self.system().uuid
        self.assertEqual([], list(monitor.query_ltm_feed(self.adapter, uuid)))
        monitor.ensure_ltm_monitors(self.adapter, uuid)
        self.assertTrue(self.model.preferences.long_term)
        found = monitor.latest_stats(self.adapter, uuid)[1]
        names = [lpar.name for lpar in found.sample.lpars]
        self.assertEqual(['novalink'], names)


class MediaTest(base.ConformanceCase):
    """Virtual optical media."""

    def test_media_repository(self) -> None:
        self.create_media('first', b'x' * 5000)
        (repository,) = self.group('rootvg').vmedia_repos
        (medium,) = repository.optical_media
        self.assertEqual(('first', '0efirst'), (medium.name, medium.udid))
        self.assertIsInstance(medium, storage.VOptMedia)
