# SPDX-License-Identifier: Apache-2.0
"""Fibre channel volumes that the VIOSes map by virtual SCSI."""

from typing import Any
from unittest import mock

from cinderclient import exceptions as cinder_exc
from keystoneauth1 import exceptions as keystone_exc
from nova import exception
from nova.volume import cinder

from nova_powervm.tests.fixtures import saved
from nova_powervm.tests.functional import fc_volumes
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.lpar import query
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.records import volumes


class LifeTest(fc_volumes.VscsiTest):
    def test_life(self) -> None:
        volume = self.attached()
        disk = self.disk()
        self.assertEqual(fc_volumes.BOTH, disk.vioses)
        self.assertEqual(
            fc_volumes.CONTENT, disk.read(len(fc_volumes.CONTENT))
        )
        disk.write(b'by the server')
        with self.fc.cinder.file(volume.id).open('rb') as file:
            self.assertEqual(b'by the server', file.read(13))
        for found in self.fc.hdisks().values():
            self.assertEqual([volume.id], [d.tag for d in found])
        udid = self.fc.san.volume(volume.id).udid
        self.assertEqual(udid, volume.connection['data']['target_UDID'])
        # Again, as Nova does when it is not sure.
        mapped = self.host.state('host1')
        self.fc.attach(volume, self.guest)
        self.assertEqual([], self.host.changes('host1', mapped))
        self.fc.detach(volume, self.guest)
        self.assert_as_built()
        self.fc.detach(volume, self.guest)
        self.assert_as_built()

    def test_cinder_that_does_not_tell_the_size(self) -> None:
        for failure in (
            cinder_exc.ClientException(500),
            keystone_exc.ConnectFailure(),
        ):
            volume = self.make()
            with mock.patch.object(
                cinder.API, 'get', autospec=True, side_effect=failure
            ):
                self.fc.attach(volume, self.guest)
            self.assertEqual(fc_volumes.BOTH, self.disk().vioses)
            self.fc.detach(volume, self.guest)

    def test_stopped_server(self) -> None:
        self.driver.power_off(self.guest)
        volume = self.attached()
        self.driver.power_on(None, self.guest, self.network_info)
        self.assertEqual(fc_volumes.BOTH, self.disk().vioses)
        self.driver.power_off(self.guest)
        self.fc.detach(volume, self.guest)
        self.assertEqual([], self.fc.disks(self.guest))
        self.assertEqual({'vios1': [], 'vios2': []}, self.fc.hdisks())
        self.assertEqual(query.NOT_ACTIVATED, self.state(self.guest))

    def test_extended(self) -> None:
        volume = self.attached()
        self.fc.extend(volume, self.guest, 2)
        sizes = [d.capacity for f in self.fc.hdisks().values() for d in f]
        self.assertEqual([2048, 2048], sizes)
        # And one that grew while no VIOS looked.
        self.fc.detach(volume, self.guest)
        self.fc.attach(volume, self.guest)
        self.assertEqual(2 * fc_volumes.GIB, self.disk().size)

    def test_lost_volume_is_extended(self) -> None:
        volume = self.attached()
        self.fc.withdraw(volume)
        failed = self.assertRaises(
            exception.VolumeExtendFailed, self.fc.extend, volume, self.guest, 2
        )
        self.assertIn('cannot be read', str(failed))

    def test_two_requests_at_the_same_time(self) -> None:
        """Nova read the server for both before it served the first."""
        database = self.useFixture(saved.SavedInstances())
        self.guest.save()
        first, second = self.make(), self.make()
        later = self.guest.obj_clone()
        self.fc.attach(first, self.guest)
        self.fc.attach(second, later)
        later.task_state = 'anything'
        later.save()
        self.guest.system_metadata = database.metadata[later.uuid]
        self.assertEqual({first.id, second.id}, set(volumes.known(self.guest)))
        names = {entry.name for entry in slots.known(self.guest).storage}
        wanted = {f'volume:{first.id}', f'volume:{second.id}'}
        self.assertEqual(wanted, names & wanted)

    def test_removal_of_the_server(self) -> None:
        """Nova may not tell the volumes; what was noted does."""
        self.attached()
        self.attached()
        self.destroy(self.guest)
        self.assert_unchanged()

    def test_without_udid(self) -> None:
        """What was noted of the volume is lost; it is found all the same."""
        volume = self.attached()
        del volume.connection['data']['target_UDID']
        self.guest.system_metadata.clear()
        self.fc.detach(volume, self.guest)
        self.assert_as_built()

    def test_connector(self) -> None:
        connector = self.driver.get_volume_connector(self.guest)
        ports = [
            p for name in fc_volumes.BOTH for p in self.fc.vios(name).fc_ports
        ]
        self.assertEqual([p.wwpn.lower() for p in ports], connector['wwpns'])


