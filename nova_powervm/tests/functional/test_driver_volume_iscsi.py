# SPDX-License-Identifier: Apache-2.0
"""iSCSI volumes: attached, used, extended and detached."""

from collections.abc import Callable
from typing import Any

from nova import exception
from oslo_concurrency import lockutils

from nova_powervm.tests.fixtures import targets
from nova_powervm.tests.fixtures import volumes
from nova_powervm.tests.functional import iscsi_volumes
from nova_powervm.virt.powervm import instances
from novalink_sim.model import iscsi

CHAP = iscsi.Chap('me', 'sesame-open')
PORTALS = targets.PORTALS


class LifeTest(iscsi_volumes.IscsiTest):
    """Volumes of targets with one portal."""

    def test_life(self) -> None:
        volume = self.volume(b'written through Cinder')
        self.attach(volume)
        (disk,) = self.disks()
        self.assertEqual(('vios1', 'vios2'), disk.vioses)
        self.assertEqual(b'written through Cinder', disk.read(22))
        disk.write(b'the server')
        with self.backend.file(volume['serial']).open('rb') as file:
            self.assertEqual(b'the server', file.read(10))
        for vios in ('vios1', 'vios2'):
            self.assertEqual([PORTALS[0]], self.sessions(vios))
        # Again, as Nova does when it is not sure.
        self.attach(volume)
        self.assertEqual([disk], self.disks())
        self.detach(volume)
        self.assert_as_built()
        self.detach(volume)
        self.assert_as_built()

    def test_stopped_server(self) -> None:
        volume = self.volume()
        self.driver.power_off(self.guest)
        self.attach(volume)
        self.driver.power_on(None, self.guest, self.network_info)
        self.assertEqual(1, len(self.disks()))
        self.driver.power_off(self.guest)
        self.detach(volume)
        self.assertEqual([], self.disks())

    def test_removal_of_the_server(self) -> None:
        volume = self.volume()
        self.attach(volume)
        self.driver.destroy(
            self.context,
            self.guest,
            self.network_info,
            volumes.block_devices([volumes.mapping(volume)]),
        )
        self.assert_unchanged()

    def test_removal_with_volumes_that_nova_does_not_tell(self) -> None:
        """What was noted does; the target is not known then."""
        self.attach(self.volume())
        self.destroy(self.guest)
        for vios in self.model.vioses.values():
            self.assertEqual([], [d for d in vios.volumes if d.naa])
            vios.initiator.sessions.clear()
        self.assertIn('may stay logged in', self.logs.output)
        self.assert_unchanged()

    def test_two_volumes_of_one_target(self) -> None:
        found = [
            self.volume(content, array='iqn.x:array')
            for content in (b'first', b'other')
        ]
        for volume in found:
            self.attach(volume)
        contents = [disk.read(5) for disk in self.disks()]
        self.assertEqual([b'first', b'other'], contents)
        self.assertEqual(1, len(self.sessions()))
        self.detach(found[0])
        (disk,) = self.disks()
        self.assertEqual(b'other', disk.read(5))
        self.assertEqual(1, len(self.sessions()))
        self.detach(found[1])
        self.assert_as_built()

    def test_extended(self) -> None:
        volume = self.volume()
        self.attach(volume)
        hdisks = self.model.vios('vios1').volumes
        (hdisk,) = [disk for disk in hdisks if disk.naa]
        self.extend(volume, 2 << 30)
        self.assertEqual(2048, hdisk.capacity)
        # One VIOS is enough.
        self.operate('power-off', partition='vios2')
        self.extend(volume, 3 << 30)
        self.assertEqual(3072, hdisk.capacity)
        self.operate('power-off', partition='vios1')
        self.assertRaises(
            exception.VolumeExtendFailed, self.extend, volume, 4 << 30
        )

    def test_connector(self) -> None:
        first = self.driver.get_volume_connector(self.guest)
        self.assertEqual(2, len(set(first['initiators'])))
        self.assertEqual(first['initiators'][0], first['initiator'])
        self.host.clear_journal()
        self.assertEqual(first, self.driver.get_volume_connector(self.guest))
        self.assertEqual(0, self.host.operations('ISCSIDiscovery'))
        # A VIOS that comes back may have another name.
        for state in ('inactive', 'active'):
            self.operate('set-rmc', partition='vios1', state=state)
            self.operate('set-initiator', vios='vios1', name='iqn.x:new')
            self.driver.host.vios.load()
            found = self.driver.get_volume_connector(self.guest)
            self.assertEqual(
                state == 'active', 'iqn.x:new' in found['initiators']
            )

    def test_renamed_initiator(self) -> None:
        volume = self.volume()
        self.operate('set-initiator', vios='vios1', name='iqn.x:new')
        self.attach(volume)
        (disk,) = self.disks()
        self.assertEqual(('vios2',), disk.vioses)
        # The failure was a reason to ask anew.
        volume = self.export(volume['serial'])
        self.attach(volume)
        (disk,) = self.disks()
        self.assertEqual(('vios1', 'vios2'), disk.vioses)

    def test_vioses_without_iscsi(self) -> None:
        self.operate('set-initiator', vios='vios1', unsupported=True)
        volume = self.volume()
        connector = self.driver.get_volume_connector(self.guest)
        self.assertEqual(1, len(connector['initiators']))
        self.attach(volume)
        (disk,) = self.disks()
        self.assertEqual(('vios2',), disk.vioses)
        self.detach(volume)
        self.operate('set-initiator', vios='vios2', unsupported=True)
        self.assertIn('no iSCSI commands', self.refused(volume))
        connector = self.driver.get_volume_connector(self.guest)
        self.assertNotIn('initiator', connector)


