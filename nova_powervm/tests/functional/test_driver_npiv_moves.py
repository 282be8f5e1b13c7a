# SPDX-License-Identifier: Apache-2.0
"""Servers with fibre channel ports of their own are moved and resized."""

from typing import Any

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import npiv
from nova_powervm.tests.functional import sweeps
from nova_powervm.tests.functional import test_driver_volume_migration
from nova_powervm.tests.functional import test_driver_volume_resize
from nova_powervm.tests.functional import volume_moves
from nova_powervm.virt.powervm.records import ports


class NpivMoveTest(volume_moves.VolumeMoveTest):
    """Two hosts with NPIV, whose ports are in the same two fabrics."""

    PRESET = 'san-npiv'

    def options_of(self, host: str) -> dict[str, Any]:
        """All hosts may have the same options."""
        return {
            **self.OPTIONS,
            'fc_attach_strategy': 'npiv',
            'fabrics': ','.join(npiv.FABRICS),
            **{
                f'fabric_{fabric}_port_wwpns': ','.join(
                    wwpn
                    for each in ('host1', 'host2')
                    for wwpn in npiv.port_wwpns(self.host, fabric, each)
                )
                for fabric in npiv.FABRICS
            },
        }


class TestNpivResize(NpivMoveTest, test_driver_volume_resize.TestResize):
    """Ports stay while Cinder hides the volumes."""

    def test_refusal_after_it_was_stopped(self) -> None:
        """The ports stay, so no VIOS can refuse to take them."""
        guest = self.built(1)
        moves = self.moves()
        self.host.clear_journal()
        moves.begin(guest, nova_objects.flavor(memory_mb=4096, root_gb=2))
        told = [w.query for w in self.host.writes()]
        self.assertEqual([], [text for text in told if 'FCMap' in text])
        moves.finish(guest)
        self.assert_sees(guest)


class TestNpivMigration(
    NpivMoveTest, test_driver_volume_migration.TestMigration
):
    """The server has the same WWPNs on the other host."""

    def names(self, guest: sweeps.Guest, host: str) -> set[frozenset[str]]:
        """The pairs of WWPNs that a server has on a host."""
        return {
            frozenset(mapping.wwpns)
            for mapping in npiv.mappings(self.host, guest.instance, host)
        }

    def test_ports(self) -> None:
        guest = self.built(1)
        before = self.names(guest, 'host1')
        connector = self.driver.get_volume_connector(guest.instance)
        self.move.move(guest, self.larger)
        self.assertEqual(before, self.names(guest, 'host2'))
        found = self.second.driver.get_volume_connector(guest.instance)
        self.assertEqual(connector['wwpns'], found['wwpns'])
        self.move.confirm(guest)
        self.assertEqual(set(), self.names(guest, 'host1'))
        for fabric in npiv.FABRICS:
            self.assertEqual(ports.MAPPED, ports.state(guest.instance, fabric))
            for port in ports.load(guest.instance, fabric):
                self.assertIn(
                    port.physical,
                    npiv.port_wwpns(self.host, fabric, 'host2'),
                )
        self.remove(guest, 'host2')


class TestNpivEvacuation(
    NpivMoveTest, test_driver_volume_migration.TestEvacuation
):
    """The first host is lost."""
