# SPDX-License-Identifier: Apache-2.0
"""The slot map tells what the platform has, and brings it back."""

from typing import Any

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.functional import driver_base
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.tasks import mapping
from nova_powervm.virt.powervm.vios import intents


class SlotMapTest(driver_base.DriverTest):
    """A server with a disk, a config drive and a port."""

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.spawn(self.instance(config_drive='True'))

    def lpar(self) -> Any:
        """The partition, out of the dump."""
        uuid = identity.lpar_uuid(self.guest.uuid)
        lpars = views.entries(self.host.dump('host1')['lpars'])
        (found,) = (item for item in lpars if item['uuid'] == uuid)
        return found

    def adapters(self) -> dict[str, int]:
        """Slots of the network adapters of the partition."""
        return {
            identity.mac_to_nova(item['mac']): item['slot']
            for item in self.lpar()['adapters']
        }

    def mapped(self) -> set[tuple[int, str]]:
        """Addresses of the storage of the partition."""
        return {
            (bus['client_slot'], device['lua'])
            for vios in views.entries(self.host.dump('host1')['vioses'])
            for bus in vios['buses']
            for device in bus['devices']
            if bus['lpar_uuid'] == identity.lpar_uuid(self.guest.uuid)
        }

    def noted(self) -> set[tuple[int, str | None]]:
        """Addresses of storage in the map."""
        entries = slots.known(self.guest).storage
        return {(e.address.slot, e.address.lua) for e in entries}

    def test_after_a_build(self) -> None:
        self.assertEqual(2, len(self.mapped()))
        self.assertEqual(self.mapped(), self.noted())
        self.assertEqual(self.adapters(), slots.known(self.guest).adapters)

    def test_after_changes_of_interfaces(self) -> None:
        (vif,) = nova_objects.network_info()
        self.driver.attach_interface(None, self.guest, None, vif)
        self.assertIn(vif['address'], slots.known(self.guest).adapters)
        self.assertEqual(self.adapters(), slots.known(self.guest).adapters)
        self.driver.detach_interface(None, self.guest, vif)
        self.assertEqual(self.adapters(), slots.known(self.guest).adapters)

    def test_storage_comes_back_where_it_was(self) -> None:
        before = self.mapped()
        self.driver.power_off(self.guest)
        lpar: Any = self.driver.host.cache.for_instance(self.guest)
        unmap = intents.RemoveMappings(lpar.uuid, lpar.id)
        for vios in self.driver.host.vios.active():
            self.driver.host.transactions.run(
                intents.ViosTarget(vios.uuid), unmap
            )
        self.assertEqual(set(), self.mapped())
        disks = self.driver.host.disk.find(self.guest)
        task = mapping.MapStorage(self.driver.host, restore=True)
        task.execute(self.guest, lpar, disks[::-1], (), None, None)
        self.assertLess(self.mapped(), before)

    def test_adapter_comes_back_where_it_was(self) -> None:
        lpar: Any = self.driver.host.cache.for_instance(self.guest)
        (vif,) = self.network_info
        before = self.adapters()
        self.driver.unplug_vifs(self.guest, [vif])
        (other,) = nova_objects.network_info()
        self.driver.host.vifs.plug(lpar, other, self.guest, slot=40)
        slot = before[vif['address']]
        self.driver.host.vifs.plug(lpar, vif, self.guest, slot=slot)
        self.assertEqual({**before, other['address']: 40}, self.adapters())

    def test_taken_slot_is_no_reason_to_fail(self) -> None:
        lpar: Any = self.driver.host.cache.for_instance(self.guest)
        (taken, *_rest) = self.adapters().values()
        (other,) = nova_objects.network_info()
        made = self.driver.host.vifs.plug(lpar, other, self.guest, slot=taken)
        self.assertNotEqual(taken, made.slot)
