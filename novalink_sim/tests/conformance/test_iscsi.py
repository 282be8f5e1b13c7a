# SPDX-License-Identifier: Apache-2.0
"""iSCSI driven by pypowervm's tasks."""

from typing import Any

from pypowervm import exceptions as pvm_exc
from pypowervm.tasks import hdisk
from pypowervm.tasks import scsi_mapper
from pypowervm.wrappers import storage
from pypowervm.wrappers import virtual_io_server as vioses

from novalink_sim.model import iscsi
from novalink_sim.model import iscsi_initiator
from novalink_sim.tests.conformance import base

IQN = 'iqn.2010-10.org.openstack:volume-1'
PORTALS = ('10.0.0.1:3260', '10.0.0.2:3260')
GIB = 1024**3


class IscsiCase(base.ConformanceCase):
    """A target with one volume behind two portals."""

    preset: Any = 'san-vscsi'

    def setUp(self) -> None:
        super().setUp()
        self.volume = self.sim.san.create('volume-1', GIB)
        self.host.operate(
            'create-iscsi-target', iqn=IQN, portals=','.join(PORTALS)
        )
        self.host.operate('export-iscsi', iqn=IQN, volume='volume-1', lun=1)
        self.uuid = self.vios().uuid
        self.server = self.model.vios('vios1')

    def discover(self, **kwargs: Any) -> Any:
        """Discover the volume with pypowervm's task."""
        given = {
            'host_ip': PORTALS[0],
            'user': None,
            'password': None,
            'iqn': IQN,
            'lunid': 1,
            'iface_name': 'default',
        }
        return hdisk.discover_iscsi(
            self.adapter, vios_uuid=self.uuid, **(given | kwargs)
        )

    def failure(self, **kwargs: Any) -> str:
        """Discover in vain; return the code."""
        found = self.assertRaises(
            pvm_exc.ISCSIDiscoveryFailed, self.discover, **kwargs
        )
        return str(found)

    def remove(self, **kwargs: Any) -> None:
        """Remove the volume with pypowervm's task."""
        given = {'lun': 1, 'iface_name': 'default', 'portal': PORTALS[0]}
        hdisk.remove_iscsi(self.adapter, IQN, self.uuid, **(given | kwargs))

    def disks(self) -> list[str]:
        """Return the names of the disks of the first VIOS."""
        found = vioses.VIOS.get(
            self.adapter, uuid=self.uuid, xag=['ViosStorage']
        )
        return [disk.name for disk in found.phys_vols]

    def portals(self) -> list[str]:
        """Return where the first VIOS is logged in."""
        return [s.portal for s in self.server.initiator.sessions]

    def map(self, udid: str, name: str) -> Any:
        """Map a disk to a new partition."""
        lpar = self.create_lpar()
        vios = self.vios('ViosSCSIMapping')
        scsi_mapper.add_map(
            vios,
            scsi_mapper.build_vscsi_mapping(
                None, vios, lpar.uuid, storage.PV.bld(self.adapter, name, udid)
            ),
        )
        return vios.update()


class DiscoveryTest(IscsiCase):
    """Names of initiators, logins and disks."""

    def test_initiators(self) -> None:
        names = {
            hdisk.discover_iscsi_initiator(self.adapter, vios.uuid)
            for vios in vioses.VIOS.get(self.adapter)
        }
        self.assertEqual(2, len(names))
        self.assertTrue(all(name.startswith('iqn.') for name in names))
        self.host.operate('set-initiator', vios='vios1', name='iqn.x:1')
        found = hdisk.discover_iscsi_initiator(self.adapter, self.uuid)
        self.assertEqual('iqn.x:1', found)

    def test_disk_appears_and_goes(self) -> None:
        before = self.disks()
        name, udid = self.discover()
        self.assertEqual(self.volume.udid, udid)
        self.assertEqual([*before, name], self.disks())
        # The session is there already.
        self.assertEqual((name, udid), self.discover())
        self.assertEqual([PORTALS[0]], self.portals())
        self.remove()
        self.assertEqual((before, []), (self.disks(), self.portals()))
        # There is nothing to remove.
        self.remove()

    def test_the_disk_is_the_volume(self) -> None:
        name, udid = self.discover()
        self.map(udid, name)
        (bus,) = self.server.buses
        (mapping,) = self.server.scsi_mappings
        self.assertEqual(udid, mapping.storage.udid)
        self.assertEqual(self.volume.size, mapping.storage.capacity << 20)
        self.assertRaises(pvm_exc.Error, self.remove)
        self.assertIn(name, self.disks())

    def test_other_systems_have_their_own_sessions(self) -> None:
        self.discover()
        other = self.make_adapter('host2')
        (vios, _) = vioses.VIOS.get(other)
        self.adapter, self.uuid = other, vios.uuid
        _, udid = self.discover()
        self.assertEqual(self.volume.udid, udid)
        self.assertEqual(1, len(self.portals()))

    def test_multipath(self) -> None:
        name, _ = self.discover(
            host_ip=list(PORTALS),
            iqn=[IQN, IQN],
            lunid=[1, 1],
            multipath=True,
        )
        self.assertEqual(list(PORTALS), self.portals())
        self.remove(portal=None)
        self.assertNotIn(name, self.disks())

    def test_multipath_of_one_portal_finds_the_others(self) -> None:
        self.discover(multipath=True)
        self.assertEqual(list(PORTALS), self.portals())

    def test_multipath_with_a_portal_down(self) -> None:
        self.host.operate('set-portal', portal=PORTALS[0], state='down')
        self.discover(
            host_ip=list(PORTALS),
            iqn=[IQN, IQN],
            lunid=[1, 1],
            multipath=True,
        )
        self.assertEqual([PORTALS[1]], self.portals())

    def test_iser(self) -> None:
        self.discover(iface_name='iser')
        (session,) = self.server.initiator.sessions
        self.assertEqual('iser', session.interface)

    def test_unsupported(self) -> None:
        self.host.operate('set-initiator', vios='vios1', unsupported=True)
        self.failure()
        self.remove()


