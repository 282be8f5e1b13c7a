# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.vif.plug_events."""

import json
from typing import Any

from pypowervm.wrappers import event

from nova_powervm.tests.unit.virt.powervm import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vif import plug_events

VIF = {'address': 'fa:16:3e:0a:0b:0c', 'type': 'pvm_sea'}
HREF = 'http://localhost/rest/api/uom/LogicalPartition/L/X/Y'
PATH = '/rest/api/uom/Event'
APPLICATION = '0123456789abcdef'


class PlugEventsTestCase(simulated.SimulatedTestCase):
    """Events for the agents of Neutron."""

    def setUp(self) -> None:
        super().setUp()
        self.start()
        event.Event.get(self.client.adapter, APPLICATION)

    def _seen(self) -> list[Any]:
        return [
            (found.data, json.loads(found.detail))
            for found in event.Event.get(self.client.adapter, APPLICATION)
            if found.etype == 'CUSTOM_CLIENT_EVENT'
        ]

    def test_send(self) -> None:
        plug_events.send(self.client, plug_events.PLUG, VIF, HREF)
        self.assertEqual(
            [
                (
                    HREF,
                    {
                        'provider': 'NOVA_PVM_VIF',
                        'action': 'plug',
                        'mac': 'fa:16:3e:0a:0b:0c',
                        'type': 'pvm_sea',
                    },
                )
            ],
            self._seen(),
        )

    def test_sent_again_when_the_connection_broke(self) -> None:
        self.fault(method='PUT', path=PATH, drop='before')
        plug_events.send(self.client, plug_events.UNPLUG, VIF, HREF)
        ((_data, detail),) = self._seen()
        self.assertEqual('unplug', detail['action'])

    def test_failure(self) -> None:
        self.fault(method='PUT', path=PATH, status=500)
        self.assertRaises(
            errors.PlatformRefused,
            plug_events.send,
            self.client,
            plug_events.PLUG,
            VIF,
            HREF,
        )
