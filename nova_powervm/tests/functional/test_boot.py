# SPDX-License-Identifier: Apache-2.0
"""A server boots from an image, with a config drive."""

import base64
import hashlib

from nova_powervm.tests.fixtures import iso
from nova_powervm.tests.fixtures import memory
from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base
from nova_powervm.virt.powervm import identity

USER_DATA = b'#cloud-config\nhostname: aix1\n'
MOTD = b'Welcome to POWER\n'


class TestBoot(base.FunctionalTest):
    """Boots with the simulated host in a process of its own."""

    HOSTS = ('host1',)

    def _platform(self) -> platform.Platform:
        return platform.Subprocess(self.PRESET)

    def setUp(self) -> None:
        super().setUp()
        self.neutron.vlans['host1'] = 2345
        self.image = self.glance.make(1)

    def boot_with_config_drive(self) -> base.Server:
        """Boot a server that has everything a config drive can hold."""
        motd = base64.b64encode(MOTD).decode()
        # Personality files left the API with microversion 2.57.
        self.api.microversion = '2.56'
        return self.boot(
            self.image,
            self.flavor(memory_mb=2048, vcpus=2, specs={'proc_units': '0.5'}),
            config_drive=True,
            metadata={'role': 'db'},
            user_data=base64.b64encode(USER_DATA).decode(),
            personality=[{'path': '/etc/motd', 'contents': motd}],
        )

    def test_lpar_is_what_the_flavor_says(self) -> None:
        server = self.boot_with_config_drive()
        lpar = self.platform.lpar('host1', server['id'])
        name = server['OS-EXT-SRV-ATTR:instance_name']
        self.assertEqual(name, lpar.name)
        self.assertEqual('running', lpar.state)
        self.assertEqual((2048, 2, 0.5), lpar.resources)

    @proof.proves('boot')
    def test_boot_disk_holds_the_image(self) -> None:
        self.image = self.glance.make(256)
        with memory.growth() as growth:
            server = self.boot_with_config_drive()
        lpar = self.platform.lpar('host1', server['id'])
        with open(lpar.boot_disk.path, 'rb') as disk:
            found = hashlib.sha256(disk.read(self.image.size))
        self.assertEqual(self.image.sha256, found.hexdigest())
        self.assertEqual(1 << 30, lpar.boot_disk.size)
        self.assertLess(growth.peak, 64)

    def test_adapter_has_mac_and_vlan_of_the_port(self) -> None:
        server = self.boot_with_config_drive()
        mac = self.neutron.port_of(server['id'])['mac_address']
        adapters = self.platform.lpar('host1', server['id']).adapters
        self.assertEqual(2345, adapters[mac])

    @proof.proves('config drive')
    def test_config_drive_holds_what_the_user_gave(self) -> None:
        server = self.boot_with_config_drive()
        lpar = self.platform.lpar('host1', server['id'])
        drive = iso.ConfigDrive(lpar.config_drive.path)
        meta = drive.json('meta_data.json')
        # The guest sees the uuid that the platform gave to its partition.
        uuid = identity.lpar_uuid(server['id']).lower()
        self.assertEqual(uuid, meta['uuid'])
        self.assertEqual({'role': 'db'}, meta['meta'])
        self.assertEqual(USER_DATA, drive.read('openstack/latest/user_data'))
        self.assertEqual(MOTD, drive.personality('/etc/motd'))
        port = self.neutron.port_of(server['id'])
        links = drive.json('network_data.json')['links']
        macs = {link['ethernet_mac_address'] for link in links}
        self.assertIn(port['mac_address'], macs)