class CountTest(fc_volumes.VscsiTest):
    """How many requests it takes, with jobs that end at the first poll."""

    def requests(self) -> int:
        """Count the requests since the last call, but not the long polls."""
        found = [
            entry
            for entry in self.host.sim.journal.entries()
            if not entry.template.endswith('/Event')
        ]
        self.host.clear_journal()
        return len(found)

    def counted(self) -> tuple[int, int]:
        """Attach and detach a second volume, with what is cached warm."""
        self.host.sim.job_modes.set('polls:1')
        self.fc.detach(self.attached(), self.guest)
        volume = self.make()
        self.host.clear_journal()
        self.fc.attach(volume, self.guest)
        attach = self.requests()
        self.fc.detach(volume, self.guest)
        return attach, self.requests()

    def test_two_vioses(self) -> None:
        attach, detach = self.counted()
        self.assertLessEqual(attach, 10)
        self.assertLessEqual(detach, 10)

    def test_one_vios(self) -> None:
        self.fc.operate('set-rmc', partition='vios2', state='inactive')
        attach, detach = self.counted()
        self.assertLessEqual(attach, 7)
        self.assertLessEqual(detach, 7)


class TroubleTest(fc_volumes.VscsiTest):
    """VIOSes that are down, paths that are missing."""

    def test_vios_is_down(self) -> None:
        self.fc.operate('set-rmc', partition='vios2', state='inactive')
        volume = self.attached()
        self.assertEqual(('vios1',), self.disk().vioses)
        # When it is back, the same attach takes it in.
        self.fc.operate('set-rmc', partition='vios2', state='active')
        self.fc.attach(volume, self.guest)
        self.assertEqual(fc_volumes.BOTH, self.disk().vioses)

    def test_vios_dies_in_the_middle(self) -> None:
        """It has found the volume, and cannot be changed any more."""
        path = f'/rest/api/uom/VirtualIOServer/{self.fc.vios("vios2").uuid}'
        self.host.fail('host1', method='POST', path=path, status=500)
        volume = self.attached()
        self.assertEqual(('vios1',), self.disk().vioses)
        self.assertIn('One VIOS could not map', self.logs.output)
        self.host.heal()
        self.fc.detach(volume, self.guest)
        self.assert_as_built()

    def test_detached_while_a_vios_is_down(self) -> None:
        volume = self.attached()
        self.fc.operate('set-rmc', partition='vios2', state='inactive')
        self.fc.detach(volume, self.guest)
        self.assertEqual(('vios2',), self.disk().vioses)
        self.fc.operate('set-rmc', partition='vios2', state='active')
        self.harness.restart()
        self.collect()
        self.assert_as_built()

    def test_path_is_missing(self) -> None:
        self.fc.operate('cut-path', vios='vios1', port='fcs0')
        self.attached()
        self.assertEqual(fc_volumes.BOTH, self.disk().vioses)
        ways = {n: len(d[0].paths) for n, d in self.fc.hdisks().items()}
        self.assertEqual({'vios1': 2, 'vios2': 4}, ways)

    def test_no_path_of_one_vios(self) -> None:
        self.fc.operate('cut-path', vios='vios1')
        self.attached()
        self.assertEqual(('vios2',), self.disk().vioses)
        self.assertIn('status 6', self.logs.output)

    def test_masked(self) -> None:
        volume = self.make()
        self.fc.withdraw(volume)
        text = self.refused(volume)
        self.assertIn('no Virtual I/O Server', text)
        self.assertIn('masking of the array', text)

    def test_array_that_tells_no_identity(self) -> None:
        volume = self.make()
        self.fc.san.volume(volume.id).identified = False
        text = self.refused(volume)
        self.assertIn('does not tell who it is', text)

    def test_no_rmc(self) -> None:
        volume = self.make()
        name = self.host.lpar('host1', self.guest.uuid).name
        self.fc.operate('set-rmc', partition=name, state='inactive')
        self.driver.host.cache.refresh(identity.lpar_uuid(self.guest.uuid))
        text = self.refused(volume)
        self.assertIn('RMC', text)
        self.assertEqual(0, self.host.operations('LUARecovery'))

    def test_unhealthy_hdisk(self) -> None:
        volume = self.attached()
        for name, (disk,) in self.fc.hdisks().items():
            self.fc.operate('fail-hdisk', vios=name, hdisk=disk.name)
        self.fc.detach(volume, self.guest)
        self.assert_as_built()
        self.assertIn('is not healthy', self.logs.output)

    def test_volume_is_gone(self) -> None:
        volume = self.attached()
        self.fc.san.delete(volume.id)
        self.fc.detach(volume, self.guest)
        self.assert_as_built()

    def test_hdisk_cannot_be_removed(self) -> None:
        volume = self.attached()
        self.host.fail(
            'host1', method='PUT', operation='RemoveDevice', status=500
        )
        self.fc.detach(volume, self.guest)
        self.assertEqual([], self.fc.disks(self.guest))
        self.host.heal()
        self.fc.attach(volume, self.guest)
        self.fc.detach(volume, self.guest)
        self.assert_as_built()

    def test_ports_change(self) -> None:
        """Caches are renewed when a discovery fails."""
        self.driver.get_volume_connector(self.guest)
        for number, port in enumerate(self.fc.vios('vios1').fc_ports):
            port.wwpn = f'10000090FA00000{number}'
        self.fc.operate('cut-path', vios='vios2')
        self.refused(self.make())
        self.fc.attach(self.make(), self.guest)
        self.assertEqual(('vios1',), self.disk().vioses)


