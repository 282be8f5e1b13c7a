# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.builder."""

from collections.abc import Mapping
from typing import Any

from nova_powervm.tests.unit.virt.powervm import simulated
from nova_powervm.tests.unit.virt.powervm.lpar import test_flavor
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.lpar import builder
from novalink_sim.model import switches

LPARS = 'uom/ManagedSystem/{}/LogicalPartition'
CREATE = ('PUT', LPARS)
LOOK = ('GET', 'uom/LogicalPartition/{}')
PATH = f'/rest/api/{LPARS}'
MARKER = f'nova:{test_flavor.UUID}'


class BuilderTestCase(simulated.SimulatedTestCase):
    """Partitions as the platform has them."""

    def _start(self, **switch: Any) -> None:
        self.start(switches=switches.Switches(**switch))
        self.builder = builder.LparBuilder(self.client, self.reader)
        self.reader.read()
        self.requests()

    def _create(self, extra: Mapping[str, str] | None = None) -> Any:
        return self.builder.create(test_flavor.spec(extra))

    def test_create(self) -> None:
        self._start()
        lpar = self._create()
        self.assertEqual([CREATE], self.requests())
        self.assertEqual('76B3BD20-8A2B-4A73-9BB1-3C0CD7DBD5E3', lpar.uuid)
        found = self.read_lpar(lpar.uuid)
        self.assertEqual('instance-00000007', found.name)
        self.assertEqual('AIX/Linux', found.env)
        self.assertEqual('not activated', found.state)
        memory = found.mem_config
        self.assertEqual(
            (2048, 2048, 2048), (memory.desired, memory.min, memory.max)
        )
        self.assertEqual(127, found.avail_priority)
        self.assertFalse(found.allow_perf_data_collection)
        self.assertFalse(found.srr_enabled)
        self.assertEqual(64, found.io_config.max_virtual_slots)
        self.assertEqual('default', found.pending_proc_compat_mode)
        self.assertEqual(MARKER, found.element.findtext('Description'))

    def test_shared_processors(self) -> None:
        self._start()
        lpar = self._create(
            {
                'min_vcpu': '1',
                'max_vcpu': '4',
                'proc_units': '0.5',
                'min_proc_units': '0.25',
                'max_proc_units': '2',
                'shared_weight': '200',
                'min_mem': '1024',
                'max_mem': '4096',
                'availability_priority': '200',
                'enable_lpar_metric': 'yes',
                'processor_compatibility': 'POWER8',
            }
        )
        found = self.read_lpar(lpar.uuid)
        procs = found.proc_config.shared_proc_cfg
        self.assertFalse(found.proc_config.has_dedicated)
        self.assertEqual('uncapped', found.proc_config.sharing_mode)
        self.assertEqual(
            (1, 2, 4),
            (procs.min_virtual, procs.desired_virtual, procs.max_virtual),
        )
        self.assertEqual(
            (0.25, 0.5, 2.0),
            (procs.min_units, procs.desired_units, procs.max_units),
        )
        self.assertEqual(200, procs.uncapped_weight)
        self.assertEqual(0, procs.pool_id)
        self.assertEqual(1024, found.mem_config.min)
        self.assertEqual(4096, found.mem_config.max)
        self.assertEqual(200, found.avail_priority)
        self.assertTrue(found.allow_perf_data_collection)
        self.assertEqual('POWER8', found.pending_proc_compat_mode)

    def test_capped(self) -> None:
        self._start()
        lpar = self._create({'uncapped': 'no'})
        config = self.read_lpar(lpar.uuid).proc_config
        self.assertEqual('capped', config.sharing_mode)

    def test_dedicated_processors(self) -> None:
        self._start()
        lpar = self._create(
            {
                'dedicated_proc': 'true',
                'dedicated_sharing_mode': 'keep_idle_procs',
                'max_vcpu': '3',
            }
        )
        config = self.read_lpar(lpar.uuid).proc_config
        self.assertTrue(config.has_dedicated)
        self.assertEqual('keep idle procs', config.sharing_mode)
        procs = config.dedicated_proc_cfg
        self.assertEqual((2, 2, 3), (procs.min, procs.desired, procs.max))

    def test_description_that_is_refused_is_not_tried_again(self) -> None:
        self._start(description='refuse')
        first = self._create()
        self.assertEqual([CREATE, CREATE], self.requests())
        self.assertEqual('not activated', first.state)
        self.read_lpar(first.uuid).delete()
        self.requests()
        self._create()
        self.assertEqual([CREATE], self.requests())

    def test_description_that_is_not_kept(self) -> None:
        self._start(description='ignore')
        with self.assertLogs(builder.LOG.logger, 'INFO') as logs:
            self._create()
        self.assertIn('does not keep', logs.output[0])
        self.assertEqual([CREATE], self.requests())

    def test_other_errors_do_not_teach(self) -> None:
        self._start()
        self.fault(method='PUT', path=PATH, status=500)
        self.assertRaises(errors.PlatformRefused, self._create)
        self.assertEqual([CREATE], self.requests())
        lpar = self._create()
        self.assertEqual(MARKER, lpar.element.findtext('Description'))

    def test_partition_whose_reply_got_lost(self) -> None:
        self._start()
        self.fault(method='PUT', path=PATH, drop='after')
        lpar = self._create()
        self.assertEqual([CREATE, LOOK], self.requests())
        self.assertEqual('instance-00000007', lpar.name)

    def test_request_that_got_lost(self) -> None:
        self._start()
        self.fault(method='PUT', path=PATH, drop='before')
        lpar = self._create()
        self.assertEqual([CREATE, LOOK, CREATE], self.requests())
        self.assertEqual('instance-00000007', lpar.name)

    def test_platform_that_is_gone(self) -> None:
        self._start()
        self.fault(method='PUT', path=PATH, drop='before', times=2)
        self.assertRaises(errors.ConnectionLost, self._create)
