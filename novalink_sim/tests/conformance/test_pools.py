# SPDX-License-Identifier: Apache-2.0
"""Shared storage pools driven by pypowervm's wrappers and tasks."""

import io
from typing import Any
from unittest import mock

from pypowervm import exceptions as pvm_exc
from pypowervm.tasks import cluster_ssp
from pypowervm.tasks import scsi_mapper
from pypowervm.tasks import storage as storage_tasks
from pypowervm.wrappers import cluster
from pypowervm.wrappers import storage
from pypowervm.wrappers import virtual_io_server as vioses

from novalink_sim.model import extents
from novalink_sim.model import power
from novalink_sim.tests.conformance import base

IMAGE = b'boot image' * 200_000
GIB = 1024**3


class PoolCase(base.ConformanceCase):
    """Two hosts whose four VIOSes share one pool."""

    preset: Any = 'ssp-pair'

    def setUp(self) -> None:
        super().setUp()
        self.pool = self.sim.pool()
        self.other = self.make_adapter('host2')

    def upload(self, name: str = 'image_1', **kwargs: Any) -> Any:
        """Upload an image into a new logical unit."""
        unit, left = storage_tasks.upload_new_lu(
            self.vios().uuid,
            self.tier(),
            io.BytesIO(IMAGE),
            name,
            len(IMAGE),
            **kwargs,
        )
        self.assertIsNone(left)
        return unit

    def clone(self, image: Any, name: str = 'boot', size: float = 1) -> Any:
        """Make a linked clone."""
        return self.create_unit(
            name, gigabytes=size, typ=storage.LUType.DISK, clone=image
        )

    def names(self, adapter: Any = None) -> list[str]:
        """Return the names of all units, as a host sees them."""
        (pool,) = storage.SSP.get(adapter or self.adapter)
        return sorted(unit.name for unit in pool.logical_units)

    def bytes_of(self, unit: Any) -> bytes:
        """Return the beginning of a unit."""
        found = self.pool.find(unit.udid)
        assert found is not None
        with open(found.file, 'rb') as disk:
            return disk.read(len(IMAGE) + 16)


class FindTest(PoolCase):
    """Clusters, pools and tiers."""

    def test_cluster(self) -> None:
        (found,) = cluster.Cluster.search(self.adapter, name='cluster1')
        self.assertEqual(found.ssp_uuid, self.pool.uuid)
        local = {vios.uuid for vios in vioses.VIOS.get(self.adapter)}
        system = self.system().uuid
        mine = [n.vios_uuid for n in found.nodes if system in n.vios_uri]
        self.assertEqual(4, len(found.nodes))
        self.assertEqual(local, set(mine))
        self.assertEqual([], cluster.Cluster.search(self.adapter, name='no'))

    def test_links_of_local_nodes_only(self) -> None:
        with self.switched(node_links='local'):
            (found,) = cluster.Cluster.get(self.adapter)
        uris = [node.vios_uri for node in found.nodes]
        self.assertEqual(2, uris.count(None))

    def test_state_of_nodes(self) -> None:
        power.power_off(self.sim.systems['host2'].model.vios('vios2'))
        (found,) = cluster.Cluster.get(self.adapter)
        states = [node.state for node in found.nodes]
        self.assertEqual(['Up', 'Up', 'Up', 'Down'], states)

    def test_no_node_is_up(self) -> None:
        for name in ('vios1', 'vios2'):
            power.power_off(self.model.vios(name))
        self.assertRaises(pvm_exc.HttpError, storage.SSP.get, self.adapter)
        self.assertEqual(1, len(storage.SSP.get(self.other)))

    def test_tier(self) -> None:
        tier = self.tier()
        self.assertTrue(tier.is_default)
        self.assertEqual(2000, tier.capacity)
        self.assertEqual(self.pool.uuid, tier.ssp_uuid)
        # A refresh goes to where the SELF link of the child feed points to.
        self.assertEqual(tier.uuid, tier.refresh().uuid)

    def test_thresholds(self) -> None:
        tiers = storage.Tier.get(self.adapter, xag=['TierThreshold'])
        names = [element.tag for element in tiers[0].element]
        self.assertIn('FreeSpace', names)
        self.assertNotIn('FreeSpace', [e.tag for e in self.tier().element])


