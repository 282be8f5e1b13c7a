# SPDX-License-Identifier: Apache-2.0
from typing import Any

import testtools

from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import fibre_paths

ONE = '10:00:00:90:FA:00:00:01'
TWO = '10000090fa000002'
TARGETS = ['5005076801000001', '5005076801000002']


def paths(*wwpns: str, **data: Any) -> list[tuple[str, str, str]]:
    volume = base.Volume('volume-1', 'fibre_channel', data)
    return [
        (itl.initiator[-1], itl.target[-1], itl.lun)
        for itl in fibre_paths.itls(volume, wwpns)
    ]


class FibrePathsTest(testtools.TestCase):
    def test_zones(self) -> None:
        zoned: Any = {'10000090FA000001': TARGETS[:1], TWO: TARGETS}
        data: dict[str, Any] = {
            'initiator_target_map': zoned,
            'target_lun': 1,
        }
        one = '1000000000000'
        self.assertEqual([('1', '1', one)], paths(ONE, **data))
        self.assertEqual(
            [('2', '1', one), ('2', '2', one)], paths(TWO, **data)
        )
        self.assertEqual([], paths('10000090fa000003', **data))

    def test_no_zones(self) -> None:
        """Without a map every port may reach all targets."""
        data: dict[str, Any] = {
            'target_wwn': TARGETS[0].upper(),
            'target_lun': '0',
        }
        self.assertEqual([('1', '1', '0' * 13)], paths(ONE, **data))
        data = {'target_wwn': TARGETS, 'target_lun': 10}
        ten = 'a000000000000'
        self.assertEqual(
            [('1', '1', ten), ('1', '2', ten)], paths(ONE, **data)
        )

    def test_number_at_each_target(self) -> None:
        """An array may give a LUN another number at each port."""
        data: dict[str, Any] = {
            'target_wwns': TARGETS,
            'target_luns': [1, 2],
            'target_lun': 1,
        }
        self.assertEqual(
            [('1', '1', '1000000000000'), ('1', '2', '2000000000000')],
            paths(ONE, **data),
        )

    def test_one_number_for_all(self) -> None:
        data: dict[str, Any] = {'target_wwns': TARGETS, 'target_luns': [2]}
        self.assertEqual(['2', '2'], [n[0] for *_, n in paths(ONE, **data)])

    def test_targets_that_are_named_twice(self) -> None:
        """Numbers go with the ports as Cinder lists them."""
        one, two = TARGETS
        data: dict[str, Any] = {
            'target_wwn': [one, one, two],
            'target_luns': [1, 1, 2],
            'target_lun': 1,
        }
        found = {target: lun[0] for _, target, lun in paths(ONE, **data)}
        self.assertEqual({'1': '1', '2': '2'}, found)

    def test_what_does_not_go_together(self) -> None:
        """No number stands in for others that nobody told."""
        for luns, targets in (([1, 2, 3], TARGETS), ([1, 2], TARGETS[:1] * 2)):
            volume = base.Volume(
                'volume-1',
                'fibre_channel',
                {
                    'target_wwn': targets,
                    'target_luns': luns,
                    'target_lun': 1,
                },
            )
            error = self.assertRaises(
                base.VolumeRefused, fibre_paths.check, volume
            )
            self.assertIn(f'LUNs {luns} at target ports {targets}', str(error))

    def test_too_little(self) -> None:
        """Cinder has to tell the number and the targets, and well."""
        for data in (
            {},
            {'target_wwn': TARGETS},
            {'target_lun': 1},
            {'target_wwn': TARGETS, 'target_lun': 'x'},
            {'initiator_target_map': {}, 'target_lun': 1},
            {'initiator_target_map': [TWO], 'target_lun': 1},
            {'target_wwn': [None], 'target_lun': 1},
            {'target_wwn': 5, 'target_lun': 1},
            {
                'target_wwn': TARGETS,
                'target_lun': 1,
                'initiator_target_map': {TWO: [None]},
            },
        ):
            volume = base.Volume('volume-1', 'fibre_channel', data)
            text = str(
                self.assertRaises(
                    base.VolumeRefused, fibre_paths.check, volume
                )
            )
            self.assertIn('volume-1', text)
