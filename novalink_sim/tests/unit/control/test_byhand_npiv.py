# SPDX-License-Identifier: Apache-2.0
"""What an administrator does to fibre channel ports."""

from novalink_sim.control import actions
from novalink_sim.model import npiv
from novalink_sim.model import setup
from novalink_sim.tests.unit.model import npiv_base


class ByHandNpivTest(npiv_base.NpivCase):
    """The actions by their names."""

    def setUp(self) -> None:
        super().setUp()
        self.vm = self.lpar()
        self.mapping = self.add(self.vm)

    def operate(self, name: str, **args: object) -> None:
        actions.run(self.system, name, args)

    def test_remove(self) -> None:
        self.operate('remove-fc-port', vios='vios1', port='fcs0')
        self.assertIsNone(self.mapping.port)

    def test_move(self) -> None:
        other = setup.add_vios(self.system, 'vios2')
        wwpn = self.port().wwpn
        self.operate('move-fc-port', vios='vios1', port='fcs0', target='vios2')
        self.assertEqual([wwpn], [port.wwpn for port in other.fc_ports])

    def test_stale(self) -> None:
        slot = self.mapping.client_slot
        self.operate('lose-fc-mapping-port', partition='vm', slot=slot)
        self.assertIsNone(self.mapping.port)
        self.assertIsNotNone(npiv.find_port(self.vios, 'fcs0'))
        self.assertRaises(
            ValueError,
            self.operate,
            'lose-fc-mapping-port',
            partition='vm',
            slot=99,
        )

    def test_wwpns(self) -> None:
        self.operate('fail-wwpns', message='HSCL9999 no')
        self.assertEqual('HSCL9999 no', self.system.wwpn_failure)
        self.operate('fail-wwpns')
        self.assertIsNone(self.system.wwpn_failure)
