# SPDX-License-Identifier: Apache-2.0
"""In which order an image of a server is made, and undone."""

import types
from typing import Any

import testtools
from nova import exception as nova_exc

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.client import errors as client_errors
from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.flows import snapshot

INPUTS = {'context', 'instance', 'lpar', 'image_id', 'update_task_state'}


class SnapshotFlowTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.lpar = fake_host.record(state='running')
        self.host: Any = fake_host.make(self.lpar)
        self.host.access = types.SimpleNamespace(
            boot_disk=lambda *_args: self.host.call('find', fake_host.DISK),
            connect=lambda *_args: self.host.call('connect'),
            open=lambda _readable: self.host.call('open'),
            release=lambda _instance: self.host.call('release'),
        )

    def run_flow(self, *, stop: bool) -> None:
        """Let it fail when the disk is opened."""
        self.host.failing['open'] = client_errors.PlatformError('no disk')
        store = dict.fromkeys(INPUTS)
        store['instance'] = nova_objects.instance()
        store['lpar'] = self.lpar
        store['update_task_state'] = lambda **_states: None
        flow = snapshot.flow(self.host, stop=stop, timeout=60)
        error = self.assertRaises(
            nova_exc.NovaException,
            engine.run,
            flow,
            store,
            errors.for_snapshot,
        )
        self.assertIn('no disk', str(error))

    def test_what_it_needs(self) -> None:
        for stop in (False, True):
            flow = snapshot.flow(self.host, stop=stop, timeout=60)
            self.assertEqual(INPUTS, set(flow.requires))

    def test_access_is_taken_back(self) -> None:
        self.run_flow(stop=False)
        self.assertEqual(
            ['find', 'connect', 'open', 'release'], self.host.done
        )

    def test_server_is_started_after_the_disk_is_back(self) -> None:
        stopped = fake_host.record(state='not activated')
        states = [self.lpar, stopped]
        self.host.cache.refresh.side_effect = lambda _uuid: states.pop(0)
        self.run_flow(stop=True)
        self.assertEqual(
            ['find', 'power.stop', 'connect', 'open', 'release']
            + ['power.start'],
            self.host.done,
        )

    def test_server_that_is_off_stays_off(self) -> None:
        self.host.cache.refresh.side_effect = lambda _uuid: fake_host.record(
            state='not activated'
        )
        self.run_flow(stop=True)
        self.assertEqual(
            ['find', 'connect', 'open', 'release'], self.host.done
        )
