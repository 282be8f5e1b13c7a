# SPDX-License-Identifier: Apache-2.0
from collections.abc import Sequence
from typing import Any

import testtools

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import layout
from nova_powervm.virt.powervm.disk import roles

IMAGE = base.ImageDisk('image', 'i_image', 'udid', base.GIB)
E0, E1, E2 = (roles.ephemeral(index) for index in range(3))


def devices(
    ephemerals: Sequence[tuple[str | None, int]] = (),
    swap: tuple[str | None, int] | None = None,
    **fields: Any,
) -> Any:
    """Block device mappings, as Nova gives them to a driver."""
    return {
        'ephemerals': [
            {'device_name': name, 'size': size, **fields}
            for name, size in ephemerals
        ],
        'swap': swap and {'device_name': swap[0], 'swap_size': swap[1]},
    }


def flavor(ephemeral: int = 0, swap: int = 0, root: int = 10) -> Any:
    """A flavor; swap in MB, the rest in GB."""
    return nova_objects.flavor(root_gb=root, ephemeral_gb=ephemeral, swap=swap)


class BlankTest(testtools.TestCase):
    def test_there_has_to_be_a_root_disk(self) -> None:
        layout.check_blank(flavor(root=1))
        error = self.assertRaises(
            layout.LayoutError, layout.check_blank, flavor(root=0)
        )
        self.assertIn('root disk of 0 GB', str(error))


def sizes(found: Sequence[base.Wanted]) -> list[tuple[roles.DiskKey, float]]:
    """What each disk is for, and its GB."""
    return [(want.key, want.size_gb) for want in found]


class WantedTest(testtools.TestCase):
    """Disks of an instance that is built."""

    def wanted(self, type_: Any, block_devices: Any) -> Any:
        """Ask for the disks beside the boot disk."""
        boot, *others = layout.wanted(type_, block_devices, IMAGE)
        self.assertEqual(base.Wanted(roles.BOOT, 10, IMAGE), boot)
        self.assertEqual([None] * len(others), [w.source for w in others])
        return sizes(others)

    def test_boot_disk_alone(self) -> None:
        self.assertEqual([], self.wanted(flavor(), devices()))
        self.assertEqual([], self.wanted(flavor(), {}))

    def test_order_is_that_of_the_device_names(self) -> None:
        found = self.wanted(
            flavor(30, 1536),
            devices(
                [('/dev/sdaa', 5), ('/dev/sdb', 10), ('/dev/sdd', 15)],
                ('/dev/sdc', 1536),
            ),
        )
        self.assertEqual(
            [(E0, 10), (roles.SWAP, 1.5), (E1, 15), (E2, 5)], found
        )

    def test_mappings_rule_over_the_flavor(self) -> None:
        found = self.wanted(flavor(30, 1024), devices([('/dev/sdb', 1)]))
        self.assertEqual([(E0, 1)], found)

    def test_swap_that_was_added_by_a_resize_has_no_name_yet(self) -> None:
        block_devices = devices([('/dev/sdb', 1)], (None, 512))
        found = self.wanted(flavor(1, 512), block_devices)
        self.assertEqual([(E0, 1), (roles.SWAP, 0.5)], found)

    def test_flavor_rules_without_mappings(self) -> None:
        found = self.wanted(flavor(30, 1024), None)
        self.assertEqual([(E0, 30), (roles.SWAP, 1)], found)

    def test_size_in_bytes(self) -> None:
        self.assertEqual(
            100 << 20, base.Wanted(roles.SWAP, 100 / 1024).size_bytes
        )

    def test_too_many(self) -> None:
        many = devices([(None, 1)] * (roles.MAX_EPHEMERALS + 1))
        error = self.assertRaises(
            layout.LayoutError, layout.wanted, flavor(99), many, IMAGE
        )
        self.assertIn('17 ephemeral disks are too many', str(error))

    def test_encryption_is_not_forgotten(self) -> None:
        secret = devices([('/dev/sdb', 1)], encrypted=True)
        error = self.assertRaises(
            layout.LayoutError, layout.wanted, flavor(1), secret, IMAGE
        )
        self.assertIn('cannot encrypt', str(error))


class ResizedTest(testtools.TestCase):
    """Disks of an instance that gets another flavor."""

    def resized(self, old: Any, new: Any, block_devices: Any) -> Any:
        """Ask for the disks beside the boot disk."""
        boot, *others = layout.resized(old, new, block_devices, None)
        self.assertEqual(base.Wanted(roles.BOOT, new.root_gb), boot)
        return sizes(others)

    def test_the_flavors_ephemeral_disk_grows(self) -> None:
        found = self.resized(
            flavor(10), flavor(20, root=15), devices([('/dev/sdb', 10)])
        )
        self.assertEqual([(E0, 20)], found)
        # When the mapping was updated and the operation is repeated.
        found = self.resized(
            flavor(10), flavor(20), devices([('/dev/sdb', 20)])
        )
        self.assertEqual([(E0, 20)], found)

    def test_what_the_user_chose_stays(self) -> None:
        for asked, wanted in (
            ([('/dev/sdb', 4)], [(E0, 4)]),
            ([('/dev/sdb', 4), ('/dev/sdc', 5)], [(E0, 4), (E1, 5)]),
        ):
            found = self.resized(flavor(10), flavor(20), devices(asked))
            self.assertEqual(wanted, found)

    def test_the_last_of_several_gets_what_there_is_more(self) -> None:
        split = devices([('/dev/sdc', 6), ('/dev/sdb', 4)])
        found = self.resized(flavor(10), flavor(20), split)
        self.assertEqual([(E0, 4), (E1, 16)], found)
        # When the mappings were updated and the operation is repeated.
        split = devices([('/dev/sdc', 16), ('/dev/sdb', 4)])
        found = self.resized(flavor(10), flavor(20), split)
        self.assertEqual([(E0, 4), (E1, 16)], found)

    def test_a_first_ephemeral_disk(self) -> None:
        found = self.resized(flavor(), flavor(20), devices())
        self.assertEqual([(E0, 20)], found)

    def test_ephemeral_disks_do_not_shrink(self) -> None:
        for old, new, block_devices in (
            (flavor(10), flavor(5), devices([('/dev/sdb', 10)])),
            (flavor(10), flavor(), devices([('/dev/sdb', 10)])),
            (
                flavor(10),
                flavor(5),
                devices([('/dev/sdb', 3), ('/dev/sdc', 3)]),
            ),
            (
                flavor(10),
                flavor(9),
                devices([('/dev/sdb', 4), ('/dev/sdc', 6)]),
            ),
        ):
            error = self.assertRaises(
                layout.LayoutError,
                layout.resized,
                old,
                new,
                block_devices,
                None,
            )
            self.assertIn('cannot shrink', str(error))

    def test_swap_follows_the_flavor(self) -> None:
        for old, new, before, after in (
            (1024, 2048, ('/dev/sdb', 1024), [(roles.SWAP, 2)]),
            (1024, 512, ('/dev/sdb', 1024), [(roles.SWAP, 0.5)]),
            (1024, 0, ('/dev/sdb', 1024), []),
            (0, 1024, None, [(roles.SWAP, 1)]),
            # As Nova has changed it when it asks for the new server.
            (0, 1024, (None, 1024), [(roles.SWAP, 1)]),
            # The user's own size stays with the flavor's.
            (1024, 1024, ('/dev/sdb', 256), [(roles.SWAP, 0.25)]),
        ):
            found = self.resized(
                flavor(0, old), flavor(0, new), devices((), before)
            )
            self.assertEqual(after, found)
