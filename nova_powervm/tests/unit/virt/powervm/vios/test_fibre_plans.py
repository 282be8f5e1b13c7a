# SPDX-License-Identifier: Apache-2.0
"""Virtual fibre channel ports, changed by transactions."""

from typing import Any

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import fibre
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import transactions
from novalink_sim.model import npiv
from novalink_sim.model import power

PAIR = ('C050760000AA0000', 'C050760000AA0001')
OTHER = ('C050760000AA0002', 'C050760000AA0003')


class FibrePlansTest(simulated.SimulatedTestCase):
    """A VIOS with four ports, and a partition."""

    PRESET = 'san-npiv'

    def setUp(self) -> None:
        super().setUp()
        self.tx = transactions.Transactions(self.client, gather=0.02)
        self.addCleanup(self.tx.close)
        self.lpar: Any = self.create_lpar()
        self.vios_model = next(iter(self.model.vioses.values()))
        self.target = intents.ViosTarget(self.vios_model.uuid)

    def add(self, **changes: Any) -> fibre.AddVfc:
        values: dict[str, Any] = {
            'lpar_uuid': self.lpar.uuid,
            'lpar_id': self.lpar.id,
            'wwpns': PAIR,
            'physical': self.vios_model.fc_ports[0].wwpn,
        }
        return fibre.AddVfc(**(values | changes))

    def run_all(self, *wanted: Any) -> list[Any]:
        """Carry intents out; gives their results."""
        return self.tx.run(self.target, *wanted)

    def there(self) -> list[tuple[list[str], str | None]]:
        """WWPNs and physical ports of all mappings."""
        return [
            (mapping.wwpns, mapping.port)
            for mapping in self.vios_model.fibre_mappings
        ]

    def test_add(self) -> None:
        (result,) = self.run_all(self.add(slot=9))
        self.assertEqual(
            (PAIR, self.vios_model.fc_ports[0].wwpn, 9, True),
            (result.wwpns, result.physical, result.slot, result.added),
        )
        self.assertEqual(self.vios_model.uuid, result.vios_uuid)
        (mapping,) = npiv.mappings_of(self.model, self.lpar.uuid)
        self.assertEqual([w.lower() for w in PAIR], mapping.wwpns)

    def test_again(self) -> None:
        """In whatever order, and wherever it is."""
        self.run_all(self.add())
        self.forget_requests()
        (result,) = self.run_all(
            self.add(
                wwpns=PAIR[::-1], physical=self.vios_model.fc_ports[2].wwpn
            )
        )
        self.assertFalse(result.added)
        self.assertEqual(PAIR, result.wwpns)
        self.assertEqual(['GET VirtualIOServer/{}'], self.requests())

    def test_one_write_for_many(self) -> None:
        self.forget_requests()
        first, second, same = self.run_all(
            self.add(), self.add(wwpns=OTHER), self.add()
        )
        self.assertEqual(
            [True, True, False],
            [first.added, second.added, same.added],
        )
        self.assertEqual(
            ['GET VirtualIOServer/{}', 'POST VirtualIOServer/{}'],
            self.requests(),
        )

    def test_merged_with_storage(self) -> None:
        """One write has mappings of both kinds, and none is lost."""
        disk = self.vios_model.volumes[0]
        ref = intents.StorageRef('pv', disk.name, disk.udid)
        self.forget_requests()
        self.run_all(
            intents.AddMapping(self.lpar.uuid, self.lpar.id, ref), self.add()
        )
        self.assertEqual(1, self.requests().count('POST VirtualIOServer/{}'))
        self.assertTrue(self.vios_model.is_mapped(disk.udid))
        self.run_all(self.add(wwpns=OTHER))
        self.assertTrue(self.vios_model.is_mapped(disk.udid))
        self.assertEqual(2, len(self.there()))

    def test_stale_port_gets_another_one(self) -> None:
        self.run_all(self.add())
        self.vios_model.fibre_mappings[0].port = None
        (result,) = self.run_all(
            self.add(physical=self.vios_model.fc_ports[2].wwpn)
        )
        self.assertFalse(result.added)
        self.assertEqual(self.vios_model.fc_ports[2].wwpn, result.physical)

    def test_port_that_is_not_there(self) -> None:
        self.assertRaises(
            errors.NotFound, self.run_all, self.add(physical='0' * 16)
        )
        self.assertEqual([], self.there())

    def test_wwpns_of_another_partition(self) -> None:
        self.run_all(self.add())
        before = self.there()
        other: Any = self.create_lpar('other')
        exc = self.assertRaises(
            errors.PlatformError,
            self.run_all,
            self.add(lpar_uuid=other.uuid, lpar_id=other.id),
        )
        self.assertIn('in use', str(exc))
        self.assertEqual(before, self.there())

    def test_moves_in_two_writes(self) -> None:
        """A platform may refuse WWPNs that it has, whatever the order."""
        self.run_all(self.add())
        other: Any = self.create_lpar('other')
        self.forget_requests()
        self.run_all(
            fibre.RemoveVfc(self.lpar.uuid, pairs=(PAIR,)),
            self.add(lpar_uuid=other.uuid, lpar_id=other.id),
        )
        (mapping,) = npiv.mappings_of(self.model, other.uuid)
        self.assertEqual([w.lower() for w in PAIR], mapping.wwpns)
        self.assertEqual(2, self.requests().count('POST VirtualIOServer/{}'))

    def test_remove(self) -> None:
        self.run_all(self.add(), self.add(wwpns=OTHER))
        (gone,) = self.run_all(
            fibre.RemoveVfc(self.lpar.uuid, pairs=(OTHER[::-1],))
        )
        self.assertEqual([OTHER], [item.wwpns for item in gone])
        self.assertEqual(1, len(self.there()))
        (rest,) = self.run_all(fibre.RemoveVfc(self.lpar.uuid))
        self.assertEqual([PAIR], [item.wwpns for item in rest])
        self.assertEqual([], self.there())

    def test_inverse(self) -> None:
        """What was there before is not taken away."""
        self.run_all(self.add())
        self.run_all(intents.inverse(self.add(kept=True)))
        self.assertEqual(1, len(self.there()))
        self.run_all(intents.inverse(self.add()))
        self.assertEqual([], self.there())

    def test_left_overs_of_the_number(self) -> None:
        """Those of a deleted partition go, and of nobody else."""
        alive: Any = self.create_lpar('alive')
        self.run_all(
            self.add(),
            self.add(lpar_uuid=alive.uuid, lpar_id=alive.id, wwpns=OTHER),
        )
        number = self.lpar.id
        with self.model.lock:
            power.power_off(self.vios_model)
        self.lpar.refresh().delete()
        with self.model.lock:
            power.power_on(self.vios_model)
        self.lpar = self.create_lpar('new')
        self.assertEqual(number, self.lpar.id)
        new = ('C050760000AA0004', 'C050760000AA0005')
        self.run_all(self.add(wwpns=new, new_lpar=True))
        left = {m.partition.name for m in self.vios_model.fibre_mappings}
        self.assertEqual({'alive', 'new'}, left)

    def test_refusal_removes_nothing(self) -> None:
        """Left-overs stay if the port cannot be made."""
        self.run_all(self.add())
        self.vios_model.fibre_mappings[0].has_client = False
        other = self.add(wwpns=OTHER, physical='0' * 16, new_lpar=True)
        free = self.add(wwpns=('C050760000AA0006', 'C050760000AA0007'))
        futures = [self.tx.submit(self.target, i) for i in (other, free)]
        self.assertIsInstance(futures[0].exception(), errors.NotFound)
        self.assertTrue(futures[1].result().added)
        self.assertEqual(2, len(self.there()))

    def test_lost_client(self) -> None:
        """The number tells whose it was, while the partition exists."""
        self.run_all(self.add())
        self.vios_model.fibre_mappings[0].has_client = False
        self.run_all(fibre.RemoveVfc(self.lpar.uuid))
        self.assertEqual(1, len(self.there()))
        self.run_all(fibre.RemoveVfc(self.lpar.uuid, self.lpar.id))
        self.assertEqual([], self.there())

    def test_lost_answer(self) -> None:
        """The port is recognised as made by this intent."""
        self.fault(method='POST', drop='after')
        (result,) = self.run_all(self.add())
        self.assertTrue(result.added)