class RequiredTest(fc_volumes.VscsiTest):
    """The operator wants two VIOSes for each volume."""

    OPTIONS = fc_volumes.VscsiTest.OPTIONS | {
        'vscsi_vios_connections_required': 2
    }

    def test_too_few(self) -> None:
        self.attached()
        self.fc.operate('cut-path', vios='vios2')
        text = self.refused(self.make())
        self.assertIn('only by 1 of the Virtual I/O Servers', text)
        self.assertIn('vios2', text)
        self.fc.operate('cut-path', vios='vios1')
        self.assertIn('no Virtual I/O Server', self.refused(self.make()))


class TenantsTest(fc_volumes.VscsiTest):
    """Nobody gets the volume of somebody else."""

    def setUp(self) -> None:
        super().setUp()
        self.second = self.other()

    def reused(self, first: Any, **kwargs: Any) -> Any:
        """Let the number of a LUN stand for a volume of another tenant."""
        volume = self.fc.make(self.second, fc_volumes.OTHER, **kwargs)
        self.fc.san.unmask(volume.id)
        self.fc.san.reuse(first.id, volume.id)
        volume.connection = self.fc.export(volume.id, self.second)
        return volume

    def assert_other(self) -> None:
        """Assert that the second server sees what is its own."""
        disk = self.disk(self.second)
        self.assertEqual(fc_volumes.OTHER, disk.read(len(fc_volumes.OTHER)))
        for name, found in self.fc.hdisks().items():
            for hdisk in found:
                self.assertEqual(
                    hdisk.naa, hdisk.backing.naa, f'{hdisk.name} of {name}'
                )

    def test_hdisk_that_stayed(self) -> None:
        """The VIOS did not forget the hdisk of the first tenant."""
        volume = self.attached()
        self.host.fail(
            'host1', method='PUT', operation='RemoveDevice', status=500
        )
        self.fc.detach(volume, self.guest)
        self.host.heal()
        self.harness.restart()
        self.fc.attach(self.reused(volume), self.second)
        self.assert_other()
        self.assertEqual([], self.fc.disks(self.guest))

    def test_first_tenant_still_has_it(self) -> None:
        """The array gave the number away under the first one's feet."""
        for identifies in (False, True):
            self.fc.cinder.identifies = identifies
            first = self.attached()
            volume = self.reused(first)
            text = self.refused(volume, self.second)
            self.assertIn('a partition has', text)
            self.assertEqual([], self.fc.disks(self.second))
            self.fc.detach(first, self.guest)
            self.fc.attach(volume, self.second)
            self.assert_other()
            self.fc.detach(volume, self.second)
            self.assertEqual({'vios1': [], 'vios2': []}, self.fc.hdisks())

    def leave_hdisks(self, first: Any) -> None:
        """Let the VIOSes have an hdisk that the driver knows nothing of."""
        self.fc.attach(first, self.guest)
        saved = {name: list(found) for name, found in self.fc.hdisks().items()}
        self.fc.detach(first, self.guest)
        for name, found in saved.items():
            for hdisk in found:
                hdisk.tag = None
                self.fc.vios(name).volumes.append(hdisk)

    def test_foreign_hdisk(self) -> None:
        """An administrator left an hdisk at the address."""
        for identifies, size in ((True, 1), (False, 2)):
            self.fc.cinder.identifies = identifies
            first = self.make()
            self.leave_hdisks(first)
            volume = self.reused(first, size=size)
            self.fc.attach(volume, self.second)
            self.assert_other()
            self.fc.detach(volume, self.second)
            self.assertEqual({'vios1': [], 'vios2': []}, self.fc.hdisks())

    def test_volume_of_another_server(self) -> None:
        """A volume that is not shared has one server only."""
        volume = self.attached()
        text = self.refused(volume, self.second)
        self.assertIn('to partition', text)
        volume.connection['multiattach'] = True
        self.fc.attach(volume, self.second)
        self.fc.detach(volume, self.guest)
        self.assertEqual(fc_volumes.BOTH, self.disk(self.second).vioses)
        self.fc.detach(volume, self.second)
        self.assertEqual({'vios1': [], 'vios2': []}, self.fc.hdisks())


class ReservedTest(fc_volumes.VscsiTest):
    """The VIOSes reserve their disks, as is the default of some arrays."""

    SWITCHES = {'reserve_policy': 'SinglePath'}

    def test_one_path_and_one_server(self) -> None:
        volume = self.make()
        volume.connection['multiattach'] = True
        self.fc.attach(volume, self.guest)
        self.assertEqual(('vios1',), self.disk().vioses)
        self.assertIn('Set reserve_policy=no_reserve', self.logs.output)
        text = self.refused(volume, self.other())
        self.assertIn('already in use', text)
        self.fc.detach(volume, self.guest)
        self.assertEqual({'vios1': [], 'vios2': []}, self.fc.hdisks())
