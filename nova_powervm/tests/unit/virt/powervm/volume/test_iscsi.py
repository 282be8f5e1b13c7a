# SPDX-License-Identifier: Apache-2.0
"""What only iSCSI volumes have; the rest is in test_driver_volume_iscsi.py."""

from typing import Any

import fixtures

from nova_powervm.tests.unit.virt.powervm.volume import case
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import iscsi
from nova_powervm.virt.powervm.volume import iscsi_jobs
from novalink_sim.model import iscsi as sim_iscsi
from novalink_sim.model import switches

IQN = 'iqn.2010-10.org.openstack:array'
PORTALS = ('10.0.0.1:3260', '10.0.0.2:3260')


class IscsiTestCase(case.ConnectorTestCase):
    """A target with two volumes behind two portals."""

    PRESET = 'san-vscsi'

    def setUp(self) -> None:
        super().setUp()
        sim_iscsi.add_target(self.sim.san, IQN, PORTALS)
        self.volumes = [self._volume(number) for number in range(2)]
        self.connector = iscsi.IscsiVolume(
            self.parts(volume_use_multipath=False, iscsi_iface='default')
        )

    def _volume(self, number: int) -> base.Volume:
        name = f'volume-{number}'
        self.sim.san.create(name, case.GIB)
        sim_iscsi.export(self.sim.san, IQN, name, number)
        data = {
            'target_portals': list(PORTALS),
            'target_iqn': IQN,
            'target_lun': number,
        }
        return base.Volume(name, 'iscsi', data)

    def udid(self, volume: base.Volume) -> str:
        """The unique device id of a volume."""
        return str(self.sim.san.volume(volume.id).udid)

    def assert_forgotten(self, volume: base.Volume) -> None:
        """Assert that no VIOS has a volume."""
        for udids in self.hdisks().values():
            self.assertNotIn(self.udid(volume), udids)

    def sessions(self) -> list[str]:
        """Where the first VIOS is logged in."""
        sessions = self.vios_named('vios1').initiator.sessions
        return [session.portal for session in sessions]

    def discover(self, volume: base.Volume) -> list[str]:
        """Look for a volume; gives the unique device ids that were found."""
        found = self.connector.discover(self.instance, volume)
        return [str(item.storage.udid) for item in found if item.storage]

    def lose_answers(self, portal: str) -> None:
        """Let nobody learn how logins at a portal end."""
        discover = iscsi_jobs.IscsiJobs.discover

        def lost(jobs: Any, uuid: str, login: iscsi_jobs.Login) -> Any:
            found = discover(jobs, uuid, login)
            if login.paths[0].portal == portal:
                raise errors.JobTimedOut('ISCSIDiscovery', 60)
            return found

        self.useFixture(
            fixtures.MonkeyPatch(
                f'{iscsi_jobs.__name__}.IscsiJobs.discover', lost
            )
        )


class LostAnswerTestCase(IscsiTestCase):
    def test_next_portal(self) -> None:
        self.lose_answers(PORTALS[0])
        volume = self.volumes[0]
        self.assertEqual([self.udid(volume)] * 2, self.discover(volume))
        self.assertEqual([PORTALS[1]], self.sessions())

    def test_what_a_partition_has_stays(self) -> None:
        volume = self.volumes[0]
        for found in self.connector.discover(self.instance, volume):
            intent = self.connector.mapping(self.lpar, found, new_lpar=False)
            self.tx.run(intents.ViosTarget(found.vios_uuid), intent)
        for portal in PORTALS:
            self.lose_answers(portal)
        failed = self.assertRaises(base.VolumeLost, self.discover, volume)
        self.assertIn('not done after 60 seconds', str(failed))
        mapped = self.mapped()
        self.assertEqual([self.udid(volume)], mapped['vios1'])
        self.assertEqual([PORTALS[0]], self.sessions()[:1])


