# SPDX-License-Identifier: Apache-2.0
"""Volumes over fibre channel ports of the server, on the simulated SAN."""

from typing import Any

import fixtures
from nova import exception
from nova.compute import task_states

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import npiv
from nova_powervm.tests.fixtures import saved
from nova_powervm.tests.functional import npiv_base
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.records import slots


class ConnectorTest(npiv_base.NpivTest):
    """What Cinder is told of a server."""

    def test_first_and_second_time(self) -> None:
        instance = self.instance(host='host1')
        found = self.driver.get_volume_connector(instance)
        self.assertEqual(2, len(found['wwpns']))
        self.assertTrue(all(w.startswith('c05076') for w in found['wwpns']))
        self.assertEqual(f'host1_{instance.name}', found['host'])
        self.assertEqual({'unmapped'}, npiv_base.states(instance))
        before = dict(instance.system_metadata)
        self.host.clear_journal()
        self.assertEqual(found, self.driver.get_volume_connector(instance))
        self.assertEqual([], self.requests())
        self.assertEqual(before, instance.system_metadata)
        # Nothing but WWPNs was taken of the platform.
        self.assert_unchanged()

    def test_instances_have_wwpns_of_their_own(self) -> None:
        every = [
            wwpn
            for _number in range(3)
            for wwpn in self.driver.get_volume_connector(self.instance())[
                'wwpns'
            ]
        ]
        self.assertEqual(6, len(set(every)))

    def test_instance_that_goes_gets_none(self) -> None:
        instance = self.instance(task_state=task_states.DELETING)
        self.host.clear_journal()
        self.assertNotIn('wwpns', self.driver.get_volume_connector(instance))
        self.assertEqual([], self.requests())
        self.assertEqual([], npiv_base.fabric_keys(instance))

    def test_platform_gives_none(self) -> None:
        """Other kinds of volumes need none; the next try begins anew."""
        self.operate('fail-wwpns', message='HSCL9999 no WWPNs today')
        instance = self.instance()
        connector = self.driver.get_volume_connector(instance)
        self.assertNotIn('wwpns', connector)
        self.assertIn('initiator', connector)
        self.assertIn('HSCL9999', self.logs.output)
        self.assertEqual([], npiv_base.fabric_keys(instance))
        self.operate('fail-wwpns')
        found = self.driver.get_volume_connector(instance)
        self.assertEqual(2, len(found['wwpns']))

    def test_record_that_cannot_be_read_is_kept(self) -> None:
        instance = self.instance()
        self.driver.get_volume_connector(instance)
        instance.system_metadata['npiv_adpt_wwpns_B'] = 'C05076,what'
        before = npiv_base.fabric_keys(instance)
        connector = self.driver.get_volume_connector(instance)
        self.assertNotIn('wwpns', connector)
        self.assertIn('npiv_adpt_wwpns_B', self.logs.output)
        self.assertEqual(before, npiv_base.fabric_keys(instance))

    def test_what_another_operation_saved_is_found(self) -> None:
        """Nova may hand over an instance as it was before."""
        saved = self.instance()
        found = self.driver.get_volume_connector(saved)
        stale = saved.obj_clone()
        stale.system_metadata = {}
        stale.obj_reset_changes()

        def get(*_args: Any, **_kwargs: Any) -> Any:
            return saved

        self.useFixture(
            fixtures.MonkeyPatch('nova.objects.Instance.get_by_uuid', get)
        )
        self.assertEqual(found, self.driver.get_volume_connector(stale))


