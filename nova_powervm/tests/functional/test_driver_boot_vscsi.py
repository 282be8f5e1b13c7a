# SPDX-License-Identifier: Apache-2.0
"""Servers that boot from fibre channel volumes of the VIOSes."""

from collections.abc import Sequence
from typing import Any

from nova import exception

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import volumes
from nova_powervm.tests.functional import fc_volumes
from nova_powervm.virt.powervm import identity
from novalink_sim.model import extents


class BootTest(fc_volumes.VscsiTest):
    """A server whose first disk is a volume."""

    def setUp(self) -> None:
        super().setUp()
        self.server = nova_objects.instance(None)
        self.ports = nova_objects.network_info()

    def devices(self, *data: Any, root: Any) -> dict[str, Any]:
        """What Nova tells of volumes, those with data first."""
        mappings = [
            volumes.mapping(item.connection, boot_index=-1, size_gb=1)
            for item in data
        ]
        mappings.append(
            volumes.mapping(root.connection, boot_index=0, size_gb=1)
        )
        return volumes.block_devices(mappings)

    def build(self, devices: dict[str, Any]) -> None:
        """Build the server."""
        self.harness.spawn(
            self.server, self.image, self.ports, devices=devices
        )

    def remove(self, devices: dict[str, Any]) -> None:
        """Remove the server, and see that nothing is left."""
        self.driver.destroy(
            self.fc.context,
            self.server,
            self.ports,
            block_device_info=devices,
        )
        self.assert_as_built()

    def updates(self) -> Sequence[str]:
        """The VIOSes that were written, in order."""
        uuids = {self.fc.vios(n).uuid: n for n in fc_volumes.BOTH}
        return sorted(
            uuids[entry.path.split('/')[-1]]
            for entry in self.host.writes()
            if entry.template.endswith('/VirtualIOServer/{}')
        )

    def test_requests(self) -> None:
        """A boot from one volume on two VIOSes, with what is cached warm."""
        self.host.sim.job_modes.set('polls:1')
        self.fc.detach(self.attached(), self.guest)
        devices = self.devices(root=self.make())
        self.host.clear_journal()
        self.build(devices)
        requests = [
            entry
            for entry in self.host.sim.journal.entries()
            if not entry.event_poll
        ]
        self.assertLessEqual(len(requests), 20)
        self.remove(devices)

    def test_five_volumes_are_one_update(self) -> None:
        root = self.make(content=b'an operating system')
        data = [self.make(content=extents.EARLIER_OWNER) for _ in range(4)]
        devices = self.devices(*data, root=root)
        self.host.clear_journal()
        self.build(devices)
        self.assertEqual(list(fc_volumes.BOTH), self.updates())
        disks = self.fc.disks(self.server)
        udids = [self.fc.san.volume(v.id).udid for v in (root, *data)]
        self.assertEqual(udids, [disk.key for disk in disks])
        for disk in disks:
            self.assertEqual(list(fc_volumes.BOTH), sorted(disk.vioses))
        model = self.host.model('host1')
        part = model.partition(identity.lpar_uuid(self.server.uuid))
        source = part.booted_from
        known = {d.name: d.udid for d in self.fc.vios(source.vios).volumes}
        self.assertEqual(udids[0], known[source.name])
        self.host.clear_journal()
        self.remove(devices)
        self.assertEqual(list(fc_volumes.BOTH), self.updates())

    def test_one_of_several_is_not_there(self) -> None:
        """Nothing is left of the server, nor of the other volumes."""
        lost = self.make()
        devices = self.devices(self.make(), lost, root=self.make())
        self.fc.withdraw(lost)
        before = self.host.state('host1')
        failed = self.assertRaises(
            exception.NovaException, self.build, devices
        )
        self.assertIn(lost.id, str(failed))
        self.assertEqual([], self.host.changes('host1', before))

    def test_reused_lun(self) -> None:
        """A new server does not get the volume of another one."""
        first = self.attached()
        volume = self.make(content=fc_volumes.OTHER)
        self.fc.san.unmask(volume.id)
        self.fc.san.reuse(first.id, volume.id)
        volume.connection = self.fc.export(volume.id, self.server)
        devices = self.devices(root=volume)
        before = self.host.state('host1')
        failed = self.assertRaises(
            exception.NovaException, self.build, devices
        )
        self.assertIn('a partition has', str(failed))
        self.assertEqual([], self.host.changes('host1', before))
