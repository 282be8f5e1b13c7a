# SPDX-License-Identifier: Apache-2.0
import testtools

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.records import volumes

UDID = '01' + 'M' * 120
DISK = volumes.Attached('volume-1', 'iscsi', 'iscsi', UDID)
PORT = volumes.Attached('volume-2', 'fibre_channel', 'npiv')


class VolumeRecordsTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.instance = nova_objects.instance()

    def test_none_at_first(self) -> None:
        self.assertEqual({}, volumes.known(self.instance))

    def test_kept_in_the_instance(self) -> None:
        self.assertTrue(volumes.note(self.instance, [DISK]))
        self.assertTrue(volumes.note(self.instance, [PORT]))
        self.assertFalse(volumes.note(self.instance, [PORT]))
        self.assertEqual(
            {'volume-1': DISK, 'volume-2': PORT},
            volumes.known(self.instance),
        )

    def test_many_take_several_values(self) -> None:
        many = [
            volumes.Attached(f'volume-{n}', 'iscsi', 'iscsi', UDID)
            for n in range(10)
        ]
        volumes.note(self.instance, many)
        self.assertEqual(many, list(volumes.known(self.instance).values()))
        for value in self.instance.system_metadata.values():
            self.assertLessEqual(len(value), 255)

    def test_struck_out(self) -> None:
        volumes.note(self.instance, [DISK, PORT])
        self.assertTrue(volumes.strike(self.instance, ['volume-1']))
        self.assertFalse(volumes.strike(self.instance, ['volume-1']))
        self.assertEqual({'volume-2': PORT}, volumes.known(self.instance))
        volumes.strike(self.instance, ['volume-2'])
        self.assertFalse(
            any(volumes.KEY in key for key in self.instance.system_metadata)
        )

    def test_what_cannot_be_read_is_as_good_as_nothing(self) -> None:
        for text in ('{', '[1]', '[["volume-1"]]', '[[1, 2, 3]]'):
            self.instance.system_metadata = {f'{volumes.KEY}0': text}
            self.assertEqual({}, volumes.known(self.instance))
