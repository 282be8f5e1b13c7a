# SPDX-License-Identifier: Apache-2.0
from typing import Any

import testtools
from nova import exception as nova_exc

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors as client_errors
from nova_powervm.virt.powervm.flows import destroy
from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors


class DestroyFlowTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.lpar = fake_host.record(state='running')
        self.host = fake_host.make(self.lpar)
        self.instance = nova_objects.instance(config_drive='True')

    def run_flow(
        self, exists: bool = True, destroy_disks: bool = True
    ) -> None:
        flow = destroy.flow(
            self.host, exists=exists, destroy_disks=destroy_disks
        )
        store: dict[str, Any] = {
            'instance': self.instance,
            'block_device_info': None,
        }
        if exists:
            network_info = nova_objects.network_info()
            store.update(lpar=self.lpar, network_info=network_info)
        engine.run(flow, store, errors.for_destroy)

    def test_inputs(self) -> None:
        flow = destroy.flow(self.host, exists=True, destroy_disks=True)
        self.assertEqual(
            {'instance', 'block_device_info', 'lpar', 'network_info'},
            set(flow.requires),
        )
        flow = destroy.flow(self.host, exists=False, destroy_disks=True)
        self.assertEqual({'instance', 'block_device_info'}, set(flow.requires))

    def test_order(self) -> None:
        self.run_flow()
        done = self.host.done
        self.assertEqual('power.stop', done[0])
        self.assertEqual('partition.delete', done[-1])
        for inner in ('disk.delete_disks', 'media.delete'):
            self.assertLess(
                done.index('vios.RemoveMappings'), done.index(inner)
            )
        self.assertIs(
            True, self.host.vifs.unplug.call_args.kwargs['with_lpar']
        )

    def test_disks_stay_when_asked(self) -> None:
        self.run_flow(destroy_disks=False)
        self.assertNotIn('disk.delete_disks', self.host.done)
        self.assertIn('disk.release', self.host.done)
        self.assertIs(False, self.host.power.stop.call_args.kwargs['hard'])

    def test_without_partition_storage_is_still_looked_for(self) -> None:
        self.run_flow(exists=False)
        self.assertEqual(
            {'vios.RemoveMappings', 'disk.delete_disks'}
            | {'media.names', 'media.delete'},
            set(self.host.done),
        )
        _target, intent = self.host.intents[0]
        self.assertEqual(
            identity.lpar_uuid(self.instance.uuid), intent.lpar_uuid
        )
        self.assertIsNone(intent.lpar_id)

    def test_what_cannot_be_stopped_is_not_touched(self) -> None:
        self.host.failing['power.stop'] = client_errors.PlatformError('on')
        error = self.assertRaises(
            nova_exc.InstancePowerOffFailure, self.run_flow
        )
        self.assertIn('on', str(error))
        self.assertEqual(['power.stop'], self.host.done)

    def test_other_failures(self) -> None:
        self.host.failing['vios.RemoveMappings'] = client_errors.PlatformError(
            'no VIOS'
        )
        error = self.assertRaises(
            nova_exc.InstanceTerminationFailure, self.run_flow
        )
        self.assertIn('no VIOS', str(error))
        self.assertNotIn('partition.delete', self.host.done)

    def test_a_partition_that_went_meanwhile(self) -> None:
        self.host.failing['power.stop'] = client_errors.NotFound('gone')
        self.run_flow()
        self.assertIn('disk.delete_disks', self.host.done)
