# SPDX-License-Identifier: Apache-2.0
"""The slot map survives writing, reading and another host."""

import testtools

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.records import slots

ONE, TWO = 'AAAAAAAA-0000-4000-8000-000000000001', 'B' * 36
LUA = '0x8100000000000000'


def entry(
    name: str, vios: str, slot: int, lua: str | None = LUA
) -> slots.Entry:
    return slots.Entry(name, vios, slots.Address(slot, lua))


MAP = slots.SlotMap(
    (
        entry('boot', ONE, 2),
        entry('boot', TWO, 3),
        entry('swap', TWO, 3, '0x8200000000000000'),
        entry('config', ONE, 2, None),
    ),
    {'fa:16:3e:00:00:01': 32},
)


class CodecTest(testtools.TestCase):
    def test_nothing_is_lost(self) -> None:
        self.assertEqual(MAP, slots.from_text(slots.to_text(MAP)))

    def test_odd_address_is_kept(self) -> None:
        for lua in ('0x0', '0x81000000000000001', '0x8100000000000ABC'):
            odd = slots.SlotMap((entry('boot', ONE, 2, lua),))
            self.assertEqual(odd, slots.from_text(slots.to_text(odd)))

    def test_compact(self) -> None:
        self.assertLess(len(slots.to_text(MAP)), 255)

    def test_what_cannot_be_understood(self) -> None:
        for text in (
            '',
            '[]',
            '{"v":1}',
            '{"v":1,"vios":[],"storage":[["boot",0,2]],"nics":{}}',
            '{"v":1,"vios":["A"],"storage":[["boot"]],"nics":{}}',
            '{"v":1,"vios":["A"],"storage":[],"nics":{"x":"y"}}',
            '{"v":1,"vios":["A"],"storage":[],"nics":{"x":Infinity}}',
            '{"v":1,"vios":["A"],"storage":[["a",0,1e999]],"nics":{}}',
        ):
            self.assertRaises(slots.Unreadable, slots.from_text, text)

    def test_vioses_that_nobody_knows(self) -> None:
        found = slots.from_text(
            '{"v":1,"vios":[[]],"storage":[["boot",0,2]],"nics":{}}'
        )
        self.assertEqual({}, found.addresses('config', [ONE]))
        slots.to_text(found)

    def test_newer_version_is_named(self) -> None:
        exc = self.assertRaises(
            slots.Unreadable, slots.from_text, '{"v":2,"vios":[]}'
        )
        self.assertIn('version 2', str(exc))


class AddressesTest(testtools.TestCase):
    def test_same_host(self) -> None:
        self.assertEqual(
            {ONE: slots.Address(2, LUA), TWO: slots.Address(3, LUA)},
            MAP.addresses('boot', [TWO, ONE]),
        )

    def test_one_of_the_vioses_is_down(self) -> None:
        self.assertEqual({TWO}, set(MAP.addresses('boot', [TWO])))

    def test_other_host(self) -> None:
        found = MAP.addresses('boot', ['C', 'D'])
        self.assertEqual({'C': 2, 'D': 3}, _slots(found))

    def test_other_host_and_not_all_had_it(self) -> None:
        self.assertEqual({'D': 3}, _slots(MAP.addresses('swap', ['C', 'D'])))

    def test_other_host_with_one_vios(self) -> None:
        self.assertEqual({'C': 2}, _slots(MAP.addresses('boot', ['C'])))
        self.assertEqual({'C': 3}, _slots(MAP.addresses('swap', ['C'])))

    def test_additional_vios(self) -> None:
        found = MAP.addresses('boot', [ONE, TWO, 'C'])
        self.assertEqual({ONE: 2, TWO: 3}, _slots(found))

    def test_unknown_storage(self) -> None:
        self.assertEqual({}, MAP.addresses('ephemeral', [ONE, 'C']))


def _slots(found: dict[str, slots.Address]) -> dict[str, int]:
    return {vios: address.slot for vios, address in found.items()}


class ChangeTest(testtools.TestCase):
    def test_storage(self) -> None:
        moved = entry('boot', ONE, 7)
        changed = MAP.with_storage([moved]).without_storage('config')
        self.assertEqual((moved, *MAP.storage[1:3]), changed.storage)

    def test_adapters(self) -> None:
        changed = MAP.with_adapters({'m': 4})
        self.assertEqual(5, sum(changed.adapters.values()) - 31)
        self.assertEqual(MAP, changed.without_adapters(['m', 'other']))


class MetadataTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.instance = nova_objects.instance()
        self.instance.system_metadata = {'image_os_distro': 'aix'}

    def big(self) -> slots.SlotMap:
        nics = {f'fa:16:3e:00:00:{n:02x}': n for n in range(60)}
        return slots.SlotMap(MAP.storage, nics)

    def test_large_one_and_then_a_small_one(self) -> None:
        for each in (self.big(), MAP):
            self.assertTrue(slots.store(self.instance, each))
            self.assertEqual(each, slots.load(self.instance))
            values = self.instance.system_metadata.values()
            self.assertLessEqual(max(map(len, values)), 255)
        self.assertEqual(2, len(self.instance.system_metadata))
        self.assertIn('system_metadata', self.instance.obj_what_changed())

    def test_no_change(self) -> None:
        slots.store(self.instance, MAP)
        self.instance.obj_reset_changes()
        self.assertFalse(slots.store(self.instance, MAP))
        self.assertEqual(set(), self.instance.obj_what_changed())

    def test_none(self) -> None:
        self.assertIsNone(slots.load(self.instance))
        self.assertEqual(slots.SlotMap(), slots.known(self.instance))

    def test_unreadable_one_is_no_reason_to_fail_and_stays(self) -> None:
        self.instance.system_metadata['powervm_slots_0'] = '{"v":9'
        self.assertEqual(slots.SlotMap(), slots.known(self.instance))
        changed = slots.update(
            self.instance, lambda found: found.with_adapters({'m': 4})
        )
        self.assertFalse(changed)
        self.assertEqual(
            '{"v":9', self.instance.system_metadata['powervm_slots_0']
        )

    def test_update(self) -> None:
        for slot, changed in ((4, True), (4, False)):
            done = slots.update(
                self.instance, lambda found: found.with_adapters({'m': 4})
            )
            self.assertEqual(changed, done)
            found = slots.known(self.instance)
            self.assertEqual(slot, found.adapters['m'])
