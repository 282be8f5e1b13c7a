# SPDX-License-Identifier: Apache-2.0
import contextlib
from collections.abc import Iterator
from typing import Any

import testtools
from nova import exception as nova_exc

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.client import errors as client_errors
from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.flows import network


class FakeVirtAPI:
    """Waits as the compute manager does, without time passing.

    :ivar waited: events that were waited for
    """

    def __init__(self, late: bool = False, failed: bool = False) -> None:
        self.waited: list[Any] = []
        self.late = late
        self.failed = failed

    @contextlib.contextmanager
    def wait_for_instance_event(
        self,
        instance: Any,
        event_names: Any,
        timeout: int = 300,
        error_callback: Any = None,
    ) -> Iterator[None]:
        yield
        self.waited.extend(event_names)
        if self.failed:
            error_callback('network-vif-plugged', instance)
        if self.late:
            raise nova_exc.InstanceEventTimeout()


class PlugVifsTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.host = fake_host.make()
        self.vifs = nova_objects.network_info(2)
        for vif in self.vifs:
            vif['active'] = False
        self.virtapi = FakeVirtAPI()

    def plug(self) -> None:
        engine.run(
            network.plug(self.host, self.virtapi),
            {
                'instance': nova_objects.instance(),
                'lpar': fake_host.record(),
                'network_info': self.vifs,
            },
            errors.for_plug,
        )

    def test_waits_for_ports_that_are_not_active(self) -> None:
        self.vifs[0]['active'] = True
        self.plug()
        self.assertEqual(
            [('network-vif-plugged', self.vifs[1]['id'])], self.virtapi.waited
        )

    def test_does_not_wait_without_timeout(self) -> None:
        self.host.settings.vif_plugging_timeout = 0
        self.plug()
        self.assertEqual([], self.virtapi.waited)
        self.assertEqual(2, self.host.done.count('vif.plug'))

    def test_a_fatal_timeout_unplugs(self) -> None:
        self.virtapi.late = True
        self.assertRaises(nova_exc.VirtualInterfaceCreateException, self.plug)
        self.assertEqual(2, self.host.done.count('vif.unplug'))

    def test_a_timeout_that_is_not_fatal(self) -> None:
        self.virtapi.late = True
        self.host.settings.vif_plugging_is_fatal = False
        self.plug()
        self.assertNotIn('vif.unplug', self.host.done)

    def test_a_failed_event(self) -> None:
        self.virtapi.failed = True
        self.assertRaises(nova_exc.VirtualInterfaceCreateException, self.plug)

    def test_a_failed_event_that_is_not_fatal(self) -> None:
        self.virtapi.failed = True
        self.host.settings.vif_plugging_is_fatal = False
        self.plug()

    def test_what_was_plugged_before_stays(self) -> None:
        self.host.vifs.macs.return_value = {self.vifs[0]['address'].lower()}
        self.virtapi.late = True
        self.assertRaises(nova_exc.VirtualInterfaceCreateException, self.plug)
        self.host.vifs.unplug.assert_called_once()
        self.assertIs(self.vifs[1], self.host.vifs.unplug.call_args.args[1])

    def test_what_was_plugged_before_stays_after_a_refusal(self) -> None:
        self.host.vifs.macs.return_value = {
            vif['address'].lower() for vif in self.vifs
        }
        self.host.failing['vif.plug'] = nova_exc.VirtualInterfacePlugException(
            'no RMC'
        )
        self.assertRaises(nova_exc.VirtualInterfacePlugException, self.plug)
        self.assertNotIn('vif.unplug', self.host.done)

    def test_one_that_stays_does_not_keep_the_others(self) -> None:
        self.virtapi.late = True
        self.host.failing['vif.unplug'] = client_errors.PlatformError('busy')
        self.assertRaises(nova_exc.VirtualInterfaceCreateException, self.plug)
        self.assertEqual(2, self.host.done.count('vif.unplug'))

    def test_a_plug_without_answer_is_undone(self) -> None:
        self.host.failing['vif.plug'] = client_errors.ConnectionLost('gone')
        self.assertRaises(nova_exc.VirtualInterfacePlugException, self.plug)
        self.assertEqual(1, self.host.done.count('vif.unplug'))