class UnitTest(PoolCase):
    """Logical units."""

    def test_create_and_remove(self) -> None:
        before = self.sim.dump()
        unit = self.create_unit('disk1', gigabytes=3)
        self.assertEqual((3, True), (unit.capacity, unit.is_thin))
        self.assertEqual(['disk1'], self.names(self.other))
        storage_tasks.rm_tier_storage([unit], tier=self.tier())
        self.assertEqual(before['pools'], self.sim.dump()['pools'])
        self.assertEqual(before['systems'], self.sim.dump()['systems'])

    def test_thick_takes_its_space_at_once(self) -> None:
        self.create_unit('thin', gigabytes=30, thin=True)
        self.assertEqual(2000, storage.SSP.get(self.other)[0].free_space)
        self.create_unit('thick', gigabytes=30, thin=False)
        pool = storage.SSP.get(self.other)[0]
        self.assertEqual((1970, 60), (pool.free_space, pool.total_lu_size))

    def test_overcommitted(self) -> None:
        self.create_unit('thin', gigabytes=2500)
        pool = storage.SSP.get(self.adapter)[0]
        self.assertEqual(
            (2000, 500), (pool.free_space, pool.over_commit_space)
        )

    def test_full(self) -> None:
        self.pool.fill(leave=1)
        error = self.assertRaises(
            pvm_exc.HttpError, self.create_unit, gigabytes=2, thin=False
        )
        self.assertIn('not enough space', str(error))
        self.assertEqual([], self.names())

    def test_upload_and_clone(self) -> None:
        image = self.upload()
        self.assertEqual(storage.LUType.IMAGE, image.lu_type)
        before = storage.SSP.get(self.adapter)[0].free_space
        boot = self.clone(image, size=2)
        self.assertEqual(IMAGE, self.bytes_of(boot)[: len(IMAGE)])
        self.assertEqual(bytes(16), self.bytes_of(boot)[len(IMAGE) :])
        self.assertEqual(image.udid[2:], boot.cloned_from_udid[2:])
        # It shares the blocks of the image.
        self.assertEqual(before, storage.SSP.get(self.adapter)[0].free_space)

    def test_upload_through_the_other_host(self) -> None:
        unit = self.create_unit('image', typ=storage.LUType.IMAGE)
        vios = vioses.VIOS.get(self.other)[1]
        there = storage.LUEnt.get(self.other, parent=self.tier())[0]
        storage_tasks.upload_lu(
            vios.uuid, there, io.BytesIO(IMAGE), len(IMAGE)
        )
        self.assertEqual(IMAGE, self.bytes_of(unit)[: len(IMAGE)])

    def test_upload_into_a_full_pool(self) -> None:
        self.pool.fill(leave=1 / 1024)
        self.assertRaises(pvm_exc.HttpError, self.upload)

    def test_clone_smaller_than_its_image(self) -> None:
        image = self.create_unit('i', typ=storage.LUType.IMAGE, gigabytes=2)
        unit = storage.LUEnt.bld(self.adapter, 'boot', 1)
        unit._cloned_from_udid(image.udid)
        self.assertRaises(pvm_exc.HttpError, unit.create, parent=self.tier())

    def test_image_with_clones_stays(self) -> None:
        image = self.upload()
        boot = self.clone(image)
        self.assertRaises(pvm_exc.HttpError, image.delete)
        storage_tasks.rm_tier_storage([boot], tier=self.tier())
        # pypowervm takes the last clone's image along.
        self.assertEqual([], self.names())

    def test_remove_the_old_way(self) -> None:
        boot = self.clone(self.upload())
        self.create_unit('other')
        pool = storage.SSP.get(self.adapter)[0]
        storage_tasks.rm_ssp_storage(pool, [boot])
        self.assertEqual(['other'], self.names(self.other))

    def test_capacity_is_fixed(self) -> None:
        """UnitCapacity was recorded with kb="COR": only to create with."""
        for answer, size in (('refuse', 1), ('ignore', 1), ('grow', 2)):
            unit = self.create_unit(answer)
            unit._capacity(2)
            with self.switched(unit_resize=answer):
                if answer == 'refuse':
                    self.assertRaises(pvm_exc.HttpError, unit.update)
                else:
                    unit.update()
            found = self.pool.named(answer)[0]
            self.assertEqual(size * GIB, found.file.stat().st_size)

    def test_clone_of_a_disk(self) -> None:
        disk = self.clone(self.upload())
        grown = self.clone(disk, 'grown', 3)
        self.assertEqual(IMAGE, self.bytes_of(grown)[: len(IMAGE)])
        with self.switched(clone_of_disk='refuse'):
            self.assertRaises(pvm_exc.HttpError, self.clone, disk, 'again', 3)

    def test_names(self) -> None:
        self.create_unit('twice')
        self.create_unit('twice')
        with self.switched(unit_names='unique'):
            self.assertRaises(pvm_exc.HttpError, self.create_unit, 'twice')

    def test_what_new_units_hold(self) -> None:
        for thin, when, dirty in (
            (True, 'thick', False),
            (False, 'thick', True),
            (True, 'always', True),
            (False, 'never', False),
        ):
            with self.switched(unit_dirty=when):
                unit = self.create_unit(thin=thin)
            old = self.bytes_of(unit).startswith(extents.EARLIER_OWNER)
            self.assertEqual(dirty, old, f'{thin} {when}')


