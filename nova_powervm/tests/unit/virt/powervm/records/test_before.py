# SPDX-License-Identifier: Apache-2.0
import dataclasses
import json

import fixtures
import testtools

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import saved
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import processors
from nova_powervm.virt.powervm.records import before
from nova_powervm.virt.powervm.records import sysmeta

SHARED = processors.SharedProcessors(2, 1, 4, 0.2, 0.1, 2.0, 64)
DEDICATED = processors.DedicatedProcessors(2, 1, 4, 'keep idle procs')


class BeforeTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.logs = self.useFixture(fixtures.FakeLogger())
        self.instance = nova_objects.instance()
        self.nova = self.useFixture(saved.SavedInstances())

    def before(self, chosen: processors.Processors = SHARED) -> before.Before:
        uuid = self.instance.uuid
        return before.Before(
            'host1',
            True,
            flavor.LparSpec(
                uuid=identity.lpar_uuid(uuid),
                name='by_hand',
                instance_uuid=uuid,
                memory=flavor.MemorySpec(2048, 1024, 8192, 6),
                processors=chosen,
                compat_mode='POWER9',
                named=flavor.KEYS,
                managed=flavor.KEYS,
            ),
            ('b_1', 'e_1'),
            ('b_1',),
            ('b_2', 'b_3'),
            stuck=True,
        )

    def test_comes_back_as_it_was_noted(self) -> None:
        for chosen in (SHARED, DEDICATED):
            wanted = self.before(chosen)
            before.note(self.instance, wanted)
            self.assertEqual(wanted, before.known(self.instance, 'host1'))
        self.assertEqual([self.instance.uuid] * 2, self.nova.saves)

    def test_tells_whether_disks_change(self) -> None:
        """A server that boots from a volume may have none, and get one."""
        known = self.before()
        for disks, new, wanted in (
            (('b_1',), (), True),
            ((), ('s_1',), True),
            ((), (), False),
            ((), None, False),
        ):
            found = dataclasses.replace(known, disks=disks, new=new)
            self.assertEqual(wanted, found.changes_disks)

    def test_means_nothing_on_another_host(self) -> None:
        before.note(self.instance, self.before())
        self.assertIsNone(before.known(self.instance, 'host2'))

    def test_is_forgotten(self) -> None:
        before.note(self.instance, self.before())
        before.forget(self.instance)
        self.assertIsNone(before.known(self.instance, 'host1'))
        self.assertEqual({}, self.instance.system_metadata)

    def test_new_disks_are_those_that_were_noted(self) -> None:
        found = self.before()
        for name in ('b_1', 'e_1', 'e_2'):
            self.assertFalse(found.is_new(name), name)
        self.assertTrue(found.is_new('b_3'))

    def test_what_the_first_version_noted(self) -> None:
        record = json.loads(self.before().to_text())
        del record['new']
        record['v'] = 1
        sysmeta.store(self.instance, before.KEY, json.dumps(record))
        found = before.known(self.instance, 'host1')
        assert found is not None
        self.assertEqual(('b_1', 'e_1'), found.disks)
        self.assertTrue(found.is_new('e_2'))
        self.assertFalse(found.is_new('e_1'))

    def test_what_cannot_be_read_is_told(self) -> None:
        record = json.loads(self.before().to_text())
        newer = {**record, 'v': 3}
        other = {**record, 'lpar': {**record['lpar'], 'new': 1}}
        for text in ('{', '[]', '{}', json.dumps(newer), json.dumps(other)):
            sysmeta.store(self.instance, before.KEY, text)
            self.assertIsNone(before.known(self.instance, 'host1'), text)
            self.assertIn('cannot be read', self.logs.output)