class SharedTest(iscsi_volumes.IscsiTest):
    """A volume of several servers."""

    def test_multiattach(self) -> None:
        volume = self.volume(b'ours') | {'multiattach': True}
        other = self.spawn_other()
        for guest in (self.guest, other):
            self.attach(volume, guest)
        for guest in (self.guest, other):
            (disk,) = self.disks(guest)
            self.assertEqual(
                (b'ours', ('vios1', 'vios2')), (disk.read(4), disk.vioses)
            )
        self.detach(volume)
        self.assertEqual([], self.disks())
        (disk,) = self.disks(other)
        self.assertEqual(b'ours', disk.read(4))
        self.assertEqual([PORTALS[0]], self.sessions())
        self.detach(volume, other)
        self.assertEqual([], self.sessions())

    def test_not_for_several(self) -> None:
        volume, other = self.volume(), self.spawn_other()
        self.attach(volume)
        self.assertIn('to partition', self.refused(volume, other))
        self.assertEqual(1, len(self.disks()))


class RequestsTest(iscsi_volumes.IscsiTest):
    """What operations cost, where jobs are done at the first poll."""

    # NovaLink: a job is started, asked after once, and deleted.
    JOB = 3

    def _cost(self, operation: Callable[[Any], None], volume: Any) -> int:
        self.host.clear_journal()
        operation(volume)
        return len(self.host.sim.journal.entries(events=False))

    def test_two_vioses(self) -> None:
        self.host.sim.job_modes.set('polls:1')
        first, volume = self.volume(), self.volume()
        # The templates of jobs are read once.
        self.attach(first)
        self.detach(first)
        self.assertLessEqual(self._cost(self.attach, volume), 10)
        size = 2 << 30
        cost = self._cost(lambda v: self.extend(v, size), volume)
        # The job on each, its template, and a look at the size.
        self.assertLessEqual(cost, 2 * self.JOB + 2)
        self.assertLessEqual(self._cost(self.detach, volume), 10)

    def test_one_vios(self) -> None:
        self.host.sim.job_modes.set('polls:1')
        self.operate('power-off', partition='vios2')
        self.driver.host.vios.load()
        first, volume = self.volume(), self.volume()
        self.attach(first)
        self.detach(first)
        self.assertLessEqual(self._cost(self.attach, volume), 5)
        self.assertLessEqual(self._cost(self.detach, volume), 5)


class LoginTest(iscsi_volumes.IscsiTest):
    """What a login needs, and what can be wrong with it."""

    def test_chap(self) -> None:
        volume = self.volume(chap=CHAP)
        self.attach(volume)
        self.detach(volume)
        volume['data']['auth_password'] = 'wrong-secret'
        reason = self.refused(volume)
        self.assertIn('code 24', reason)
        self.assertNotIn('wrong-secret', reason)

    def test_one_initiator_is_allowed(self) -> None:
        """As with Cinder's LIO, which knows one initiator for a host."""
        volume = self.volume(allows='first')
        self.attach(volume)
        (disk,) = self.disks()
        self.assertEqual(('vios1',), disk.vioses)
        self.detach(volume)
        self.assert_as_built()

    def test_portals_that_are_down(self) -> None:
        volume = self.volume(portals=PORTALS, names_all=True)
        for state in ('down', 'refuse'):
            # A good one is followed by a bad one, and the other way round.
            for portal in PORTALS:
                self.operate('set-portal', portal=portal, state=state)
                self.attach(volume)
                self.assertEqual(1, len(self.sessions()))
                self.assertNotIn(portal, self.sessions())
                self.detach(volume)
                self.assert_as_built()
                self.operate('set-portal', portal=portal, state='up')
        for portal in PORTALS:
            self.operate('set-portal', portal=portal, state='down')
        self.assertIn('does not answer', self.refused(volume))

    def test_wrong_connections(self) -> None:
        volume = self.volume()
        del volume['data']['target_iqn']
        self.assertIn('does not tell where', self.refused(volume))
        volume = self.volume()
        volume['data']['target_lun'] = 7
        self.assertIn('no such disk', self.refused(volume))

    def test_detach_without_properties(self) -> None:
        volume = self.volume()
        self.attach(volume)
        self.detach(dict(volume, data={}))
        self.assertEqual([], self.disks())

    def test_stale_entries(self) -> None:
        volume = self.volume()
        iqn = volume['data']['target_iqn']
        for vios in ('vios1', 'vios2'):
            self.operate('stale-iscsi', vios=vios, iqn=iqn, lun=1)
        self.attach(volume)
        (disk,) = self.disks()
        self.assertEqual(('vios1', 'vios2'), disk.vioses)
        self.detach(volume)
        self.assert_as_built()

    def test_a_vios_is_down(self) -> None:
        self.operate('power-off', partition='vios2')
        volume = self.volume()
        self.attach(volume)
        (disk,) = self.disks()
        self.assertEqual(('vios1',), disk.vioses)
        self.detach(volume)
        self.assertEqual([], self.disks())

    def test_a_vios_dies_meanwhile(self) -> None:
        volume = self.volume()
        self.attach(volume)
        self.operate('power-off', partition='vios2')
        self.detach(volume)
        self.operate('power-on', partition='vios2')
        self.driver.host.vios.load()
        self.collect()
        self.assert_as_built()


