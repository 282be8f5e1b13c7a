# SPDX-License-Identifier: Apache-2.0
"""Storage keeps the address by which its partition knows it."""

import threading
from typing import Any

import fixtures
from pypowervm.wrappers import virtual_io_server as pvm_vios

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import objects
from nova_powervm.virt.powervm.vios import transactions
from novalink_sim.model import groups

GIB = intents.GIB
NAMES = ('b_one', 's_one', 'b_other', 'r_one')
BOOT, SWAP, OTHER, RESCUE = (
    intents.StorageRef('disk', name) for name in NAMES
)
POST = 'POST VirtualIOServer/{}'


class _AddressesTestCase(simulated.SimulatedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.tx = transactions.Transactions(self.client, gather=0.0)
        self.addCleanup(self.tx.close)
        self.target = self.vios_target
        self.lpar = self.create_lpar()
        group = self.group_target
        self.tx.run(group, *(intents.CreateDisk(n, GIB) for n in NAMES))

    def add(self, storage: intents.StorageRef, **more: Any) -> Any:
        lpar = more.pop('lpar', self.lpar)
        intent = intents.AddMapping(lpar.uuid, lpar.id, storage, **more)
        return self.tx.run(self.target, intent)[0]

    def remove(self, *storages: intents.StorageRef) -> Any:
        intent = intents.RemoveMappings(
            self.lpar.uuid, self.lpar.id, storages=storages or None
        )
        return self.tx.run(self.target, intent)[0]

    def again(self, item: intents.Located) -> intents.AddMapping:
        return intents.AddMapping(
            self.lpar.uuid,
            self.lpar.id,
            item.storage,
            slot=item.slot,
            lua=item.lua,
        )

    def addresses(self) -> dict[str, tuple[int, str]]:
        return {
            m.backing_storage.name: (
                m.client_adapter.lpar_slot_num,
                m.target_dev.lua,
            )
            for m in self.vios().scsi_mappings
        }


class RestoreTestCase(_AddressesTestCase):
    def test_one_of_several_on_an_adapter(self) -> None:
        boot = self.add(BOOT)
        self.add(SWAP)
        before = self.addresses()
        self.assertEqual(1, len({slot for slot, _lua in before.values()}))
        (freed,) = self.remove(BOOT)
        self.assertEqual((boot.slot, boot.lua), (freed.slot, freed.lua))
        self.assertEqual(self.target.uuid.upper(), freed.vios_uuid)
        # The address is free now, and is not to be given to this one.
        self.add(RESCUE, slot=freed.slot, lua='0x8500000000000000')
        (back,) = self.tx.run(self.target, self.again(freed))
        self.assertEqual((boot.slot, boot.lua), (back.slot, back.lua))
        self.assertEqual(before['s_one'], self.addresses()['s_one'])

    def test_adapter_that_had_gone(self) -> None:
        self.add(BOOT, slot=9)
        self.add(SWAP, slot=9)
        before = self.addresses()
        freed = self.remove()
        # Another partition, and the platform's own choice, in between.
        self.add(OTHER, lpar=self.create_lpar('other'))
        for item in freed:
            self.tx.run(self.target, self.again(item))
        after = self.addresses()
        self.assertEqual(before, {name: after[name] for name in before})

    def test_several_on_an_adapter_that_had_gone_at_once(self) -> None:
        self.add(BOOT, slot=9)
        self.add(SWAP, slot=9, lua='0x8700000000000000')
        before = self.addresses()
        freed = self.remove()
        self.forget_requests()
        self._merged(*(self.again(item) for item in freed))
        self.assertEqual(before, self.addresses())
        self.assertEqual(3, self.requests().count(POST))

    def _merged(self, *wanted: Any) -> None:
        """Have intents carried out together."""
        gate, real = threading.Event(), objects.read
        nothing = intents.AddMapping(self.lpar.uuid, self.lpar.id, RESCUE)

        def slow(adapter: Any, which: Any, groups: Any) -> Any:
            gate.wait(30)
            return real(adapter, which, groups)

        with fixtures.MonkeyPatch(f'{objects.__name__}.read', slow):
            futures = [self.tx.submit(self.target, nothing)]
            futures += [self.tx.submit(self.target, one) for one in wanted]
            gate.set()
            for future in futures:
                future.result(30)
        self.remove(RESCUE)

    def test_taken_address_is_refused(self) -> None:
        boot = self.add(BOOT)
        exc = self.assertRaises(
            errors.PlatformRefused,
            self.add,
            SWAP,
            slot=boot.slot,
            lua=boot.lua,
        )
        self.assertIn(boot.lua, str(exc))


class ReplaceTestCase(_AddressesTestCase):
    def replace(self, old: Any, new: Any) -> Any:
        intent = intents.ReplaceMapping(self.lpar.uuid, old, new)
        return self.tx.run(self.target, intent)[0]

    def test_same_address_with_one_write(self) -> None:
        boot = self.add(BOOT)
        self.add(SWAP)
        self.forget_requests()
        made = self.replace(BOOT, RESCUE)
        self.assertEqual(1, self.requests().count(POST))
        self.assertEqual((boot.slot, boot.lua), (made.slot, made.lua))
        self.assertTrue(made.added)
        self.assertEqual({'r_one', 's_one'}, set(self.addresses()))

    def test_only_one_on_its_adapter(self) -> None:
        boot = self.add(BOOT, slot=11)
        made = self.replace(BOOT, RESCUE)
        self.assertEqual((11, boot.lua), (made.slot, made.lua))

    def test_media_change_under_their_device(self) -> None:
        media = [self.media(name) for name in ('cfg_one', 'cfg_two')]
        first = self.add(media[0])
        device = self.device()
        made = self.replace(*media)
        self.assertEqual((first.slot, first.lua), (made.slot, made.lua))
        self.assertEqual(device, self.device())

    def device(self) -> str:
        (vios,) = self.model.vioses.values()
        ((device,),) = (bus.devices for bus in vios.buses)
        return str(device.target_udid)

    def media(self, name: str) -> intents.StorageRef:
        create = intents.CreateRepository('vopt', 1)
        self.tx.run(self.group_target, create)
        (vios,) = self.model.vioses.values()
        groups.add_media(vios.repositories[0], name, 0.01)
        return intents.StorageRef('media', name)

    def test_lost_reply_is_recognised(self) -> None:
        self.add(BOOT)
        self.fault(method='POST', drop='after')
        self.assertTrue(self.replace(BOOT, RESCUE).added)

    def test_once_more_changes_nothing(self) -> None:
        self.add(BOOT)
        self.replace(BOOT, RESCUE)
        self.forget_requests()
        self.assertFalse(self.replace(BOOT, RESCUE).added)
        self.assertEqual(0, self.requests().count(POST))

    def test_nothing_to_replace(self) -> None:
        exc = self.assertRaises(errors.NotFound, self.replace, BOOT, RESCUE)
        self.assertIn('b_one', str(exc))

    def test_new_storage_at_another_address(self) -> None:
        self.add(BOOT)
        self.add(RESCUE)
        before = self.addresses()
        self.assertRaises(errors.PlatformError, self.replace, BOOT, RESCUE)
        self.assertEqual(before, self.addresses())


class SeveralViosTestCase(simulated.SimulatedTestCase):
    PRESET = 'dual-vios'

    def test_each_vios_has_an_adapter_of_its_own(self) -> None:
        tx = transactions.Transactions(self.client, gather=0.0)
        self.addCleanup(tx.close)
        lpar = self.create_lpar()
        before = {}
        for vios in pvm_vios.VIOS.get(self.client.adapter):
            disk = intents.StorageRef('disk', f'b_{vios.id}')
            group = self.model.vioses[vios.uuid].groups[0]
            tx.run(
                intents.VolumeGroupTarget(vios.uuid, group.uuid),
                intents.CreateDisk(disk.name, GIB),
            )
            target = intents.ViosTarget(vios.uuid)
            add = intents.AddMapping(lpar.uuid, lpar.id, disk)
            before[target] = tx.run(target, add)[0]
        unmap = intents.RemoveMappings(lpar.uuid, lpar.id)
        freed = {target: tx.run(target, unmap)[0][0] for target in before}
        # In the other order, so that the platform would choose otherwise.
        for target, item in reversed(freed.items()):
            made = tx.run(
                target,
                intents.AddMapping(
                    lpar.uuid,
                    lpar.id,
                    item.storage,
                    slot=item.slot,
                    lua=item.lua,
                ),
            )[0]
            self.assertEqual(before[target].slot, made.slot)
            self.assertEqual(before[target].lua, made.lua)
        self.assertEqual(2, len({item.slot for item in freed.values()}))
