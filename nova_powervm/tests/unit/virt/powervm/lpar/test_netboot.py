# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.netboot."""

from typing import Any

import testtools
from nova.network import model

from nova_powervm.virt.powervm.lpar import guests
from nova_powervm.virt.powervm.lpar import netboot
from nova_powervm.virt.powervm.lpar import specs

WANTED = {
    'boot_mode': 'netboot',
    'netboot_server': '192.0.2.1',
    'netboot_directory': '/ibmi',
}


def port(address: str, cidr: str, gateway: str | None) -> Any:
    """A port with one fixed address."""
    subnet = model.Subnet(
        cidr=cidr,
        gateway=gateway and model.IP(address=gateway),
        ips=[model.FixedIP(address=address)],
    )
    return model.VIF(network=model.Network(subnets=[subnet], mtu=1450))


class NetbootTestCase(testtools.TestCase):
    """Installation of IBM i over the network."""

    def check(self, values: dict[str, str], env: str = 'OS400') -> None:
        netboot.check(specs.Specs(specs.PREFIX, values), env)

    def refused(self, values: dict[str, str], env: str = 'OS400') -> str:
        return str(
            self.assertRaises(specs.FlavorError, self.check, values, env)
        )

    def params(self, values: dict[str, str], *ports: Any) -> dict[str, str]:
        return netboot.params(specs.Specs(specs.PREFIX, values), ports)

    def test_what_fits_together(self) -> None:
        self.check(WANTED)
        self.check({})
        self.check({'boot_mode': 'sms'}, guests.AIX_LINUX)

    def test_other_guests_have_a_menu(self) -> None:
        self.assertIn('boot_mode=sms', self.refused(WANTED, guests.AIX_LINUX))

    def test_all_three_belong_together(self) -> None:
        for key in netboot.KEYS:
            rest = {k: v for k, v in WANTED.items() if k != key}
            self.assertIn(f'powervm:{key} has to be set', self.refused(rest))
            self.assertIn('only', self.refused({key: WANTED[key]}))

    def test_directory_that_xml_cannot_hold(self) -> None:
        for path in ('/a\0', '/a\x01b', '/a\n', '/\ud800'):
            values = {**WANTED, 'netboot_directory': path}
            self.assertIn('printable', self.refused(values))

    def test_bad_values(self) -> None:
        for key in netboot.KEYS:
            text = self.refused({**WANTED, key: 'there'})
            self.assertIn(f'powervm:{key}=there', text)

    def test_address_of_the_servers_kind(self) -> None:
        six = port('2001:db8::9', '2001:db8::/64', '2001:db8::fe')
        four = port('192.0.2.9', '192.0.2.0/24', None)
        self.assertEqual(
            {
                'OperationType': 'netboot',
                'IPAddress': '192.0.2.9',
                'ServerIPAddress': '192.0.2.1',
                'Gateway': '192.0.2.1',
                'SubnetMask': '255.255.255.0',
                'IBMiImageServerDirectory': '/ibmi',
                'MaximumTransmissionUnit': '1450',
            },
            self.params(WANTED, six, four),
        )
        found = self.params({**WANTED, 'netboot_server': '2001:db8::1'}, six)
        self.assertEqual('2001:db8::fe', found['Gateway'])
        self.assertNotIn('SubnetMask', found)

    def test_no_such_address(self) -> None:
        six = port('2001:db8::9', '2001:db8::/64', None)
        for ports in ((), (six,)):
            exc = self.assertRaises(
                specs.FlavorError, self.params, WANTED, *ports
            )
            self.assertIn('no port of the server has', str(exc))