class IserTest(iscsi_volumes.IscsiTest):
    """The same over RDMA."""

    KIND = targets.Iser
    OPTIONS = iscsi_volumes.IscsiTest.OPTIONS | {'iscsi_iface': 'other'}

    def test_interface(self) -> None:
        volume = self.volume()
        self.attach(volume)
        (session,) = self.model.vios('vios1').initiator.sessions
        self.assertEqual('iser', session.interface)
        self.detach(volume)
        self.assert_as_built()
        volume['driver_volume_type'] = 'iscsi'
        self.assertIn('portal or interface', self.refused(volume))


class MultipathTest(iscsi_volumes.IscsiTest):
    """All portals of a target."""

    OPTIONS = iscsi_volumes.IscsiTest.OPTIONS | {'volume_use_multipath': True}

    def test_all_portals(self) -> None:
        volume = self.volume(portals=PORTALS, chap=CHAP)
        self.attach(volume)
        self.assertEqual(1, len(self.disks()))
        for vios in ('vios1', 'vios2'):
            self.assertEqual(list(PORTALS), self.sessions(vios))
        self.detach(volume)
        self.assert_as_built()

    def test_portals_that_cinder_does_not_name(self) -> None:
        volume = self.volume(
            portals=PORTALS,
            chap=CHAP,
            discovery=iscsi.Chap('you', 'open-sesame'),
        )
        for key in ('target_portals', 'target_iqns', 'target_luns'):
            del volume['data'][key]
        self.attach(volume)
        self.assertEqual(list(PORTALS), self.sessions())
        self.detach(volume)
        self.assert_as_built()
        volume['data']['discovery_auth_password'] = 'wrong-secret'
        self.assertIn('code 24', self.refused(volume))

    def test_a_portal_is_down(self) -> None:
        volume = self.volume(portals=PORTALS)
        self.operate('set-portal', portal=PORTALS[0], state='down')
        self.attach(volume)
        self.assertEqual([PORTALS[1]], self.sessions())
        self.operate('set-portal', portal=PORTALS[0], state='up')
        self.detach(volume)
        self.assert_as_built()


class TenantTest(iscsi_volumes.IscsiTest):
    """What was the volume of one tenant is never shown to another one."""

    SWITCHES: dict[str, Any] = {'iscsi_reused_lun': 'old', 'disk_tag': 'never'}

    def _reuse(self, volume: dict[str, Any]) -> dict[str, Any]:
        """Give the number of a volume to another one."""
        self.backend.target(volume['serial']).luns.clear()
        return self.volume(b'yours')

    def test_number_is_used_again(self) -> None:
        mine = self.volume(b'mine', array='iqn.x:array')
        other = self.spawn_other()
        self.attach(mine)
        yours = self._reuse(mine)
        self.assertIn('has that', self.refused(yours, other))
        self.assertEqual([], self.disks(other))
        self.detach(mine)
        self.attach(yours, other)
        (disk,) = self.disks(other)
        self.assertEqual(b'yours', disk.read(5))

    def test_a_vios_could_not_be_told(self) -> None:
        mine = self.volume(b'mine', array='iqn.x:array')
        other = self.spawn_other()
        self.attach(mine)
        self.operate('power-off', partition='vios2')
        self.detach(mine)
        yours = self._reuse(mine)
        # What somebody works on is not collected yet.
        with lockutils.lock(instances.lock_name('host1', self.guest.uuid)):
            self.operate('power-on', partition='vios2')
            self.driver.host.vios.load()
            self.attach(yours, other)
            (disk,) = self.disks(other)
            seen = (disk.read(5), disk.vioses)
            self.assertEqual((b'yours', ('vios1',)), seen)
        self.collect()
        self.attach(yours, other)
        (disk,) = self.disks(other)
        self.assertEqual(('vios1', 'vios2'), disk.vioses)
