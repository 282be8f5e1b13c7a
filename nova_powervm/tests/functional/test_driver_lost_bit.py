# SPDX-License-Identifier: Apache-2.0
"""Two instances whose uuids differ only in the bit that partitions lose."""

from nova import exception

from nova_powervm.tests.functional import driver_base


class TestLostBit(driver_base.DriverTest):
    """The platform cannot hold both; the one that is there is left alone."""

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.spawn()
        uuid = self.guest.uuid
        self.other = self.instance(uuid=f'{int(uuid[0], 16) ^ 8:x}{uuid[1:]}')
        self.before = self.host.state('host1')

    def test_destroy_of_the_other_changes_nothing(self) -> None:
        self.destroy(self.other)
        self.assert_unchanged()

    def test_the_other_is_not_found(self) -> None:
        self.assertRaises(
            exception.InstanceNotFound, self.driver.get_info, self.other
        )
        self.assertFalse(self.driver.instance_exists(self.other))
        self.assertTrue(self.driver.instance_exists(self.guest))

    def test_build_of_the_other_fails_and_changes_nothing(self) -> None:
        self.failure(exception.NovaException, self.other)
        self.assert_unchanged()
