# SPDX-License-Identifier: Apache-2.0
import base64
import dataclasses
from typing import Any

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import transactions
from novalink_sim.model import storage

GIB = 1024**3
NAA = '600507680000000000000000000000AB'
GOOD = intents.Identity('volume-1', '01good', NAA.lower(), 10 * GIB)
REF = intents.StorageRef('pv', 'hdisk7', '01good', tag='volume-1')


class PhysicalVolumeTest(simulated.SimulatedTestCase):
    """A VIOS has hdisk7, which should be volume-1."""

    def setUp(self) -> None:
        super().setUp()
        self.tx = transactions.Transactions(self.client, gather=0.02)
        self.addCleanup(self.tx.close)
        (vios,) = self.model.vioses.values()
        self.disk = storage.PhysicalVolume(
            'hdisk7',
            '01good',
            10 * 1024,
            page83=base64.b64encode(NAA.encode()).decode(),
            available=True,
        )
        vios.volumes.append(self.disk)
        self.lpar = self.create_lpar()
        self.target = self.vios_target
        self.forget_requests()

    def wanted(self, lpar: Any = None, **identity: Any) -> intents.AddMapping:
        lpar = lpar or self.lpar
        return intents.AddMapping(
            lpar.uuid,
            lpar.id,
            REF,
            identity=dataclasses.replace(GOOD, **identity),
        )

    def view(self, udid: str | None = '01good') -> intents.VolumeView:
        look = intents.LookAtVolume(udid, 'volume-1')
        (found,) = self.tx.run(self.target, look)
        view: intents.VolumeView = found
        return view

    def assert_refused(self, words: str, **identity: Any) -> None:
        error = self.assertRaises(
            errors.WrongVolume,
            self.tx.run,
            self.target,
            self.wanted(**identity),
        )
        self.assertIn(words, str(error))
        self.assertEqual(frozenset(), self.view().users)
        self.assertNotIn('POST', ' '.join(self.requests()))

    def test_the_right_volume_is_mapped_with_one_read(self) -> None:
        (result,) = self.tx.run(self.target, self.wanted())
        self.assertEqual('01good', result.udid)
        self.assertEqual(
            ['GET', 'POST'], [line.split()[0] for line in self.requests()]
        )
        self.assertEqual({self.lpar.uuid}, self.view().users)
        self.assertEqual('volume-1', self.disk.tag)

    def test_what_is_not_known_is_not_compared(self) -> None:
        unknown = self.wanted(udid=None, page83=None, size_bytes=None)
        (result,) = self.tx.run(self.target, unknown)
        self.assertTrue(result.added)

    def test_storage_may_round_sizes_up(self) -> None:
        self.disk.capacity += 1000
        (result,) = self.tx.run(self.target, self.wanted())
        self.assertTrue(result.added)

    def test_another_udid(self) -> None:
        self.assert_refused('its UDID is 01good', udid='01other')

    def test_another_page83(self) -> None:
        self.assert_refused('its NAA id is', page83='6' * 32)

    def test_another_size(self) -> None:
        self.assert_refused('it has 10240 MiB', size_bytes=12 * GIB)
        self.assert_refused(
            'it has 10240 MiB', size_bytes=8 * GIB, udid=None, page83=None
        )

    def test_grown_unnoticed(self) -> None:
        """One of its ids says that it is the volume all the same."""
        for unknown in ('udid', 'page83'):
            lpar = self.create_lpar(f'without-{unknown}')
            wanted = self.wanted(
                lpar, size_bytes=8 * GIB, shared=True, **{unknown: None}
            )
            (result,) = self.tx.run(self.target, wanted)
            self.assertTrue(result.added)

    def test_marked_as_another_volume(self) -> None:
        self.disk.tag = 'volume-2'
        self.assert_refused('marked as volume volume-2')

    def test_not_healthy(self) -> None:
        self.disk.state = 'missing'
        self.assert_refused('its state is missing')
        self.assertFalse(self.view().healthy)

    def test_name_went_to_another_volume(self) -> None:
        self.disk.name = 'hdisk8'
        self.assert_refused('that is hdisk8')

    def test_gone(self) -> None:
        self.disk.udid = '01elsewhere'
        error = self.assertRaises(
            errors.WrongVolume, self.tx.run, self.target, self.wanted()
        )
        self.assertIn('it is not there', str(error))
        self.assertIsNone(self.view().storage)

    def test_another_partition_has_it(self) -> None:
        other = self.create_lpar('other')
        self.tx.run(self.target, self.wanted(other))
        error = self.assertRaises(
            errors.WrongVolume, self.tx.run, self.target, self.wanted()
        )
        self.assertIn(other.uuid, str(error))
        self.assertEqual({other.uuid}, self.view().users)

    def test_found_by_its_mark(self) -> None:
        self.assertIsNone(self.view(udid=None).storage)
        self.tx.run(self.target, self.wanted())
        self.assertEqual(REF, self.view(udid=None).storage)

    def test_looked_at_after_the_change_that_it_came_with(self) -> None:
        self.tx.run(self.target, self.wanted())
        self.forget_requests()
        gone = intents.RemoveMappings(
            self.lpar.uuid,
            self.lpar.id,
            storages=(intents.StorageRef('pv', '', '01good'),),
        )
        look = intents.LookAtVolume('01good', 'volume-1')
        removed, view = self.tx.run(self.target, gone, look)
        self.assertEqual(['hdisk7'], [item.storage.name for item in removed])
        self.assertEqual(frozenset(), view.users)
        self.assertEqual('hdisk7', view.storage.name)
        self.assertEqual(2, len(self.requests()))
