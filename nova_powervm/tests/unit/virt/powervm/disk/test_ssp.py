# SPDX-License-Identifier: Apache-2.0
"""No disk in a pool shows what an earlier owner has written."""

from typing import Any

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import waits
from nova_powervm.tests.unit.virt.powervm.disk import poolcase
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import roles
from novalink_sim.model import extents

LITTLE = 0.03125
"""GB of the smallest disks: writing zeros takes its time."""


class OldBytesTest(poolcase.PoolCase):
    """Thick disks, in a pool which may or may not clear them by itself."""

    OPTIONS = {'ssp_thin_disks': False}

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(waits.QuickWaits())
        self.guest = self.instance()
        self.source = self.image(megabytes=1)

    def again(self, clear: str) -> None:
        """Start the service with other options."""
        self.conf.config(group='powervm', volume_clear=clear)
        self.adapter = self.on('host1')

    def create(
        self, key: roles.DiskKey, size_gb: float, source: Any = None
    ) -> base.Disk:
        """Make a disk."""
        want = base.Wanted(key, size_gb, source)
        (disk,) = self.adapter.create(self.guest, [want])
        return disk

    def all_kinds(self) -> dict[str, base.Disk]:
        """Make disks in all ways that there are, by what they are."""
        image = self.adapter.ensure_image(
            self.context,
            nova_objects.image_meta(self.source),
            instance=self.guest,
        )
        found = {
            'whole image': self.create(roles.ephemeral(1), 0, image),
            'image and more': self.create(roles.BOOT, LITTLE, image),
            'blank': self.create(roles.SWAP, LITTLE),
            'blank to grow': self.create(roles.ephemeral(0), LITTLE),
        }
        found['grown'] = self.create(
            roles.BOOT, 2 * LITTLE, found['image and more']
        )
        found['grown from blank'] = self.create(
            roles.ephemeral(0), 2 * LITTLE, found['blank to grow']
        )
        return found

    def dirty(self, disks: dict[str, base.Disk]) -> set[str]:
        """Tell which disks show an earlier owner's bytes."""
        found = set()
        for name, disk in disks.items():
            with open(self.pool.find(disk.udid).file, 'rb') as file:
                if extents.EARLIER_OWNER in file.read():
                    found.add(name)
        return found

    def thick(self, disks: dict[str, base.Disk]) -> set[str]:
        """Tell which disks are thick."""
        return {
            name
            for name, disk in disks.items()
            if not self.pool.find(disk.udid).thin
        }

    def test_the_platform_does_not_clear(self) -> None:
        self.again('zero')
        disks = self.all_kinds()
        self.assertEqual(set(), self.dirty(disks))
        self.assertEqual(
            {'whole image', 'blank', 'blank to grow'}, self.thick(disks)
        )
        # The image, and the blank disks.
        self.assertEqual(3, self.uploads())

    def test_the_platform_clears(self) -> None:
        """Then everything is as thick as the operator wants it."""
        self.again('none')
        with self.switched(unit_dirty='never'):
            disks = self.all_kinds()
        self.assertEqual(set(), self.dirty(disks))
        self.assertEqual(set(disks), self.thick(disks))
        self.assertEqual(1, self.uploads())

    def test_nobody_clears(self) -> None:
        self.again('none')
        disks = self.all_kinds()
        self.assertEqual(set(disks) - {'whole image'}, self.dirty(disks))
