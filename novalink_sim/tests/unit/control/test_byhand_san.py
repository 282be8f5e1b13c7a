# SPDX-License-Identifier: Apache-2.0
"""What administrators do by hand to the SAN."""

from typing import Any

from novalink_sim.control import actions
from novalink_sim.tests.unit.model import test_hdisks


class ByHandTest(test_hdisks.HdiskCase):
    """Each action has its effect."""

    def act(self, name: str, /, **args: Any) -> None:
        """Do an action."""
        actions.run(self.system, name, args)

    def seen(self) -> int:
        """Count the LUNs that the first port sees."""
        port = self.vios.fc_ports[0]
        return len(self.san.visible(port.wwpn, port.login))

    def test_volumes(self) -> None:
        """Volumes come, are shown, change and go."""
        self.act('create-volume', volume='new', size_gb=1)
        self.act('mask-volume', volume='new', vios='vios1', number=7)
        self.assertEqual(2, self.seen())
        self.act('resize-volume', volume='new', size_gb=2)
        self.assertEqual(2 * test_hdisks.GIB, self.san.volume('new').size)
        self.act('reuse-lun', old='one', new='new')
        self.assertEqual([], self.san.luns_of('one'))
        self.act('unmask-volume', volume='new', vios='vios1')
        self.assertEqual(0, self.seen())
        self.act('delete-volume', volume='new')
        self.assertRaises(ValueError, self.san.volume, 'new')

    def test_paths(self) -> None:
        """Paths break and are repaired."""
        self.act('cut-path', vios='vios1', port='fcs0')
        self.assertEqual(0, self.seen())
        self.act('heal-paths', vios='vios1')
        self.assertEqual(1, self.seen())
        target = self.san.array().ports[0].wwpn
        self.act('cut-path', vios='vios1', target=target)
        self.assertEqual(0, self.seen())
        self.act('heal-paths')
        self.act('set-link', vios='vios1', port='fcs0', up=False)
        self.assertEqual(0, self.seen())

    def test_hdisks(self) -> None:
        """An hdisk fails, and is reserved."""
        disk = self.search().volume
        assert disk is not None
        self.act('fail-hdisk', vios='vios1', hdisk=disk.name)
        self.assertEqual('missing', disk.shown_state)
        self.act('fail-hdisk', vios='vios1', hdisk=disk.name, repaired=True)
        self.assertEqual('active', disk.shown_state)
        self.act('reserve-hdisk', vios='vios1', hdisk=disk.name)
        self.assertEqual('SinglePath', disk.reserve_policy)

    def test_unknown(self) -> None:
        """What is not there is named."""
        for name, args in (
            ('cut-path', {'vios': 'vios9'}),
            ('cut-path', {'vios': 'vios1', 'port': 'fcs9'}),
            ('mask-volume', {'volume': 'x', 'vios': 'vios1'}),
        ):
            self.assertRaises(ValueError, self.act, name, **args)