class AttachTest(npiv_base.NpivTest):
    """Servers that get volumes while they run."""

    def test_attach(self) -> None:
        instance = self.spawn()
        self.attach(instance)
        # A port in each fabric, on different VIOSes; two targets in each.
        vioses = [vios for vios, _port in self.ports(instance)]
        self.assertEqual(['vios1', 'vios2'], vioses)
        self.assertEqual({self.volume: 4}, self.san.seen(instance))
        self.assertEqual({'inst_mapped'}, npiv_base.states(instance))
        known = slots.known(instance)
        self.assertEqual(
            {m.client_slot for m in npiv.mappings(self.host, instance)},
            {
                entry.address.slot
                for entry in known.storage
                if entry.name.startswith('fc:')
            },
        )

    def test_requests(self) -> None:
        """The retired driver took 18, and then 4."""
        instance = self.spawn()
        self.host.clear_journal()
        self.attach(instance)
        self.assertLessEqual(len(self.requests()), 7, self.requests())
        self.host.clear_journal()
        self.attach(instance, self.san.create())
        self.assertLessEqual(len(self.requests()), 3, self.requests())

    def test_several_servers_have_one_volume(self) -> None:
        """Each by ports of its own; what one gives back the other keeps."""
        first, second = self.spawn(), self.instance()
        self.harness.spawn(second, self.image, nova_objects.network_info())
        infos = [
            self.san.connection(self.driver, instance, self.volume)
            for instance in (first, second)
        ]
        for instance, info in zip((first, second), infos, strict=True):
            self.driver.attach_volume(
                nova_objects.context(),
                {**info, 'multiattach': True},
                instance,
                '/dev/sdb',
            )
            self.assertEqual({self.volume: 4}, self.san.seen(instance))
        self.detach(first, infos[0])
        self.assertEqual({}, self.san.seen(first))
        self.assertEqual({self.volume: 4}, self.san.seen(second))

    def test_several_volumes_share_the_ports(self) -> None:
        instance = self.spawn()
        infos = [
            self.attach(instance, name)
            for name in (self.volume, self.san.create(), self.san.create())
        ]
        self.assertEqual(2, len(self.ports(instance)))
        self.assertEqual(3, len(self.san.seen(instance)))
        # The ports stay when a volume goes, and when all of them went.
        for info in infos:
            self.detach(instance, info)
        self.assertEqual({}, self.san.seen(instance))
        self.assertEqual(2, len(self.ports(instance)))

    def test_again(self) -> None:
        """A volume that the server has may be attached once more."""
        instance = self.spawn()
        self.attach(instance)
        before = self.host.state('host1')
        self.attach(instance)
        self.assertEqual([], self.host.changes('host1', before))

    def test_interface_of_a_request_from_before(self) -> None:
        """Nova read the server before it got its ports."""
        self.useFixture(saved.SavedInstances())
        guest = self.spawn()
        guest.save()
        later = guest.obj_clone()
        self.attach(guest)
        (vif,) = nova_objects.network_info()
        context = nova_objects.context()
        self.driver.attach_interface(context, later, None, vif)
        keys = npiv_base.fabric_keys(guest)
        self.assertEqual(keys, npiv_base.fabric_keys(later))

    def test_without_rmc(self) -> None:
        instance = self.spawn()
        self.host.lpar('host1', instance.uuid)
        info = self.san.connection(self.driver, instance, self.volume)
        with self.host.model('host1').lock:
            for lpar in self.host.model('host1').lpars.values():
                lpar.rmc_state = 'inactive'
        self.driver.host.cache.load()
        before = self.host.state('host1')
        self.assertRaises(
            exception.VolumeAttachFailed,
            self.driver.attach_volume,
            nova_objects.context(),
            info,
            instance,
            '/dev/sdb',
        )
        self.assertEqual([], self.host.changes('host1', before))

    def test_destroy_leaves_nothing(self) -> None:
        instance = self.spawn()
        self.attach(instance)
        self.destroy(instance)
        self.assert_unchanged()
        self.assertEqual({'unmapped'}, npiv_base.states(instance))

    def test_extend(self) -> None:
        """The server sees the new size by itself."""
        instance = self.spawn()
        info = self.attach(instance)
        self.host.clear_journal()
        self.driver.extend_volume(
            nova_objects.context(), info, instance, 2 << 30
        )
        self.assertEqual([], self.requests())


class ManyPortsTest(npiv_base.NpivTest):
    """More ports than one value of the system metadata holds."""

    OPTIONS = {'ports_per_fabric': 6}

    def test_spread(self) -> None:
        instance = self.spawn()
        self.attach(instance)
        found = self.ports(instance)
        # Two VIOSes with two ports in each of two fabrics.
        self.assertEqual(12, len(found))
        self.assertEqual(8, len(set(found)))
        self.assertEqual({self.volume: 24}, self.san.seen(instance))
        names = [key for key, _value in npiv_base.fabric_keys(instance)]
        self.assertIn('npiv_adpt_wwpns_A_2', names)
        self.assertNotIn('npiv_adpt_wwpns_A_3', names)
        self.assertEqual(2, self.host.operations('GetNextWWPNs'))
        self.destroy(instance)
        self.assert_unchanged()


class BootTest(npiv_base.NpivTest):
    """Servers whose disk is a volume of the SAN."""

    def build(self, *names: str, distro: str = 'rhel') -> tuple[Any, Any]:
        """Build a server that boots from the first of some volumes."""
        metadata = {'image_os_distro': distro}
        instance = self.instance(system_metadata=metadata)
        instance.image_ref = ''
        devices = self.devices(instance, *names)
        self.harness.spawn(
            instance, self.image, self.network_info, devices=devices
        )
        return instance, devices

    def test_boot(self) -> None:
        second = self.san.create()
        instance, devices = self.build(self.volume, second)
        self.assertEqual({self.volume, second}, set(self.san.seen(instance)))
        model = self.host.model('host1')
        source = next(
            lpar.booted_from
            for lpar in model.lpars.values()
            if not lpar.is_management
        )
        self.assertEqual(('npiv', self.volume), (source.kind, source.name))
        self.assertEqual({'inst_mapped'}, npiv_base.states(instance))
        self.harness.destroy(instance, self.network_info, devices)
        self.assert_unchanged()

    def test_ibmi(self) -> None:
        """One of the ports is the load source."""
        instance, devices = self.build(self.volume, distro='ibmi')
        model = self.host.model('host1')
        lpar = model.partition(identity.lpar_uuid(instance.uuid))
        slots_ = {m.client_slot for m in npiv.mappings(self.host, instance)}
        self.assertIn(int(lpar.tagged_io.load_source), slots_)
        self.assertEqual(self.volume, lpar.booted_from.name)
        self.harness.destroy(instance, self.network_info, devices)
        self.assert_unchanged()

    def test_one_write_for_each_vios(self) -> None:
        self.host.clear_journal()
        self.build(*(self.san.create(b'system') for _number in range(5)))
        posts = [r for r in self.requests() if 'POST VirtualIO' in r]
        self.assertEqual(2, len(posts))

    def test_slots_are_kept(self) -> None:
        """A server that is built again has its ports where they were."""
        instance, devices = self.build(self.volume)
        before = {
            tuple(m.wwpns): m.client_slot
            for m in npiv.mappings(self.host, instance)
        }
        self.harness.destroy(instance, self.network_info, devices)
        self.harness.spawn(
            instance, self.image, self.network_info, devices=devices
        )
        after = {
            tuple(m.wwpns): m.client_slot
            for m in npiv.mappings(self.host, instance)
        }
        self.assertEqual(set(before), set(after))
        self.assertEqual({self.volume: 4}, self.san.seen(instance))
