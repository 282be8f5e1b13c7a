# SPDX-License-Identifier: Apache-2.0
"""nova-compute dies while it rebuilds a server."""

from nova.compute import vm_states

from nova_powervm.tests.functional import dying
from nova_powervm.tests.functional import sweeps


class TestDyingRebuild(dying.DyingTest):
    """Nova puts the server in error; its user rebuilds or deletes it."""

    def setUp(self) -> None:
        super().setUp()
        self.other = self.harness.glance.make(1)

    def built(self) -> sweeps.Guest:
        """A running server with a config drive."""
        guest = self.spawn()
        guest.instance.vm_state = vm_states.ACTIVE
        return guest

    def rebuild(self, guest: sweeps.Guest) -> None:
        """Rebuild it from another image."""
        try:
            self.harness.rebuild(
                guest.instance, self.other, guest.network_info
            )
        except RuntimeError:
            # What is saved after death.
            return

    def again(self, guest: sweeps.Guest) -> None:
        """Rebuild the server once more, and delete it."""
        guest.instance.vm_state = vm_states.ERROR
        self.harness.rebuild(guest.instance, self.image, guest.network_info)
        lpar = self.host.lpar('host1', guest.instance.uuid)
        self.assertEqual('running', lpar.state)
        with open(lpar.boot_disk.path, 'rb') as disk:
            content = b''.join(self.image.chunks())
            self.assertEqual(content, disk.read(len(content)))
        # Its disk, and the two images.
        self.assertEqual(3, len(self.host.disks('host1')))
        self.destroy(guest)

    def test_rebuild_can_be_repeated(self) -> None:
        self.check(self.built, self.rebuild, self.again)


class TestDyingRebuildInPool(TestDyingRebuild):
    """The same, with disks in a shared storage pool."""

    PRESET = 'ssp-pair'
    OPTIONS = {'disk_driver': 'ssp', 'retry_attempts': 2}


class TestDeletion(TestDyingRebuild):
    """The server is deleted."""

    def again(self, guest: sweeps.Guest) -> None:
        """Delete the server."""
        self.destroy(guest)
