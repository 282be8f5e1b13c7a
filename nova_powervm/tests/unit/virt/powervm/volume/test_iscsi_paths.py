# SPDX-License-Identifier: Apache-2.0
from typing import Any

import testtools

from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import iscsi_paths

ONE: dict[str, Any] = {
    'target_portal': '10.0.0.1:3260',
    'target_iqn': 'iqn.a',
    'target_lun': 1,
}
TWO: dict[str, Any] = {
    'target_portals': ['10.0.0.1:3260', '[2001:db8::1]:3260'],
    'target_iqns': ['iqn.a', 'iqn.b'],
    'target_luns': [1, 2],
}


class PathsTestCase(testtools.TestCase):
    def _paths(self, **data: Any) -> list[tuple[str, str, int]]:
        volume = base.Volume('vol', 'iscsi', data)
        return [
            (path.portal, path.iqn, path.lun)
            for path in iscsi_paths.paths(volume)
        ]

    def test_one(self) -> None:
        self.assertEqual([('10.0.0.1:3260', 'iqn.a', 1)], self._paths(**ONE))
        # LUN 0 is as good as any other; some of Cinder's drivers send text.
        for lun, number in ((0, 0), ('7', 7)):
            (path,) = self._paths(**(ONE | {'target_lun': lun}))
            self.assertEqual(number, path[2])

    def test_lists_go_first(self) -> None:
        self.assertEqual(
            [
                ('10.0.0.1:3260', 'iqn.a', 1),
                ('[2001:db8::1]:3260', 'iqn.b', 2),
            ],
            self._paths(**ONE, **TWO),
        )

    def test_one_target_at_several_portals(self) -> None:
        portals = {'target_portals': TWO['target_portals']}
        self.assertEqual(
            ['iqn.a', 'iqn.a'], [p[1] for p in self._paths(**ONE, **portals)]
        )

    def test_same_path_twice(self) -> None:
        twice = {key: value[:1] * 2 for key, value in TWO.items()}
        self.assertEqual(1, len(self._paths(**twice)))

    def test_what_cannot_be_used(self) -> None:
        for data in (
            {},
            {**ONE, 'target_portal': None},
            {**ONE, 'target_lun': None},
            {**ONE, 'target_lun': -1},
            {**ONE, 'target_lun': 'one'},
            {**ONE, 'target_iqn': 'iqn.a,iqn.b'},
            {**ONE, 'target_portal': '10.0.0.1 3260'},
            {**ONE, 'target_iqn': ''},
            {**TWO, 'target_luns': [1]},
            {**ONE, 'target_luns': {}},
            {**ONE, 'target_portal': 5},
            {**ONE, 'target_iqns': [None]},
        ):
            self.assertRaises(base.VolumeRefused, self._paths, **data)
