# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import sys

import testtools

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import saved
from nova_powervm.virt.powervm.records import before
from nova_powervm.virt.powervm.records import parcels
from nova_powervm.virt.powervm.records import ports
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.records import sysmeta
from nova_powervm.virt.powervm.records import volumes
from nova_powervm.virt.powervm.vif import management

KEY = 'some_text_'


class SysmetaTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.instance = nova_objects.instance()
        self.instance.system_metadata = {'image_os_distro': 'rhel'}

    def test_none(self) -> None:
        self.assertIsNone(sysmeta.load(self.instance, KEY))

    def test_long_text(self) -> None:
        text = 'abcdefghij' * 300
        self.assertTrue(sysmeta.store(self.instance, KEY, text))
        values = self.instance.system_metadata.values()
        self.assertTrue(all(len(value) <= 255 for value in values))
        self.assertEqual(text, sysmeta.load(self.instance, KEY))

    def test_shorter_text_leaves_nothing_of_the_longer(self) -> None:
        sysmeta.store(self.instance, KEY, 'long' * 200)
        sysmeta.store(self.instance, KEY, 'short')
        self.assertEqual('short', sysmeta.load(self.instance, KEY))
        sysmeta.store(self.instance, KEY, '')
        self.assertEqual(
            {'image_os_distro': 'rhel'}, self.instance.system_metadata
        )

    def test_tells_whether_something_changed(self) -> None:
        sysmeta.store(self.instance, KEY, 'text')
        self.assertFalse(sysmeta.store(self.instance, KEY, 'text'))

    def test_tasks_that_note_at_the_same_time(self) -> None:
        """None of them takes away what another one has noted."""
        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(1e-6)

        def note(prefix: str) -> None:
            for number in range(100):
                sysmeta.store(self.instance, prefix, f'{prefix}{number}')
                text = str(sysmeta.load(self.instance, prefix))
                self.assertEqual(f'{prefix}{number}', text)
                ports.set_state(self.instance, prefix, ports.MAPPED)
                item = volumes.Attached(f'{prefix}{number}', 'nfs', 'nfs')
                volumes.note(self.instance, [item])

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(note, ('a_', 'b_', 'c_', 'd_')))
        self.assertEqual(400, len(volumes.known(self.instance)))


class SaveTest(testtools.TestCase):
    """Two hold the same instance at the same time."""

    def setUp(self) -> None:
        super().setUp()
        self.saved = self.useFixture(saved.SavedInstances())
        self.instance = nova_objects.instance()
        self.instance.system_metadata = {
            'image_os': 'aix',
            f'{slots.KEY}0': 'a' * 255,
            f'{slots.KEY}1': 'a',
            f'{volumes.KEY}0': '[]',
        }
        self.instance.save()
        self.other = self.instance.obj_clone()

    def held(self) -> dict[str, str]:
        found: dict[str, str] = self.saved.metadata[self.instance.uuid]
        self.assertEqual(found, self.instance.system_metadata)
        return found

    def test_nobody_loses_a_record(self) -> None:
        sysmeta.store(self.other, slots.KEY, 'b')
        sysmeta.store(self.other, volumes.KEY, '')
        ports.set_state(self.instance, 'A', ports.MAPPED)
        self.instance.system_metadata['image_os'] = 'linux'
        sysmeta.save(self.other)
        sysmeta.save(self.instance)
        wanted = {
            'image_os': 'linux',
            f'{slots.KEY}0': 'b',
            f'{ports.STATE_KEY}A': ports.MAPPED,
        }
        self.assertEqual(wanted, self.held())

    def test_a_record_is_never_of_two(self) -> None:
        """One that takes several keys is the one or the other as a whole."""
        sysmeta.store(self.other, slots.KEY, 'b' * 255 + 'a')
        sysmeta.store(self.instance, slots.KEY, 'a' * 255 + 'c')
        sysmeta.save(self.other)
        sysmeta.save(self.instance)
        text = sysmeta.load(self.instance, slots.KEY)
        self.assertEqual('a' * 255 + 'c', text)
        self.held()

    def test_an_instance_that_is_gone(self) -> None:
        self.saved.metadata.clear()
        sysmeta.store(self.instance, volumes.KEY, '[1]')
        sysmeta.save(self.instance)
        self.assertEqual('[1]', self.held()[f'{volumes.KEY}0'])


class CatchUpTest(testtools.TestCase):
    """Nova hands over an instance as it was some time ago."""

    def setUp(self) -> None:
        super().setUp()
        self.saved = self.useFixture(saved.SavedInstances())
        self.instance = nova_objects.instance()
        self.instance.system_metadata = {
            'image_os': 'old',
            f'{slots.KEY}0': 'old',
            f'{slots.KEY}1': 'old',
        }
        self.instance.obj_reset_changes()
        self.saved.metadata[self.instance.uuid] = {
            'image_os': 'new',
            f'{slots.KEY}0': 'new',
            f'{volumes.KEY}0': 'new',
        }

    def test_own_keys_are_taken_over(self) -> None:
        sysmeta.catch_up(self.instance)
        self.assertEqual(
            {
                'image_os': 'old',
                f'{slots.KEY}0': 'new',
                f'{volumes.KEY}0': 'new',
            },
            self.instance.system_metadata,
        )
        # Nova would save it as a whole with whatever it saves next.
        self.assertEqual(set(), self.instance.obj_what_changed())

    def test_what_is_not_saved_yet_stays(self) -> None:
        sysmeta.store(self.instance, volumes.KEY, 'newer')
        before = dict(self.instance.system_metadata)
        sysmeta.catch_up(self.instance)
        self.assertEqual(before, self.instance.system_metadata)

    def test_an_instance_that_is_gone(self) -> None:
        before = dict(self.instance.system_metadata)
        self.saved.metadata.clear()
        sysmeta.catch_up(self.instance)
        self.assertEqual(before, self.instance.system_metadata)

    def test_all_keys_are_known_to_be_our_own(self) -> None:
        for key in (
            before.KEY,
            management.MAC_KEY,
            parcels.KEY,
            ports.PORTS_KEY,
            ports.STATE_KEY,
            slots.KEY,
            volumes.KEY,
        ):
            self.assertTrue(key.startswith(sysmeta.OWN_KEYS), key)
