# SPDX-License-Identifier: Apache-2.0
"""Adapters of servers that exist come and go."""

import dataclasses
from typing import Any
from unittest import mock

from nova import exception

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import driver_base


class VifTest(driver_base.DriverTest):
    """A server with one port, and another port for it."""

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.spawn()
        (self.first,) = self.network_info
        (self.second,) = nova_objects.network_info()

    def macs(self) -> set[str]:
        """MAC addresses of the server's adapters."""
        return set(self.host.lpar('host1', self.guest.uuid).adapters)

    def attach(self, vif: Any) -> None:
        """Attach a port, as the compute manager asks for it."""
        self.driver.attach_interface(None, self.guest, None, vif)

    def detach(self, vif: Any) -> None:
        """Detach a port, as the compute manager asks for it."""
        self.driver.detach_interface(None, self.guest, vif)


class TestWithRmc(VifTest):
    """A guest that takes part in changes."""

    def test_port_comes_and_goes(self) -> None:
        before = self.host.state('host1')
        self.attach(self.second)
        self.assertIn(self.second['address'], self.macs())
        self.detach(self.second)
        self.assertEqual([], self.host.changes('host1', before))

    def test_connection_that_came_up_unnoticed(self) -> None:
        """No event told the driver of it."""
        cache: Any = self.driver.host.cache
        record = cache.for_instance(self.guest)
        old = dataclasses.replace(record, rmc_state='inactive')
        with mock.patch.object(
            cache, 'for_instance', autospec=True, return_value=old
        ):
            self.attach(self.second)
        self.assertIn(self.second['address'], self.macs())

    def test_what_is_there_may_be_attached_again(self) -> None:
        before = self.host.state('host1')
        self.attach(self.first)
        self.assertEqual([], self.host.changes('host1', before))

    def test_what_is_not_there_may_be_detached(self) -> None:
        before = self.host.state('host1')
        self.detach(self.second)
        self.assertEqual([], self.host.changes('host1', before))

    def test_port_of_another_kind_is_refused(self) -> None:
        before = self.host.state('host1')
        self.second['type'] = 'bridge'
        self.assertRaises(
            exception.VirtualInterfacePlugException, self.attach, self.second
        )
        self.assertEqual([], self.host.changes('host1', before))


class TestWithoutRmc(VifTest):
    """A guest that the platform cannot reach."""

    SWITCHES = {'guest_rmc': False}

    def test_running_guest_keeps_what_it_has(self) -> None:
        before = self.host.state('host1')
        for vif in (self.first, self.second):
            error = self.assertRaises(
                exception.VirtualInterfacePlugException, self.attach, vif
            )
            self.assertIn('RMC', str(error))
        self.assertRaises(
            exception.InterfaceDetachFailed, self.detach, self.first
        )
        self.assertEqual([], self.host.changes('host1', before))

    def test_stopped_guest_can_be_changed(self) -> None:
        self.driver.power_off(self.guest)
        self.attach(self.second)
        self.detach(self.first)
        self.assertIn(self.second['address'], self.macs())
        self.assertNotIn(self.first['address'], self.macs())
