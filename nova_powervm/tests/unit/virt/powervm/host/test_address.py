# SPDX-License-Identifier: Apache-2.0
import fixtures
import testtools

from nova_powervm.virt.powervm.host import address

# For documentation only (RFC 5737 and 3849): no host has them.
NOBODY = ('192.0.2.1', '2001:db8::1')


class AddressTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())

    def test_own(self) -> None:
        address.check('127.0.0.1')
        self.assertEqual('', self.log.output)

    def test_of_others(self) -> None:
        for number in NOBODY:
            address.check(number)
            self.assertIn(f'my_ip = {number}', self.log.output)
