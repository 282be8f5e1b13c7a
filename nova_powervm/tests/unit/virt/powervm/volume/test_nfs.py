# SPDX-License-Identifier: Apache-2.0
"""What Cinder may tell of an NFS volume.

What happens with it is tested in functional/test_driver_volume_files.py.
"""

import types
from typing import Any

import testtools

from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import nfs

GOOD = {'export': 'filer1:/export', 'name': 'volume-1', 'format': 'raw'}


class CheckTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        settings = types.SimpleNamespace(
            host_root='/nowhere',
            nfs_mount_point_base='/mnt',
            nfs_mount_options='',
        )
        parts: Any = types.SimpleNamespace(settings=settings)
        self.nfs = nfs.NfsVolume(parts)

    def check(self, **data: Any) -> None:
        known = {k: v for k, v in (GOOD | data).items() if v is not None}
        self.nfs.check(base.Volume('id', 'nfs', known))

    def refused(self, **data: Any) -> str:
        return str(
            self.assertRaises(base.VolumeRefused, lambda: self.check(**data))
        )

    def test_exports(self) -> None:
        for good in (
            'filer1:/',
            'filer-1.example.com:/export/cinder',
            '192.0.2.7:/export',
            '[2001:db8::7]:/export',
        ):
            self.check(export=good)
        wrong: tuple[Any, ...] = (
            None,
            '',
            '/export',
            'filer1',
            'filer1:export',
            ':/export',
            '-o:/export',
            'filer1:/ex port',
            'filer1:/export\n',
        )
        for export in wrong:
            self.assertIn('like host:/path', self.refused(export=export))
        self.assertIn('not a text', self.refused(export=['filer1:/export']))

    def test_names(self) -> None:
        self.check(name='volume-1 of somebody')
        for name in (None, '', '.', '..', 'a/b', '/a', 'a\nb', 'a\0'):
            self.assertIn('name of a file', self.refused(name=name))
        self.assertIn('not a text', self.refused(name=7))

    def test_options(self) -> None:
        for options in (None, '', '-o vers=4.1,rw', 'nolock', ' -overs=3 '):
            self.check(options=options)
        for options in ('-t xfs', '-o a -o b', '-o', 'a b', '--bind', 'a;b'):
            self.assertIn('no options', self.refused(options=options))

    def test_formats(self) -> None:
        self.check(format=None)
        for form in ('qcow2', 'vmdk'):
            self.assertIn(form, self.refused(format=form))
