# SPDX-License-Identifier: Apache-2.0
"""What partitions boot from."""

from typing import Any

from novalink_sim.model import boot
from novalink_sim.model import partition
from novalink_sim.model import power
from novalink_sim.tests.unit.model import base


class BootTest(base.ModelCase):
    """Firmware that looks for a system."""

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.lpar()

    def system_disk(self, name: str, **where: Any) -> Any:
        """Map a disk that holds a system."""
        disk = self.disk(name)
        disk.file.write_bytes(b'a boot record')
        return self.map(self.guest, disk, **where)

    def booted(self, **start: Any) -> str | None:
        """Start the partition; tell the name of what it booted from."""
        power.power_off(self.guest)
        power.begin_start(self.guest, **start)
        power.complete_start(self.guest)
        found = self.guest.booted_from
        return found and str(found.name)

    def path(self, mapping: Any) -> str:
        return boot.device_path(mapping.bus.client_slot, mapping.device.lua)

    def test_lowest_slot_wins(self) -> None:
        self.system_disk('late', client_slot=9)
        self.system_disk('early', client_slot=3)
        self.assertEqual('early', self.booted())

    def test_lowest_address_wins_on_a_bus(self) -> None:
        first = self.system_disk('later', lua='0x8400000000000000')
        udid = first.bus.udid
        lua = '0x8300000000000000'
        self.system_disk('sooner', server_udid=udid, lua=lua)
        self.assertEqual('sooner', self.booted())
        source = self.guest.booted_from
        self.assertEqual(
            (self.vios.name, first.bus.client_slot, lua, 'disk'),
            (source.vios, source.slot, source.lua, source.kind),
        )

    def test_blank_disks_are_passed_over(self) -> None:
        self.map(self.guest, self.disk('old_bytes'), client_slot=2)
        zeros = self.disk('zeros')
        zeros.file.write_bytes(bytes(1024))
        self.map(self.guest, zeros, client_slot=3)
        self.system_disk('system', client_slot=4)
        self.assertEqual('system', self.booted())

    def test_medium_boots_with_a_boot_record_only(self) -> None:
        plain = self.media('config')
        plain.file.write_bytes(b'CD001')
        self.map(self.guest, plain)
        self.assertIsNone(self.booted())
        installer = self.media('installer')
        image = bytes(17 * 2048 + 7) + b'EL TORITO SPECIFICATION'
        installer.file.write_bytes(image)
        self.map(self.guest, installer)
        self.assertEqual('installer', self.booted())

    def test_ibmi_is_loaded_from_the_source_that_is_designated(self) -> None:
        self.guest.type = 'OS400'
        disk = self.system_disk('system', client_slot=3)
        installer = self.media('installer')
        image = bytes(17 * 2048 + 7) + b'EL TORITO SPECIFICATION'
        installer.file.write_bytes(image)
        self.map(self.guest, installer, server_udid=disk.bus.udid)
        self.guest.tagged_io = partition.TaggedIO('3', '3')
        for source, name in (('b', 'system'), ('d', 'installer')):
            self.guest.ipl_source = source
            self.assertEqual(name, self.booted())
        self.guest.tagged_io = partition.TaggedIO('3', 'NONE')
        self.assertIsNone(self.booted())

    def test_boot_string_names_the_device(self) -> None:
        self.system_disk('disk1', client_slot=3)
        second = self.system_disk('disk2', client_slot=0x1A)
        self.assertEqual('disk2', self.booted(boot_string=self.path(second)))
        self.assertEqual('disk1', self.booted())

    def test_boot_string_may_be_kept(self) -> None:
        self.switch_to(boot_string='kept')
        self.system_disk('disk1', client_slot=3)
        second = self.system_disk('disk2', client_slot=4)
        self.booted(boot_string=self.path(second))
        self.assertEqual('disk2', self.booted())

    def test_boot_string_is_a_list(self) -> None:
        blank = self.map(self.guest, self.disk('blank'))
        good = self.system_disk('good')
        text = f'{self.path(blank)} {self.path(good)}'
        self.assertEqual('good', self.booted(boot_string=text))

    def test_boot_string_to_nowhere_ends_in_the_firmware(self) -> None:
        self.system_disk('system')
        path = boot.device_path(40, '0x8100000000000000')
        self.assertIsNone(self.booted(boot_string=path))
        self.assertEqual(
            ('open firmware', power.NOTHING_CODE),
            (self.guest.state, self.guest.reference_code),
        )

    def test_nothing_to_boot_from(self) -> None:
        self.assertIsNone(self.booted())
        self.assertEqual('running', self.guest.state)
        self.switch_to(blank_boot='firmware')
        self.assertIsNone(self.booted())
        self.assertEqual('open firmware', self.guest.state)

    def test_vios_without_power_gives_nothing(self) -> None:
        self.system_disk('system')
        power.power_off(self.vios)
        self.assertIsNone(self.booted())

    def test_only_what_runs_has_booted(self) -> None:
        self.system_disk('system')
        for end in (power.power_off, self.crash):
            self.assertEqual('system', self.booted())
            end(self.guest)
            self.assertIsNone(self.guest.booted_from)
        self.booted(boot_mode='System_Management_Services')
        self.assertIsNone(self.guest.booted_from)

    def crash(self, guest: Any) -> None:
        power.force_state(guest, 'error')
