# SPDX-License-Identifier: Apache-2.0
from typing import Any
from unittest import mock

import testtools
from nova import objects

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm.lpar import cache as lpar_cache

LOST_BIT = 'f2345678-1234-4234-8234-123456789abc'
QUERY = 'nova.objects.InstanceList.get_by_filters'


class OwnershipTest(testtools.TestCase):
    def ownership(self, *records: Any) -> instances.Ownership:
        cache = mock.Mock(spec=lpar_cache.LparCache)
        cache.all.return_value = list(records)
        return instances.Ownership(cache)

    def test_the_description_tells(self) -> None:
        ownership = self.ownership(fake_host.record(instance_uuid=LOST_BIT))
        with mock.patch(QUERY, autospec=True) as query:
            self.assertEqual([LOST_BIT], ownership.uuids())
        query.assert_not_called()

    def test_management_and_vios_are_nobodys(self) -> None:
        ownership = self.ownership(
            fake_host.record(is_management=True),
            fake_host.record(type='Virtual IO Server'),
        )
        with mock.patch(QUERY, autospec=True) as query:
            self.assertEqual([], ownership.uuids())
        query.assert_not_called()

    def test_nova_is_asked_once_about_all_others(self) -> None:
        ours = fake_host.record(uuid=identity.lpar_uuid(LOST_BIT))
        foreign = fake_host.record()
        ownership = self.ownership(ours, foreign)
        known = [nova_objects.instance(uuid=LOST_BIT)]
        with mock.patch(QUERY, autospec=True, return_value=known) as query:
            self.assertEqual([LOST_BIT], ownership.uuids())
            self.assertTrue(ownership.owned(ours))
            self.assertFalse(ownership.owned(foreign))
        query.assert_called_once()
        context, filters = query.call_args.args
        self.assertEqual('yes', context.read_deleted)
        self.assertEqual(
            {*ours.candidates, *foreign.candidates}, set(filters['uuid'])
        )

    def test_a_look_at_all_partitions_one_by_one_is_one_question(
        self,
    ) -> None:
        records = [
            fake_host.record(uuid=f'{number:08X}' + LOST_BIT[8:].upper())
            for number in range(5)
        ]
        ownership = self.ownership(*records)
        with mock.patch(QUERY, autospec=True, return_value=[]) as query:
            self.assertFalse(any(map(ownership.owned, records)))
        query.assert_called_once()

    def test_what_we_make_needs_no_question(self) -> None:
        instance = nova_objects.instance(uuid=LOST_BIT)
        record = fake_host.record(uuid=identity.lpar_uuid(LOST_BIT))
        ownership = self.ownership(record)
        ownership.note(instance)
        with mock.patch(QUERY, autospec=True) as query:
            self.assertEqual([LOST_BIT], ownership.uuids())
        query.assert_not_called()


class ShutdownTimeoutTest(testtools.TestCase):
    def timeout(self, **metadata: str) -> int:
        instance = nova_objects.instance(system_metadata=metadata)
        settings = fake_host.make().settings
        return instances.shutdown_timeout(instance, settings)

    def test_of_the_host(self) -> None:
        self.assertEqual(60, self.timeout())

    def test_of_the_image(self) -> None:
        self.assertEqual(7, self.timeout(image_os_shutdown_timeout='7'))

    def test_nonsense_in_the_image(self) -> None:
        self.assertEqual(60, self.timeout(image_os_shutdown_timeout='soon'))


class LookupTest(testtools.TestCase):
    def test_only_instances_of_the_host(self) -> None:
        found = objects.InstanceList(objects=[nova_objects.instance()])
        with mock.patch(QUERY, autospec=True, return_value=found) as query:
            self.assertIs(
                found[0], instances.Lookup('host1').find((LOST_BIT,))
            )
        filters = query.call_args.args[1]
        self.assertEqual('host1', filters['host'])
        self.assertIs(False, filters['deleted'])

    def test_none(self) -> None:
        with mock.patch(QUERY, autospec=True, return_value=[]):
            self.assertIsNone(instances.Lookup('host1').find((LOST_BIT,)))
