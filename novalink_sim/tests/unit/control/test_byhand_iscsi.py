# SPDX-License-Identifier: Apache-2.0
"""What administrators do by hand to iSCSI."""

from typing import Any

import testtools

from novalink_sim import fixture
from novalink_sim.model import iscsi
from novalink_sim.model import iscsi_initiator

IQN = 'iqn.2010-10.org.openstack:volume-1'


class IscsiByHandTest(testtools.TestCase):
    """Targets are seen by all systems, initiators belong to a VIOS."""

    def setUp(self) -> None:
        super().setUp()
        made = self.useFixture(fixture.NovaLinkSim('san-vscsi'))
        self.sim = made.sim
        self.host1, self.host2 = self.sim.systems.values()
        self.vios = self.host1.model.vios('vios1')
        self.sim.san.create('vol1', 1 << 30)
        self.act(
            'create-iscsi-target', iqn=IQN, portals='10.0.0.1:1,10.0.0.2:1'
        )

    def act(self, name: str, /, **args: Any) -> None:
        """Do an action on the first system."""
        self.host1.operate(name, **args)

    def discover(self) -> list[str]:
        """Let the first VIOS log in; return the names of the disks."""
        point = iscsi_initiator.Endpoint(IQN, '10.0.0.1:1', '3')
        ask = iscsi_initiator.Discovery((point,))
        _, found = iscsi_initiator.discover(self.vios, ask)
        return [disk.name for disk in found]

    def test_targets(self) -> None:
        (target,) = self.host2.model.san.targets
        self.act('export-iscsi', iqn=IQN, volume='vol1', lun=3)
        self.assertEqual({'3': self.sim.san.volume('vol1').naa}, target.luns)
        self.host2.operate('withdraw-iscsi', iqn=IQN, lun=3)
        self.assertEqual({}, target.luns)
        self.act('set-chap', iqn=IQN, user='me', password='sesame')
        self.assertEqual(iscsi.Chap('me', 'sesame'), target.chap)
        self.act('set-chap', iqn=IQN)
        self.assertIsNone(target.chap)
        self.act('set-portal', portal='10.0.0.2:1', state='refuse')
        self.assertEqual(['up', 'refuse'], [p.state for p in target.portals])
        self.act('withdraw-iscsi', iqn=IQN)
        self.assertEqual([], self.sim.san.targets)

    def test_volumes_that_change(self) -> None:
        other = self.sim.san.create('vol2', 1 << 30)
        self.act('export-iscsi', iqn=IQN, volume='vol1', lun=3)
        (target,) = self.sim.san.targets
        self.sim.san.reuse('vol1', 'vol2')
        self.assertEqual({'3': other.naa}, target.luns)
        self.sim.san.delete('vol1')
        self.assertEqual({'3': other.naa}, target.luns)
        self.sim.san.delete('vol2')
        self.assertEqual({}, target.luns)

    def test_what_is_wrong(self) -> None:
        for name, args in (
            ('create-iscsi-target', {'iqn': IQN, 'portals': '10.0.0.3:1'}),
            ('export-iscsi', {'iqn': IQN, 'volume': 'other'}),
            ('export-iscsi', {'iqn': 'iqn.x:other', 'volume': 'vol1'}),
            ('withdraw-iscsi', {'iqn': IQN, 'lun': 9}),
            ('set-portal', {'portal': '10.0.0.9:1', 'state': 'down'}),
            ('set-portal', {'portal': '10.0.0.1:1', 'state': 'lame'}),
            ('set-chap', {'iqn': IQN, 'user': 'me'}),
        ):
            self.assertRaises(ValueError, self.act, name, **args)

    def test_initiators(self) -> None:
        self.act('set-initiator', vios='vios1', name='iqn.x:me')
        self.assertEqual('iqn.x:me', iscsi_initiator.name_of(self.vios))
        self.act('set-initiator', vios='vios1', unsupported=True)
        self.assertFalse(self.vios.initiator.supported)
        self.assertNotEqual('iqn.x:me', iscsi_initiator.name_of(self.vios))

    def test_lost_sessions(self) -> None:
        before = list(self.vios.volumes)
        self.act('export-iscsi', iqn=IQN, volume='vol1', lun=3)
        self.assertEqual(1, len(self.discover()))
        self.act('logout-iscsi', vios='vios1', iqn=IQN)
        self.assertEqual([], self.vios.initiator.sessions)
        self.assertEqual(before, self.vios.volumes)

    def test_state_is_kept(self) -> None:
        self.act('export-iscsi', iqn=IQN, volume='vol1', lun=3)
        self.act('set-chap', iqn=IQN, user='me', password='sesame')
        self.act('stale-iscsi', vios='vios2', iqn=IQN, lun=3)
        self.act('set-chap', iqn=IQN)
        self.discover()
        self.act('set-chap', iqn=IQN, user='me', password='sesame')
        before = self.sim.dump()
        self.sim.reset()
        self.assertEqual([], self.sim.san.targets)
        self.sim.load(before)
        after = self.sim.dump()
        for section in ('systems', 'san'):
            self.assertEqual(before[section], after[section])
        self.vios = self.host1.model.vios('vios1')
        self.assertEqual(1, len(self.discover()))
