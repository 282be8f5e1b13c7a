# SPDX-License-Identifier: Apache-2.0
"""Servers with volumes on a host whose fc_attach_strategy is changed."""

from typing import Any

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import npiv
from nova_powervm.tests.functional import volume_moves
from nova_powervm.virt.powervm.records import volumes as records


class WayTest(volume_moves.VolumeMoveTest):
    """What is attached stays; a move connects it in the other way."""

    PRESET = 'san-npiv'

    def options_of(self, host: str) -> dict[str, Any]:
        return {
            **npiv.options(self.host, host, volume_group_name='vios1/datavg'),
            'fc_attach_strategy': 'vscsi',
        }

    def change(self, strategy: str) -> None:
        """Start the service with another strategy."""
        self.harness.options = {
            **self.harness.options,
            'fc_attach_strategy': strategy,
        }
        self.harness.restart()
        self.driver = self.harness.driver

    def assert_way(self, guest: Any, expected: str) -> None:
        """Assert that the server has its volume, and how."""
        self.assertEqual(1, len(self.seen(guest)))
        (known,) = records.known(guest.instance).values()
        self.assertEqual(expected, known.connector)

    def test_there_and_back(self) -> None:
        guest = self.built(1)
        self.assert_way(guest, 'vscsi')
        self.change('npiv')
        self.assert_way(guest, 'vscsi')
        moves = self.moves()
        moves.move(guest, nova_objects.flavor(memory_mb=4096))
        self.assert_way(guest, 'npiv')
        self.change('vscsi')
        moves.move(guest, nova_objects.flavor(memory_mb=2048))
        self.assert_way(guest, 'vscsi')
