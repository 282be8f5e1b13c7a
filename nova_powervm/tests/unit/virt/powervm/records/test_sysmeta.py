# SPDX-License-Identifier: Apache-2.0
import testtools

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.records import sysmeta

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
