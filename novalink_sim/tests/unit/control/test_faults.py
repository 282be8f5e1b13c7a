# SPDX-License-Identifier: Apache-2.0
"""Tests of fault rules."""

import testtools

from novalink_sim.control import faults

LPAR = '/rest/api/uom/LogicalPartition/{}'


def target(
    method: str = 'POST', path: str = LPAR, operation: str | None = None
) -> faults.Target:
    """Return a request."""
    real = path.replace('{}', 'AB')
    return faults.Target('host1', method, real, path, operation)


class FaultSetTest(testtools.TestCase):
    """Which request is hit."""

    def setUp(self) -> None:
        super().setUp()
        self.set = faults.FaultSet()

    def hits(self, count: int, **kwargs: str) -> list[bool]:
        picks = [self.set.pick(target(**kwargs)) for _ in range(count)]
        return [pick is not None for pick in picks]

    def test_nth_and_times(self) -> None:
        number = self.set.add(faults.http_500(nth=2, times=2))
        self.assertEqual([False, True, True, False], self.hits(4))
        self.assertEqual(2, self.set.hits(number))

    def test_for_ever(self) -> None:
        self.set.add(faults.http_500(times=None))
        self.assertEqual([True] * 3, self.hits(3))

    def test_path(self) -> None:
        self.set.add(faults.http_500(path=LPAR, times=None))
        self.assertEqual([True], self.hits(1))
        self.assertEqual([False], self.hits(1, path=LPAR + '/do/PowerOn'))
        self.set.clear()
        self.set.add(faults.http_500(path=LPAR.replace('{}', 'ab')))
        self.assertEqual([True], self.hits(1))

    def test_operation_and_method(self) -> None:
        self.set.add(faults.http_500(operation='PowerOn', method='PUT'))
        self.assertEqual([False], self.hits(1, operation='PowerOn'))
        self.assertEqual(
            [True], self.hits(1, operation='PowerOn', method='PUT')
        )

    def test_from_a_write_on(self) -> None:
        self.set.add(faults.drop_before(writes=True, nth=2, times=None))
        self.assertEqual([False], self.hits(1))
        self.assertEqual([False] * 2, self.hits(2, method='GET'))
        self.assertEqual(
            [False], self.hits(1, method='PUT', path='/rest/api/web/Logon')
        )
        self.assertEqual([True] * 2, self.hits(2, method='DELETE'))

    def test_first_rule_wins_but_all_count(self) -> None:
        self.set.add(faults.http_500())
        self.set.add(faults.etag_412(nth=2))
        first, second = self.set.pick(target()), self.set.pick(target())
        assert first is not None and second is not None
        self.assertEqual((500, 412), (first.status, second.status))

    def test_clear_one(self) -> None:
        number = self.set.add(faults.http_500(times=None))
        self.set.add(faults.drop_after(times=None))
        self.set.clear(number)
        self.assertEqual(1, len(self.set.describe()))

    def test_bad_rules(self) -> None:
        self.assertRaises(ValueError, faults.FaultRule)
        self.assertRaises(
            ValueError, faults.FaultRule.from_dict, {'verb': 'GET'}
        )
        self.assertRaises(
            ValueError, faults.FaultRule.from_dict, {'drop': 'sometimes'}
        )

    def test_bad_values(self) -> None:
        for wrong in (
            {'nth': 'x'},
            {'nth': 0},
            {'times': 0},
            {'times': True},
            {'status': '500'},
            {'status': 99},
            {'delay': 'x'},
            {'delay': -1},
            {'path': 3},
            {'writes': 'yes'},
        ):
            self.assertRaises(
                ValueError,
                faults.FaultRule.from_dict,
                {'status': 500} | wrong,
            )

    def test_busy_text(self) -> None:
        message = faults.vios_busy().message or ''
        self.assertIn('VIOS', message)
        self.assertIn('is busy processing some other request', message)
