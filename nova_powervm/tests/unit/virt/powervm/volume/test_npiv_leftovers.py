# SPDX-License-Identifier: Apache-2.0
from oslo_concurrency import lockutils

from nova_powervm.tests.unit.virt.powervm.volume import case
from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import fibre
from nova_powervm.virt.powervm.volume import npiv_leftovers


class LeftoversTest(case.ConnectorTestCase):
    """Ports that a VIOS keeps because it was down."""

    def setUp(self) -> None:
        super().setUp()
        self.leftovers = npiv_leftovers.Leftovers(self.parts(host='host1'))
        self.set_rmc('vios2', 'inactive')
        gone = fibre.RemoveVfc(self.lpar.uuid, self.lpar.id)
        self.leftovers.note(self.instance.uuid, gone)
        self.set_rmc('vios2', 'active')

    def left(self) -> int:
        return len(self.journal.entries(journal.PORTS))

    def test_struck_out_once_they_are_removed(self) -> None:
        self.assertEqual(1, self.left())
        self.leftovers.collect()
        self.assertEqual(0, self.left())

    def test_not_while_somebody_works_on_the_instance(self) -> None:
        name = instances.lock_name('host1', self.instance.uuid)
        with lockutils.lock(name):
            self.leftovers.collect()
            self.assertEqual(1, self.left())
            self.leftovers.collect(self.instance.uuid)
        self.assertEqual(0, self.left())

    def test_of_a_vios_that_is_gone(self) -> None:
        (entry,) = self.journal.entries(journal.PORTS)
        self.journal.forget(*entry.key)
        gone = journal.Entry(
            journal.PORTS, 'x', 'NO-SUCH-VIOS', 'x', journal.LEAVING
        )
        self.journal.record(gone)
        self.leftovers.collect()
        self.assertEqual(0, self.left())

    def test_what_cannot_be_read_keeps_nothing_else(self) -> None:
        (entry,) = self.journal.entries(journal.PORTS)
        bad = journal.Entry(
            journal.PORTS, 'a', entry.container, 'x', detail='{"lpar": 1'
        )
        self.journal.record(bad)
        self.leftovers.collect()
        self.assertEqual([bad], self.journal.entries(journal.PORTS))
