# SPDX-License-Identifier: Apache-2.0
"""Names of logical units."""

import testtools

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.disk import poolnames
from nova_powervm.virt.powervm.disk import roles

DIGITS = '0123456789abcdef0123456789abcdef'
UUID = '01234567-89ab-cdef-0123-456789abcdef'


class DiskNameTest(testtools.TestCase):
    """Disks of instances."""

    def test_there_and_back(self) -> None:
        for name in (
            f'boot_{DIGITS}',
            f'boot_{DIGITS}_3',
            f'base_boot_{DIGITS}',
            f'swap_{DIGITS}',
            f'ephemeral_{DIGITS}',
            f'ephemeral12_{DIGITS}_1',
        ):
            parsed = poolnames.DiskName.parse(name)
            self.assertEqual(name, str(parsed))
            self.assertEqual(UUID, getattr(parsed, 'instance_uuid', None))
            self.assertLessEqual(len(name), 79)

    def test_of_others(self) -> None:
        for name in (
            'boot_web',
            f'boot_{DIGITS[:-1]}',
            f'root_{DIGITS}',
            f'boot_{DIGITS}_x',
            f'xboot_{DIGITS}',
        ):
            self.assertIsNone(poolnames.DiskName.parse(name))

    def test_key(self) -> None:
        instance = nova_objects.instance(uuid=UUID)
        for name, key in (
            (f'boot_{DIGITS}', roles.BOOT),
            (f'ephemeral2_{DIGITS}', roles.ephemeral(2)),
            (f'base_boot_{DIGITS}', None),
            ('boot_' + instance.name.replace('-', '_'), roles.BOOT),
            ('rescue_' + instance.name.replace('-', '_'), roles.RESCUE),
            (f'boot_{DIGITS[::-1]}', None),
        ):
            self.assertEqual(key, poolnames.key_of(instance, name), name)


class ImageNameTest(testtools.TestCase):
    """Images and claims of them."""

    def test_there_and_back(self) -> None:
        name = f'image_{DIGITS}_0badcafe'
        image = poolnames.ImageName.parse(name)
        self.assertEqual(poolnames.ImageName(UUID, '0badcafe'), image)
        self.assertEqual(name, str(image))
        name += f'_{DIGITS[:28]}'
        image = poolnames.ImageName.parse(name)
        self.assertEqual(
            poolnames.ImageName(UUID, '0badcafe', DIGITS[:28]), image
        )
        self.assertEqual(name, str(image))
        # NovaLink: the longest name of a logical unit.
        self.assertLessEqual(len(name), 79)
        self.assertFalse(poolnames.is_legacy_image(name))
        for beat in ('', '_17'):
            name = f'part0badcafeimage_{DIGITS}{beat}'
            claim = poolnames.ClaimName.parse(name)
            self.assertEqual(name, str(claim))

    def test_of_others(self) -> None:
        legacy = f'image_rhel_9_{DIGITS}'
        for parse in (poolnames.ImageName.parse, poolnames.ClaimName.parse):
            for name in (legacy, f'part0badcafe{legacy}', 'image_1'):
                self.assertIsNone(parse(name))
        self.assertTrue(poolnames.is_legacy_image(legacy))
        self.assertFalse(poolnames.is_legacy_image(f'image_{DIGITS}_0badcafe'))
        self.assertEqual(
            legacy, poolnames.legacy_claimed(f'part0badcafe{legacy}')
        )
