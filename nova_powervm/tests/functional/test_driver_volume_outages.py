# SPDX-License-Identifier: Apache-2.0
"""Volumes of a VIOS that was down while their servers gave them up."""

from nova_powervm.tests.functional import fc_volumes


class OutageTest(fc_volumes.VscsiTest):
    """vios2 is down, and still maps what storage takes for free."""

    def test_address_goes_to_another_tenant(self) -> None:
        """From then on the first one must see nothing at it."""
        volume = self.attached()
        ports = self.driver.get_volume_connector(self.guest)['wwpns']
        self.fc.operate('set-rmc', partition='vios2', state='inactive')
        self.fc.detach(volume, self.guest)
        self.fc.withdraw(volume)
        other = self.other()
        theirs = self.fc.make(other, fc_volumes.OTHER)
        lun = volume.connection['data']['target_lun']
        self.assertEqual(lun, theirs.connection['data']['target_lun'])
        self.fc.attach(theirs, other)
        self.assertRaises(OSError, self.disk().read, 1)
        self.fc.operate('set-rmc', partition='vios2', state='active')
        # An event tells the driver, which does not wait to be asked.
        self.wait_for_collection()
        self.assertEqual([], self.fc.disks(self.guest))
        self.assertEqual(
            ports, self.driver.get_volume_connector(self.guest)['wwpns']
        )

    def test_server_is_removed_before_anybody_knows_of_it(self) -> None:
        """As a detach, the removal goes on without the VIOS."""
        self.attached()
        self.fc.vios('vios2').rmc_state = 'inactive'
        self.destroy(self.guest)
        self.assertEqual(1, len(self.left_over()))
        self.fc.operate('set-rmc', partition='vios2', state='active')
        self.wait_for_collection()
        self.assertEqual({'vios1': [], 'vios2': []}, self.fc.hdisks())