class SeveralDisksTestCase(IscsiTestCase):
    """A VIOS that tells of all disks of a target."""

    SIMULATOR: dict[str, Any] = {
        'switches': switches.Switches(iscsi_devices='target')
    }

    def test_only_the_known_one_can_be_told(self) -> None:
        first, second = self.volumes
        self.assertEqual([self.udid(first)] * 2, self.discover(first))
        self._strike_out()
        for volume in self.volumes:
            volume.data['target_portals'].pop()  # type: ignore[attr-defined]
        failed = self.assertRaises(base.VolumeLost, self.discover, second)
        self.assertIn('nothing tells which one of', str(failed))
        known = base.Volume(
            second.id, second.kind, second.data, udid=self.udid(second)
        )
        self.assertEqual([self.udid(second)] * 2, self.discover(known))

    def test_those_of_other_volumes_are_left_out(self) -> None:
        first, second = self.volumes
        self.assertEqual([self.udid(first)] * 2, self.discover(first))
        for volume in self.volumes:
            volume.data['target_portals'].pop()  # type: ignore[attr-defined]
        self.assertEqual([self.udid(second)] * 2, self.discover(second))

    def test_what_cinder_tells_chooses(self) -> None:
        first, second = self.volumes
        for volume in self.volumes:
            volume.data['target_portals'].pop()  # type: ignore[attr-defined]
        naa = self.sim.san.volume(second.id).naa
        data = {**second.data, 'wwn': f'0x{naa}'}
        told = base.Volume(second.id, second.kind, data)
        self.assertEqual([self.udid(second)] * 2, self.discover(told))

    def _strike_out(self) -> None:
        for entry in self.journal.entries():
            self.journal.forget(*entry.key)


class ChangedAddressTestCase(IscsiTestCase):
    """A volume is not where it was when it was attached."""

    def test_removed_by_its_name(self) -> None:
        volume = self.volumes[0]
        found = self.connector.discover(self.instance, volume)
        self.assertEqual(2, len(self.journal.entries()))
        volume.data['target_lun'] = 7  # type: ignore[index]
        self.connector.release(self.instance, found)
        self.assert_forgotten(self.volumes[0])
        self.assertEqual([], self.journal.entries())

    def test_noted_while_it_cannot_be_removed(self) -> None:
        volume = self.volumes[0]
        found = self.connector.discover(self.instance, volume)
        volume.data['target_lun'] = 7  # type: ignore[index]
        self.fault(operation='RemoveDevice', status=500, times=9)
        self.connector.release(self.instance, found)
        self.assertEqual(2, len(self.journal.entries()))

    def test_a_portal_that_fails(self) -> None:
        """The disk behind the next one is removed all the same."""
        remove = iscsi_jobs.IscsiJobs.remove

        def fail(jobs: Any, uuid: str, login: iscsi_jobs.Login) -> Any:
            if login.paths[0].portal == PORTALS[0]:
                raise errors.PlatformError('the portal does not answer')
            return remove(jobs, uuid, login)

        self.lose_answers(PORTALS[0])
        found = self.connector.discover(self.instance, self.volumes[0])
        self.useFixture(
            fixtures.MonkeyPatch(
                f'{iscsi_jobs.__name__}.IscsiJobs.remove', fail
            )
        )
        self.connector.release(self.instance, found)
        self.assert_forgotten(self.volumes[0])


class StaleTestCase(IscsiTestCase):
    def test_entry_that_cannot_be_removed(self) -> None:
        """The disk of another volume is there, and a partition has it."""
        first = self.volumes[0]
        for found in self.connector.discover(self.instance, first):
            intent = self.connector.mapping(self.lpar, found, new_lpar=False)
            self.tx.run(intents.ViosTarget(found.vios_uuid), intent)
        sim_iscsi.export(self.sim.san, IQN, 'volume-1', 0)
        other = base.Volume('volume-1', 'iscsi', first.data)
        failed = self.assertRaises(base.VolumeLost, self.discover, other)
        self.assertIn('code 1', str(failed))
        self.assertEqual([self.udid(first)], self.mapped()['vios1'])
