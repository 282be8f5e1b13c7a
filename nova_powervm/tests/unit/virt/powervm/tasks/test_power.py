# SPDX-License-Identifier: Apache-2.0
from typing import Any

import testtools

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.lpar import power as lpar_power
from nova_powervm.virt.powervm.tasks import media
from nova_powervm.virt.powervm.tasks import power


class PowerOnTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.host = fake_host.make()
        self.arguments: dict[str, Any] = {
            'instance': nova_objects.instance(),
            'lpar': fake_host.record(),
        }

    def start(self, config_media: Any) -> Any:
        task = power.PowerOnBuilt(self.host)
        task.execute(**self.arguments, config_media=config_media, netboot=None)
        return self.host.power.start.call_args.kwargs['remove_optical']

    def test_the_config_drive_stays(self) -> None:
        self.assertIsNone(self.start(media.ConfigMedia('cfg_1', 'VIOS1')))

    def test_the_config_drive_goes_after_the_boot(self) -> None:
        self.host.settings.remove_vopt_media_on_boot = True
        self.assertEqual(
            lpar_power.RemoveOptical('cfg_1', 60),
            self.start(media.ConfigMedia('cfg_1', 'VIOS1')),
        )
        self.assertIsNone(self.start(None))

    def test_undo_looks_at_the_state_first(self) -> None:
        task = self.started('not activated')
        self.host.lpar = fake_host.record(state='starting')
        task.undo(None, **self.arguments)
        self.host.power.stop.assert_called_once_with(self.host.lpar, hard=True)

    def test_undo_without_partition(self) -> None:
        task = self.started('not activated')
        self.host.lpar = None
        task.undo(None, **self.arguments)
        self.host.power.stop.assert_not_called()

    def test_undo_leaves_alone_what_it_did_not_start(self) -> None:
        for state in ('running', 'suspended'):
            self.started(state).undo(None, **self.arguments)
            self.host.power.stop.assert_not_called()

    def test_undo_leaves_alone_what_it_could_not_look_at(self) -> None:
        self.host.lpar = fake_host.record(state='running')
        self.host.cache.refresh.side_effect = errors.ConnectionLost('lost')
        task = power.PowerOn(self.host)
        self.assertRaises(
            errors.ConnectionLost, task.execute, **self.arguments
        )
        task.undo(None, **self.arguments)
        self.host.power.stop.assert_not_called()

    def started(self, state: str) -> power.PowerOn:
        """A task that ran when the partition had been in that state."""
        self.host.lpar = fake_host.record(state=state)
        task = power.PowerOn(self.host)
        task.execute(**self.arguments)
        return task
