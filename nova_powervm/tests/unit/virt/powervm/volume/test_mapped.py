# SPDX-License-Identifier: Apache-2.0
import dataclasses
from collections.abc import Sequence
from typing import Any
from unittest import mock

from oslo_concurrency import lockutils

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.unit.virt.powervm.volume import case
from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base
from novalink_sim.model import switches

VOLUME = base.Volume('volume-1', 'plain', {'address': 'a', 'secret': 's3'})
BOTH = ['vios1', 'vios2']


class MappedVolumeTest(case.ConnectorTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.connector = case.PlainConnector(self.parts(), self.model.vioses)
        self.connector.at = dict.fromkeys(BOTH, '01a')
        for vios in self.model.vioses.values():
            vios.volumes.clear()

    def discover(self) -> Sequence[base.Found]:
        return self.connector.discover(self.instance, VOLUME)

    def attach(self, lpar: Any = None) -> None:
        """Do what the flow of an attach does."""
        self.connector.settled(self.instance, self.map(lpar))

    def map(self, lpar: Any = None) -> Sequence[base.Found]:
        """Do what it does before the instance is saved."""
        found = self.discover()
        for item in found:
            intent = self.connector.mapping(
                lpar or self.lpar, item, new_lpar=False
            )
            self.tx.run(intents.ViosTarget(item.vios_uuid), intent)
        return found

    def detach(self, volume: base.Volume = VOLUME) -> None:
        self.connector.detach(
            self.instance, volume, self.lpar.uuid, self.lpar.id
        )()

    def assert_gone(self) -> None:
        nothing: dict[str, list[str]] = {'vios1': [], 'vios2': []}
        self.assertEqual(nothing, self.mapped())
        self.assertEqual(nothing, self.hdisks())
        self.assertEqual([], self.journal.entries())

    def lost(self) -> str:
        error = self.assertRaises(base.VolumeLost, self.discover)
        self.assertEqual({'vios1': [], 'vios2': []}, self.hdisks())
        return str(error)


class DiscoverTest(MappedVolumeTest):
    def test_by_every_vios(self) -> None:
        self.assertEqual(BOTH, self.names(self.discover()))

    def test_one_vios_is_enough(self) -> None:
        del self.connector.at['vios2']
        self.assertEqual(['vios1'], self.names(self.discover()))

    def test_a_vios_that_is_down_is_not_asked(self) -> None:
        self.set_rmc('vios1', 'inactive')
        self.assertEqual(['vios2'], self.names(self.discover()))

    def test_too_few_leave_nothing(self) -> None:
        del self.connector.at['vios2']
        self.connector.needed = 2
        error = self.lost()
        self.assertIn(
            'only by 1 of the Virtual I/O Servers, at least 2', error
        )
        self.assertIn('vios2: nothing is there', error)

    def test_none(self) -> None:
        self.connector.at.clear()
        self.assertIn('no Virtual I/O Server', self.lost())

    def test_one_vios_kept_what_was_there_before(self) -> None:
        self.connector.at = {'vios1': '01old', 'vios2': '01now'}
        found = self.discover()
        self.assertEqual(
            {'01now'}, {f.storage.udid for f in found if f.storage}
        )
        self.assertEqual(
            {'vios1': ['01now'], 'vios2': ['01now']}, self.hdisks()
        )

    def test_vioses_that_do_not_agree(self) -> None:
        self.connector.keeping = True
        self.connector.at = {'vios1': '01old', 'vios2': '01now'}
        error = self.assertRaises(base.VolumeLost, self.discover)
        self.assertIn('different volumes', str(error))

    def test_known_to_be_another_volume(self) -> None:
        for vios in self.vioses.all():
            self.journal.record(
                journal.Entry(journal.HDISK, '01a', vios.uuid, 'volume-0')
            )
        found = self.discover()
        self.assertEqual(
            {'01now'}, {f.storage.udid for f in found if f.storage}
        )

    def test_another_volume_that_a_partition_has(self) -> None:
        other = self.create_lpar('other')
        self.attach(other)
        again = base.Volume('volume-2', 'plain', {})
        error = self.assertRaises(
            base.VolumeLost, self.connector.discover, self.instance, again
        )
        self.assertIn('a partition has that', str(error))
        self.assertEqual(dict.fromkeys(BOTH, ['01a']), self.mapped())


class DetachTest(MappedVolumeTest):
    def test_nothing_is_left(self) -> None:
        self.attach()
        self.assertEqual(dict.fromkeys(BOTH, ['01a']), self.mapped())
        self.forget_requests()
        self.detach()
        self.assertEqual(4, len(self.requests()))
        self.assert_gone()

    def test_again_is_no_error(self) -> None:
        self.attach()
        self.detach()
        self.connector.at.clear()
        self.detach()
        self.assert_gone()

    def test_found_by_its_mark(self) -> None:
        self.attach()
        for entry in self.journal.entries():
            self.journal.forget(*entry.key)
        self.connector.at.clear()
        self.detach()
        self.assert_gone()

    def test_record_of_an_earlier_attachment(self) -> None:
        """The journal or the mark tells better, and it costs no more."""
        wrong = base.Volume('volume-1', 'plain', VOLUME.data, udid='01old')
        self.attach()
        self.forget_requests()
        self.detach(wrong)
        self.assertEqual(4, len(self.requests()))
        self.assert_gone()
        self.attach()
        for entry in self.journal.entries():
            self.journal.forget(*entry.key)
        self.detach(wrong)
        self.assert_gone()

    def test_record_with_the_id_of_another_volume(self) -> None:
        """Which the partition has, too, and keeps."""
        self.attach()
        other = base.Volume('volume-2', 'plain', {}, udid='01a')
        self.detach(other)
        self.assertEqual(dict.fromkeys(BOTH, ['01a']), self.mapped())

    def test_found_at_its_address(self) -> None:
        self.attach()
        for entry in self.journal.entries():
            self.journal.forget(*entry.key)
        for vios in self.model.vioses.values():
            vios.volumes[0].tag = None
        self.detach()
        self.assert_gone()

    def test_an_hdisk_that_stays_is_no_reason_to_fail(self) -> None:
        self.attach()
        self.connector.keeping = True
        self.detach()
        self.assertEqual({'vios1': [], 'vios2': []}, self.mapped())


class SharedTest(MappedVolumeTest):
    """The VIOSes map disks to several partitions."""

    SIMULATOR: dict[str, Any] = {
        'switches': switches.Switches(second_mapping='allow')
    }

    def test_another_partition_keeps_it(self) -> None:
        shared = base.Volume('volume-1', 'plain', {}, shared=True)
        for lpar in (self.lpar, self.create_lpar('other')):
            for item in self.connector.discover(self.instance, shared):
                intent = self.connector.mapping(lpar, item, new_lpar=False)
                self.tx.run(intents.ViosTarget(item.vios_uuid), intent)
        self.detach(shared)
        self.assertEqual(dict.fromkeys(BOTH, ['01a']), self.mapped())
        self.assertEqual(dict.fromkeys(BOTH, ['01a']), self.hdisks())


class LeftoversTest(MappedVolumeTest):
    """One VIOS is down while a volume is detached."""

    def setUp(self) -> None:
        super().setUp()
        self.attach()
        self.set_rmc('vios2', 'inactive')
        self.detach()

    def test_it_still_has_the_mapping(self) -> None:
        self.assertEqual({'vios1': [], 'vios2': ['01a']}, self.mapped())
        self.connector.collect()
        self.assertEqual({'vios1': [], 'vios2': ['01a']}, self.mapped())

    def test_no_secret_is_noted(self) -> None:
        (entry,) = self.journal.entries(journal.VOLUME)
        self.assertNotIn('s3', str(entry))
        self.assertIn('address', str(entry.detail))

    def test_unmapped_when_it_is_back(self) -> None:
        self.set_rmc('vios2', 'active')
        self.connector.collect()
        self.assert_gone()

    def test_attached_again(self) -> None:
        self.set_rmc('vios2', 'active')
        self.connector.at = dict.fromkeys(BOTH, '01a')
        self.attach()
        self.connector.collect()
        self.assertEqual(dict.fromkeys(BOTH, ['01a']), self.mapped())

    def test_attached_again_meanwhile(self) -> None:
        """Whoever collects has read what is to be done before."""
        self.set_rmc('vios2', 'inactive')
        self.connector.at = dict.fromkeys(BOTH, '01a')
        active = self.vioses.active

        def slow() -> Any:
            with mock.patch.object(self.vioses, 'active', active):
                self.attach()
            return active()

        self.set_rmc('vios2', 'active')
        with mock.patch.object(self.vioses, 'active', slow):
            self.connector.collect()
        self.assertEqual(dict.fromkeys(BOTH, ['01a']), self.mapped())

    def test_somebody_works_on_the_instance(self) -> None:
        """Only who that is may take something from it."""
        self.set_rmc('vios2', 'active')
        other = nova_objects.instance()
        with lockutils.lock(instances.lock_name('host1', self.instance.uuid)):
            self.connector.collect()
            self.connector.collect(other)
            self.assertEqual(['01a'], self.mapped()['vios2'])
            self.connector.collect(self.instance)
        self.assert_gone()

    def test_attached_again_but_not_saved(self) -> None:
        """Nobody knows of it, and it found the mapping as it was."""
        self.set_rmc('vios2', 'active')
        self.connector.at = dict.fromkeys(BOTH, '01a')
        self.map()
        self.connector.collect()
        self.assertEqual([], self.mapped()['vios2'])

    def test_detached_from_two_places_in_storage(self) -> None:
        self.set_rmc('vios2', 'active')
        self.connector.at = dict.fromkeys(BOTH, '01b')
        self.attach()
        self.set_rmc('vios2', 'inactive')
        self.detach(base.Volume('volume-1', 'plain', {}, udid='01b'))
        self.assertEqual(['01a', '01b'], self.mapped()['vios2'])
        self.set_rmc('vios2', 'active')
        self.connector.collect()
        self.assert_gone()

    def test_entry_that_cannot_be_read(self) -> None:
        self.set_rmc('vios2', 'active')
        (good,) = self.journal.entries(journal.VOLUME)
        bad = [
            dataclasses.replace(good, name=f'bad-{detail}', detail=detail)
            for detail in (None, 'no JSON', '[]', '{"volume": "a"}')
        ]
        self.journal.forget(*good.key)
        for entry in (*bad, good):
            self.journal.record(entry)
        self.connector.collect()
        self.assertEqual({'vios1': [], 'vios2': []}, self.mapped())
        self.assertEqual(bad, self.journal.entries(journal.VOLUME))

    def test_vios_that_is_there_no_longer(self) -> None:
        (entry,) = self.journal.entries(journal.VOLUME)
        self.journal.record(dataclasses.replace(entry, container='GONE'))
        self.connector.collect()
        # The other one may come back.
        self.assertEqual([entry], self.journal.entries(journal.VOLUME))

    def test_address_went_to_another_volume(self) -> None:
        """Nobody gets it while the first server still has it."""
        self.set_rmc('vios2', 'active')
        other = base.Volume('volume-2', 'plain', {})
        self.connector.at = dict.fromkeys(BOTH, '01a')
        self.connector.at['vios1'] = '01b'
        found = self.connector.discover(self.instance, other)
        self.assertEqual(['vios1'], self.names(found))


class DeathTest(MappedVolumeTest):
    """A VIOS goes down, and the driver does not know it yet."""

    def setUp(self) -> None:
        super().setUp()
        self.attach()
        self.vios_named('vios2').rmc_state = 'inactive'

    def test_unmapped_when_it_is_back(self) -> None:
        self.detach()
        self.assertEqual({'vios1': [], 'vios2': ['01a']}, self.mapped())
        self.set_rmc('vios2', 'active')
        self.connector.collect()
        self.assert_gone()

    def test_it_is_back_at_once(self) -> None:
        """Then the volume is not detached, and the user tries again."""
        self.vios_named('vios2').rmc_state = 'active'
        self.fault(method='POST', status=500, times=None)
        self.assertRaises(errors.PlatformError, self.detach)
        self.sim.faults.clear()
        self.detach()
        self.assert_gone()


class ExtendTest(MappedVolumeTest):
    def test_every_vios_looks(self) -> None:
        self.attach()
        self.extend()
        self.assertEqual(2, len(self.connector.rescanned))

    def test_one_is_enough(self) -> None:
        self.attach()
        self.vios_named('vios2').volumes.clear()
        self.extend()
        self.assertEqual(1, len(self.connector.rescanned))

    def test_none_is_not(self) -> None:
        self.attach()
        for name in BOTH:
            self.vios_named(name).volumes.clear()
        error = self.assertRaises(errors.JobFailed, self.extend)
        self.assertIn('not found', str(error))

    def test_no_vios_works(self) -> None:
        self.attach()
        for name in BOTH:
            self.set_rmc(name, 'inactive')
        self.assertRaises(base.VolumeLost, self.extend)

    def test_a_volume_that_nobody_knows(self) -> None:
        self.connector.at.clear()
        self.assertRaises(base.VolumeLost, self.extend)

    def test_storage_has_not_extended_it(self) -> None:
        self.connector.at = dict.fromkeys(BOTH, '01a')
        self.connector.discover(self.instance, VOLUME)
        self.connector.capacity = 1024
        error = self.assertRaises(base.VolumeLost, self.extend)
        self.assertIn('2048 MiB', str(error))
        self.assertIn('1024 MiB', str(error))

    def extend(self) -> None:
        self.connector.extend(self.instance, VOLUME, 2 * case.GIB)
