# SPDX-License-Identifier: Apache-2.0
from typing import Any

import testtools

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import exchange
from nova_powervm.virt.powervm.disk import layout
from nova_powervm.virt.powervm.disk import roles


def disk(key: roles.DiskKey, size_gb: float) -> base.Disk:
    size = round(size_gb * base.GIB)
    return base.Disk(str(key), None, size, 'vg', ('VIOS1',), key=key)


BOOT = disk(roles.BOOT, 2)
EPHEMERAL = disk(roles.ephemeral(0), 3)
SWAP = disk(roles.SWAP, 0.5)


BOOT_VOLUME: Any = {
    'ephemerals': [],
    'swap': {'device_name': '/dev/sdb', 'swap_size': 512},
    'block_device_mapping': [{'boot_index': 0}],
}


def devices(ephemeral: int = 0, swap: int = 0) -> Any:
    return {
        'ephemerals': [{'device_name': '/dev/sdb', 'size': ephemeral}]
        if ephemeral
        else [],
        'swap': {'device_name': '/dev/sdc', 'swap_size': swap}
        if swap
        else None,
        'block_device_mapping': [],
    }


class ExchangeTest(testtools.TestCase):
    def plan(
        self,
        old: dict[str, int],
        new: dict[str, int],
        *current: base.Disk,
    ) -> exchange.Exchange:
        sizes: Any = {'root_gb': 2}
        before = nova_objects.flavor(**{**sizes, **old})
        after = nova_objects.flavor(**{**sizes, **new})
        info = devices(old.get('ephemeral_gb', 0), old.get('swap', 0))
        return exchange.plan((BOOT, *current), before, after, info)

    def test_nothing_changes(self) -> None:
        sizes = {'ephemeral_gb': 3, 'swap': 512}
        self.assertFalse(self.plan(sizes, sizes, EPHEMERAL, SWAP))

    def test_what_differs_from_both_flavors_stays(self) -> None:
        # The retired driver gave its servers no such disks.
        sizes = {'ephemeral_gb': 3, 'swap': 512}
        found = self.plan(sizes, {**sizes, 'root_gb': 4})
        self.assertEqual([BOOT], [old for old, _new in found.replaced])
        self.assertEqual((), found.added)

    def test_growing(self) -> None:
        found = self.plan(
            {'ephemeral_gb': 3, 'swap': 512},
            {'root_gb': 4, 'ephemeral_gb': 6, 'swap': 1024},
            EPHEMERAL,
            SWAP,
        )
        self.assertEqual(
            [(BOOT, 4), (EPHEMERAL, 6), (SWAP, 1)],
            [(old, want.size_gb) for old, want in found.replaced],
        )
        self.assertEqual(
            [BOOT, EPHEMERAL, SWAP], [want.source for want in found.wanted]
        )
        self.assertEqual(((), ()), (found.added, found.removed))

    def test_new_disks(self) -> None:
        found = self.plan({}, {'ephemeral_gb': 6, 'swap': 1024})
        self.assertEqual(
            [(roles.ephemeral(0), None), (roles.SWAP, None)],
            [(want.key, want.source) for want in found.wanted],
        )

    def test_swap(self) -> None:
        self.assertFalse(self.plan({'swap': 512}, {'swap': 256}, SWAP))
        found = self.plan({'swap': 512}, {'swap': 0}, SWAP)
        self.assertEqual(((SWAP,), ()), (found.removed, found.wanted))

    def test_shrinking(self) -> None:
        cases: Any = (
            ({'root_gb': 4}, {'root_gb': 3}),
            ({'ephemeral_gb': 4}, {'ephemeral_gb': 3}),
        )
        for old, new in cases:
            sizes = [nova_objects.flavor(**size) for size in (old, new)]
            info = devices(old.get('ephemeral_gb', 0))
            error = self.assertRaises(
                layout.LayoutError, exchange.check, *sizes, info
            )
            self.assertIn('cannot shrink: the server has 4 GB', str(error))

    def test_disk_that_is_as_large_as_its_image(self) -> None:
        error = self.assertRaises(
            layout.LayoutError, self.plan, {'root_gb': 0}, {'root_gb': 1}
        )
        self.assertIn('cannot shrink: it has 2.0 GB', str(error))
        self.assertTrue(self.plan({'root_gb': 0}, {'root_gb': 3}))

    def test_flavors_that_concern_disks(self) -> None:
        old = nova_objects.flavor()
        for new, wanted, from_volume in (
            (nova_objects.flavor(memory_mb=4096), False, False),
            (nova_objects.flavor(root_gb=2), True, False),
            (nova_objects.flavor(swap=64), True, True),
            (nova_objects.flavor(ephemeral_gb=1), True, True),
        ):
            found = exchange.concerned(old, new, None)
            self.assertEqual(wanted, found)
            found = exchange.concerned(old, new, BOOT_VOLUME)
            self.assertEqual(from_volume, found)

    def test_root_disk_that_is_a_volume(self) -> None:
        """What flavors say of it does not matter."""
        old = nova_objects.flavor(root_gb=4, swap=512)
        new = nova_objects.flavor(root_gb=1, swap=1024)
        exchange.check(old, new, BOOT_VOLUME)
        found = exchange.plan((SWAP,), old, new, BOOT_VOLUME)
        self.assertEqual([roles.SWAP], [want.key for want in found.wanted])
        self.assertEqual((SWAP,), found.leaving)


class AnewTest(testtools.TestCase):
    def test_every_disk_is_another_one(self) -> None:
        twin = disk(roles.BOOT, 3)
        wanted = [
            base.Wanted(roles.BOOT, 2),
            base.Wanted(roles.SWAP, 0.5),
        ]
        found = exchange.anew((twin, BOOT, EPHEMERAL), wanted)
        ((old, new),) = found.replaced
        self.assertEqual((BOOT, None), (old, new.source))
        self.assertEqual(BOOT, new.earlier)
        self.assertEqual((wanted[1],), found.added)
        self.assertEqual((twin, EPHEMERAL), found.removed)