class MappingTest(PoolCase):
    """Logical units as storage of partitions."""

    def setUp(self) -> None:
        super().setUp()
        self.created = self.create_lpar()
        self.unit = self.create_unit()

    def map_on(self, adapter: Any, number: int, lpar: Any) -> Any:
        vios = vioses.VIOS.get(adapter, xag=[base.MAPPINGS])[number]
        ref = storage.LU.bld_ref(adapter, self.unit.name, self.unit.udid)
        scsi_mapper.add_map(
            vios,
            scsi_mapper.build_vscsi_mapping(None, vios, lpar.uuid, ref),
        )
        return vios.update()

    def test_two_paths(self) -> None:
        for number in (0, 1):
            vios = self.map_on(self.adapter, number, self.created)
            (found,) = vios.scsi_mappings
            self.assertEqual(self.unit.udid, found.backing_storage.udid)
            self.assertIsInstance(found.target_dev, storage.LUTargetDev)
        self.assertTrue(self.unit.refresh().in_use)
        (mapping,) = self.model.vios('vios1').scsi_mappings
        self.assertEqual('0a', mapping.target.udid[:2])

    def test_mapped_stays(self) -> None:
        vios = self.map_on(self.adapter, 0, self.created)
        there = storage.LUEnt.get(self.other, parent=self.tier())[0]
        self.assertTrue(there.in_use)
        error = self.assertRaises(pvm_exc.HttpError, there.delete)
        self.assertIn('is in use', str(error))
        scsi_mapper.remove_maps(vios, self.created.uuid)
        vios.update()
        self.assertFalse(there.refresh().in_use)
        storage.LUEnt.get(self.other, parent=self.tier())[0].delete()
        self.assertEqual([], self.names())

    def test_partition_goes(self) -> None:
        self.map_on(self.adapter, 0, self.created)
        self.created.refresh().delete()
        self.assertFalse(self.unit.refresh().in_use)

    def test_vios_is_down(self) -> None:
        """Its mapping stays, and so does what it maps."""
        self.map_on(self.adapter, 0, self.created)
        power.power_off(self.model.vios('vios1'))
        self.created.refresh().delete()
        self.assertTrue(self.unit.refresh().in_use)

    def test_unknown_unit(self) -> None:
        self.unit._udid('27' + '0' * 64)
        self.assertRaises(
            pvm_exc.HttpError, self.map_on, self.adapter, 0, self.created
        )

    def test_dump_and_load(self) -> None:
        self.map_on(self.adapter, 0, self.created)
        dump = self.sim.dump()
        self.sim.reset()
        self.adapter, self.other = self.make_adapter(), self.make_adapter()
        self.assertEqual([], self.names())
        self.sim.load(dump)
        self.assertEqual(dump['pools'], self.sim.dump()['pools'])
        (found,) = self.sim.pool().units
        self.assertTrue(found.in_use)

    def test_events_on_all_hosts(self) -> None:
        queues = [self.sim.systems[name].events for name in ('host1', 'host2')]
        for queue in queues:
            queue.poll('listener', 0)
        self.create_unit('another')
        (unit,) = self.pool.named('another')
        for queue in queues:
            told = [(e.kind, e.data) for e in queue.poll('listener', 0)]
            self.assertEqual('ADD_URI', told[0][0])
            self.assertTrue(told[0][1].endswith(f'/{unit.path}'))
            self.assertTrue(told[1][1].endswith(f'/{self.pool.path}'))


class CoordinatedUploadTest(PoolCase):
    """pypowervm's own way to upload an image once for all hosts."""

    def get_or_upload(self, adapter: Any) -> Any:
        tier = storage.Tier.get(adapter)[0]
        return cluster_ssp.get_or_upload_image_lu(
            tier,
            'image_x',
            vioses.VIOS.get(adapter)[0].uuid,
            lambda: io.BytesIO(IMAGE),
            len(IMAGE),
        )

    def test_once(self) -> None:
        first = self.get_or_upload(self.adapter)
        second = self.get_or_upload(self.other)
        self.assertEqual(first.udid, second.udid)
        self.assertEqual(['image_x'], self.names())
        self.assertEqual(IMAGE, self.bytes_of(first)[: len(IMAGE)])

    def test_waits_for_a_marker(self) -> None:
        marker = self.create_unit(
            'part00000000image_x', typ=cluster_ssp.IMGTYP
        )
        with mock.patch.object(
            cluster_ssp,
            '_sleep_for_upload',
            autospec=True,
            side_effect=marker.delete,
        ) as waited:
            self.get_or_upload(self.other)
        waited.assert_called_once_with()
        self.assertEqual(['image_x'], self.names())
