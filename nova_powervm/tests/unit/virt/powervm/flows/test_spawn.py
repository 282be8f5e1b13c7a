# SPDX-License-Identifier: Apache-2.0
import itertools
from typing import Any

import testtools
from nova import exception as nova_exc
from nova.network import model as network_model

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import volumes
from nova_powervm.virt.powervm.client import errors as client_errors
from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.flows import spawn
from nova_powervm.virt.powervm.lpar import power
from nova_powervm.virt.powervm.records import slots

INPUTS = {
    'context',
    'instance',
    'image_meta',
    'network_info',
    'block_device_info',
}
UNDONE_BY = {
    'partition.create': 'partition.delete',
    'disk.ensure_image': 'disk.discard',
    'disk.create': 'disk.discard',
    'vif.plug': 'vif.unplug',
    'media.upload': 'media.delete',
    'vios.AddMapping': 'vios.RemoveMappings',
    'power.start': 'power.stop',
}


def _no_ports() -> None:
    raise nova_exc.NoMoreFixedIps(net='the-net')


class SpawnFlowTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.host = fake_host.make()
        self.instance = nova_objects.instance()
        self.store = {
            'context': None,
            'instance': self.instance,
            'image_meta': None,
            'network_info': nova_objects.network_info(),
            'block_device_info': {},
        }

    def run_flow(self, config_drive: bool = True, **kwargs: Any) -> Any:
        flow = spawn.flow(self.host, None, config_drive=config_drive, **kwargs)
        store = dict(self.store)
        if config_drive:
            store.update(injected_files=[], admin_password='secret')
        return engine.run(flow, store, errors.for_spawn)

    def fail(self, name: str, exc: Exception) -> None:  # type: ignore
        self.host.failing[name] = exc

    def test_inputs_and_outputs(self) -> None:
        flow = spawn.flow(self.host, None, config_drive=False)
        self.assertEqual(INPUTS, set(flow.requires))
        self.assertEqual(
            {'spec', 'lpar', 'image', 'disks', 'management_vif'}
            | {'mappings', 'adapters', 'netboot'}
            | {'volumes', 'found_volumes', 'mapped_volumes'},
            set(flow.provides),
        )

    def test_inputs_and_outputs_with_config_drive(self) -> None:
        flow = spawn.flow(self.host, None, config_drive=True)
        self.assertEqual(
            INPUTS | {'injected_files', 'admin_password'}, set(flow.requires)
        )
        self.assertLessEqual(
            {'media_repository', 'config_media'}, set(flow.provides)
        )

    def test_everything_is_done_and_the_start_comes_last(self) -> None:
        self.run_flow()
        self.assertEqual('power.start', self.host.done[-1])
        self.assertLessEqual(set(UNDONE_BY), set(self.host.done))
        self.assertEqual(set(), set(UNDONE_BY.values()) & set(self.host.done))

    def install(self, **kwargs: Any) -> None:
        image = images.describe(__file__, disk_format='iso')
        self.useFixture(glance.GlanceFixture()).add(image)
        self.store['image_meta'] = nova_objects.image_meta(image)
        self.run_flow(iso=True, **kwargs)

    def test_blank_disks_and_media_that_install_them(self) -> None:
        self.install()
        done = self.host.done
        for first, second in itertools.pairwise(
            ('partition.plan', 'media.with_room', 'disk.create', 'disk.fill')
        ):
            self.assertLess(done.index(first), done.index(second))
        self.assertLess(done.index('disk.fill'), done.index('vios.AddMapping'))
        self.assertIn('media.store', done)
        self.assertEqual(3, done.count('vios.AddMapping'))
        self.assertEqual('power.start', done[-1])
        for other in ('disk.ensure_image', 'media.ensure', 'media.delete'):
            self.assertNotIn(other, done)

    def test_failed_installations_undo_themselves(self) -> None:
        for step, inverse in {
            'media.store': 'media.delete',
            'disk.fill': 'disk.discard',
            'vios.AddMapping': 'vios.RemoveMappings',
        }.items():
            self.host = fake_host.make()
            self.fail(step, client_errors.PlatformError('broken'))
            self.assertRaises(
                nova_exc.ComputeResourcesUnavailable, self.install
            )
            self.assertIn(inverse, self.host.done, step)

    def test_nothing_is_installed_on_no_disk(self) -> None:
        self.instance.flavor.root_gb = 0
        error = self.assertRaises(nova_exc.BuildAbortException, self.install)
        self.assertIn('root disk of 0 GB', str(error))
        self.assertNotIn('partition.create', self.host.done)

    def test_what_was_installed_elsewhere_is_not_installed_again(self) -> None:
        self.install(has_disks=True)
        self.assertNotIn('media.store', self.host.done)
        self.assertNotIn('disk.create', self.host.done)

    def test_disks_of_another_host_are_taken_over(self) -> None:
        self.run_flow(has_disks=True)
        self.assertIn('disk.adopt', self.host.done)
        self.assertNotIn('disk.create', self.host.done)
        self.assertNotIn('disk.ensure_image', self.host.done)

    def test_devices_get_the_addresses_that_go_with_the_disks(self) -> None:
        (vif,) = self.store['network_info']
        boot = slots.Entry(
            'boot', 'VIOS1', slots.Address(9, '0x82' + '0' * 14)
        )
        slots.store(
            self.instance, slots.SlotMap((boot,), {vif['address']: 33})
        )
        for has_disks, wanted in ((True, (33, 9)), (False, (None, None))):
            self.host.intents.clear()
            self.run_flow(config_drive=False, has_disks=has_disks)
            (mapping,) = [intent for _vios, intent in self.host.intents]
            plugged = self.host.vifs.plug.call_args.kwargs['slot']
            self.assertEqual(wanted, (plugged, mapping.slot))

    def test_disks_of_another_host_survive_a_failure(self) -> None:
        self.fail('power.start', client_errors.PlatformError('no'))
        self.assertRaises(
            nova_exc.NovaException, lambda: self.run_flow(has_disks=True)
        )
        self.assertIn('disk.release', self.host.done)
        self.assertNotIn('disk.discard', self.host.done)
        self.assertNotIn('disk.delete_disks', self.host.done)

    def test_without_power_on(self) -> None:
        self.run_flow(power_on=False)
        self.assertNotIn('power.start', self.host.done)

    def test_nothing_is_changed_for_what_cannot_be_built(self) -> None:
        self.fail(
            'partition.plan',
            nova_exc.ComputeResourcesUnavailable(reason='too big'),
        )
        self.assertRaises(nova_exc.ComputeResourcesUnavailable, self.run_flow)
        self.assertEqual(
            {'partition.plan', 'vif.check'} | set(self.host.done),
            {'partition.plan', 'vif.check'},
        )

    def test_the_reason_why_there_are_no_ports_is_told(self) -> None:
        """Nova tells it once, to whoever looks first."""
        self.instance.flavor.extra_specs = {
            'powervm:boot_mode': 'netboot',
            'powervm:netboot_server': '192.0.2.1',
            'powervm:netboot_directory': '/images',
        }
        self.store['network_info'] = network_model.NetworkInfoAsyncWrapper(
            _no_ports
        )
        self.assertRaises(
            nova_exc.NoMoreFixedIps,
            lambda: self.run_flow(config_drive=False),
        )
        self.assertNotIn('partition.create', self.host.done)

    def test_volumes_of_unknown_kinds_are_refused(self) -> None:
        unknown = volumes.connection('foo', 'some-volume')
        self.store['block_device_info'] = volumes.block_devices(
            [volumes.mapping(unknown)]
        )
        error = self.assertRaises(nova_exc.BuildAbortException, self.run_flow)
        self.assertIn('is of the kind foo', str(error))
        self.assertNotIn('partition.create', self.host.done)

    def test_an_existing_partition_is_left_alone(self) -> None:
        self.host.lpar = fake_host.record()
        self.assertRaises(nova_exc.InstanceExists, self.run_flow)
        self.assertNotIn('partition.delete', self.host.done)

    def test_a_partition_that_is_gone_is_no_obstacle(self) -> None:
        self.host.lpar = fake_host.record()
        self.host.cache.refresh_state.return_value = None
        self.run_flow()
        self.assertIn('partition.create', self.host.done)

    def test_a_failed_step_undoes_itself_and_those_before(self) -> None:
        for step, inverse in UNDONE_BY.items():
            self.host = fake_host.make()
            self.fail(step, client_errors.PlatformError('broken'))
            self.host.cache.refresh.side_effect = None
            self.host.cache.refresh.return_value = fake_host.record(
                instance_uuid=self.instance.uuid
            )
            error = self.assertRaises(
                nova_exc.ComputeResourcesUnavailable, self.run_flow
            )
            self.assertIn('broken', str(error))
            self.assertIn(inverse, self.host.done, step)
            for done, undone in UNDONE_BY.items():
                if done in self.host.done:
                    self.assertIn(undone, self.host.done)

    def test_the_partition_goes_last(self) -> None:
        self.fail(
            'power.start', power.PartitionNotRunning('x', 'error', 'B2001')
        )
        self.host.cache.refresh.side_effect = None
        self.host.cache.refresh.return_value = fake_host.record(
            instance_uuid=self.instance.uuid
        )
        error = self.assertRaises(nova_exc.BuildAbortException, self.run_flow)
        self.assertIn('B2001', str(error))
        # Letting go of the image has nothing to do with the partition.
        done = [name for name in self.host.done if name != 'disk.discard']
        self.assertEqual('partition.delete', done[-1])

    def test_a_broken_revert_does_not_stop_the_others(self) -> None:
        self.fail('vios.AddMapping', client_errors.PlatformError('broken'))
        self.fail('vios.RemoveMappings', client_errors.PlatformError('too'))
        self.fail('media.delete', client_errors.PlatformError('too'))
        error = self.assertRaises(
            nova_exc.ComputeResourcesUnavailable, self.run_flow
        )
        self.assertIn('broken', str(error))
        self.assertIn('disk.discard', self.host.done)
        self.assertIn('partition.delete', self.host.done)