class FailureTest(IscsiCase):
    """What the commands return."""

    def test_codes(self) -> None:
        for code, change in (
            (iscsi.NO_OBJECTS, {'iqn': 'iqn.x:other'}),
            (iscsi.NO_OBJECTS, {'host_ip': '10.9.9.9:3260'}),
            (iscsi.NO_OBJECTS, {'iface_name': 'eth9'}),
            (iscsi.INVALID, {'iqn': [IQN, IQN]}),
        ):
            self.assertIn(str(code), self.failure(**change))
        self.assertEqual([], self.portals())

    def test_portals(self) -> None:
        for state, code in (('down', iscsi.TIMEOUT), ('refuse', iscsi.LOGIN)):
            self.host.operate('set-portal', portal=PORTALS[0], state=state)
            self.assertIn(str(code), self.failure())

    def test_a_failure_may_be_a_success_of_the_job(self) -> None:
        with self.switched(iscsi_failure='result'):
            found = self.failure(iqn='iqn.x:other')
        self.assertIn(str(iscsi.NO_OBJECTS), found)

    def test_no_such_unit(self) -> None:
        self.failure(lunid=7)
        # It is logged in all the same.
        self.assertEqual([PORTALS[0]], self.portals())
        self.remove(lun=7)
        self.assertEqual([], self.portals())

    def test_masked(self) -> None:
        self.host.operate('withdraw-iscsi', iqn=IQN)
        self.host.operate(
            'create-iscsi-target',
            iqn=IQN,
            portals=PORTALS[0],
            initiators='iqn.x:other',
        )
        self.assertIn(str(iscsi.LOGIN_AUTH), self.failure())


class ChapTest(IscsiCase):
    """Users and secrets."""

    def setUp(self) -> None:
        super().setUp()
        self.host.operate('set-chap', iqn=IQN, user='me', password='sesame')

    def test_session(self) -> None:
        code = str(iscsi.LOGIN_AUTH)
        self.assertIn(code, self.failure())
        known = {'auth': 'CHAP', 'user': 'me'}
        self.assertIn(code, self.failure(password='wrong', **known))
        self.discover(password='sesame', **known)
        # A session that is there asks for nothing.
        self.discover(password='wrong', **known)

    def test_discovery(self) -> None:
        self.host.operate(
            'set-chap', iqn=IQN, user='you', password='open', discovery=True
        )
        known: dict[str, Any] = {'auth': 'CHAP', 'user': 'me'}
        known |= {'password': 'sesame', 'multipath': True}
        self.assertIn(str(iscsi.LOGIN_AUTH), self.failure(**known))
        self.discover(
            discovery_auth='CHAP',
            discovery_username='you',
            discovery_password='open',
            **known,
        )

    def test_nobody_sees_secrets(self) -> None:
        self.discover(auth='CHAP', user='me', password='sesame')
        entries = [entry.to_dict() for entry in self.sim.journal.entries()]
        self.assertNotEqual([], entries)
        self.assertNotIn('sesame', str(entries))
        self.assertNotIn('sesame', str(self.sim.dump()['jobs']))
        self.assertNotIn('sesame', repr(self.sim.san))


class StaleTest(IscsiCase):
    """What the VIOS remembers wrongly."""

    def test_stale_entry(self) -> None:
        self.host.operate('stale-iscsi', vios='vios1', iqn=IQN, lun=1)
        # pypowervm removes it and tries once more.
        _, udid = self.discover()
        self.assertEqual(self.volume.udid, udid)
        self.assertEqual([], self.server.initiator.stale)

    def test_number_is_used_again(self) -> None:
        _, before = self.discover()
        other = self.sim.san.create('volume-2', 2 * GIB)
        self.host.operate('export-iscsi', iqn=IQN, volume='volume-2', lun=1)
        _, udid = self.discover()
        self.assertEqual(other.udid, udid)
        self.assertNotEqual(before, udid)
        self.assertEqual(1, len(self.server.initiator.sessions))

    def test_number_is_used_again_and_nobody_notices(self) -> None:
        _, before = self.discover()
        self.sim.san.create('volume-2', 2 * GIB)
        self.host.operate('export-iscsi', iqn=IQN, volume='volume-2', lun=1)
        with self.switched(iscsi_reused_lun='old'):
            self.assertEqual(before, self.discover()[1])

    def test_all_devices_of_a_target(self) -> None:
        self.sim.san.create('volume-2', 2 * GIB)
        self.host.operate('export-iscsi', iqn=IQN, volume='volume-2', lun=0)
        with self.switched(iscsi_devices='target'):
            self.discover()
            _, udid = self.discover(lunid=0)
            self.assertEqual(self.sim.san.volume('volume-2').udid, udid)
            # The client takes the first line for what it asked for.
            self.assertEqual(udid, self.discover(lunid=1)[1])

    def test_disk_that_was_lost_comes_back(self) -> None:
        name, udid = self.discover()
        iscsi_initiator.hide(self.server, self.volume.naa)
        self.assertNotIn(name, self.disks())
        self.assertEqual(udid, self.discover()[1])

    def test_lost_sessions(self) -> None:
        name, _ = self.discover()
        self.host.operate('logout-iscsi', vios='vios1', iqn=IQN)
        self.assertNotIn(name, self.disks())
        self.discover()
