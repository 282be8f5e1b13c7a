# SPDX-License-Identifier: Apache-2.0
"""Nobody sees the secrets of connections, whatever happens to a volume."""

import logging
import pathlib
import traceback
from collections.abc import Callable
from typing import Any

import fixtures
import testscenarios
import testtools
from nova import exception
from oslo_utils import uuidutils

from nova_powervm.tests.fixtures import driver
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.fixtures import secretive
from nova_powervm.tests.fixtures import volumes
from nova_powervm.tests.fixtures import waits
from nova_powervm.virt.powervm.volume import parsing
from nova_powervm.virt.powervm.volume import registry
from novalink_sim.control import faults


def _size(_api: Any, _context: Any, _volume_id: str) -> dict[str, int]:
    return {'size': 1}


class TestSecrets(  # type: ignore[misc]
    testscenarios.WithScenarios, testtools.TestCase
):
    """A server with volumes of one kind, and everything at DEBUG.

    :ivar kind: of the volumes
    :ivar told: what was said in exceptions
    """

    scenarios = [
        (name, {'kind': kind}) for name, kind in secretive.KINDS.items()
    ]
    kind: secretive.Kind

    def setUp(self) -> None:
        super().setUp()
        self.logs = self.useFixture(
            fixtures.FakeLogger(
                level=logging.DEBUG, format='%(levelname)s %(message)s'
            )
        )
        self.useFixture(waits.QuickWaits())
        self.useFixture(
            fixtures.MonkeyPatch('nova.volume.cinder.API.get', _size)
        )
        self.host = self.useFixture(platform.InProcess(self.kind.preset))
        self.harness = self.useFixture(
            driver.DriverHarness(
                self.host,
                retry_attempts=2,
                **self.kind.options_of(self.host),
            )
        )
        self.driver = self.harness.driver
        self.image = self.harness.glance.make(1)
        self.ports = nova_objects.network_info()
        self.context = nova_objects.context()
        self.told: list[str] = []

    def server(self) -> Any:
        """An instance to build."""
        return nova_objects.instance(self.image)

    def volume(self, instance: Any) -> dict[str, Any]:
        """Make a volume for an instance; gives a connection."""
        connector = self.driver.get_volume_connector(instance)
        name = uuidutils.generate_uuid()
        data = self.kind.connect(self.host, connector, name)
        secret = {**data, **secretive.secrets()}
        return volumes.connection(self.kind.kind, name, secret)

    def spawn(self, instance: Any, volume: Any) -> None:
        """Build a server that has a volume from the start."""
        self.driver.spawn(
            self.context,
            instance,
            nova_objects.image_meta(self.image),
            [],
            'password',
            {},
            network_info=self.ports,
            block_device_info=self.devices(volume),
        )

    @staticmethod
    def devices(volume: Any) -> Any:
        """What Nova tells of the volumes of a server."""
        return volumes.block_devices([volumes.mapping(volume)])

    def attempt(self, call: Callable[..., Any], *args: Any) -> bool:
        """Do something that may fail; keep what is said of it."""
        try:
            call(*args)
        except exception.NovaException as exc:
            self.told.append(''.join(traceback.format_exception(exc)))
            return False
        return True

    def attach(self, instance: Any, volume: Any) -> bool:
        """Attach a volume as the compute manager does."""
        return self.attempt(
            self.driver.attach_volume,
            self.context,
            volume,
            instance,
            '/dev/sdb',
        )

    def detach(self, instance: Any, volume: Any) -> bool:
        """Detach a volume as the compute manager does."""
        return self.attempt(
            self.driver.detach_volume,
            self.context,
            volume,
            instance,
            '/dev/sdb',
        )

    def search(self, *instances: Any) -> None:
        """Look for secrets wherever anybody might look."""
        shown = {
            'logs': self.logs.output,
            'exceptions': '\n'.join(self.told),
            'state of the service': self.files(),
            'journal of requests': str(
                [entry.to_dict() for entry in self.host.sim.journal.entries()]
            ),
            'jobs': str(self.host.sim.dump()['jobs']),
        }
        for instance in instances:
            shown[f'metadata of {instance.name}'] = str(
                [instance.system_metadata, instance.metadata]
            )
        for where, text in shown.items():
            at = text.find(secretive.MARKER)
            around = text[max(0, at - 200) : at + 80] if at >= 0 else ''
            self.assertEqual('', around, where)

    def files(self) -> str:
        """All that the service keeps in files."""
        root = pathlib.Path(self.driver.host.settings.state_path)
        found = [path for path in root.rglob('*') if path.is_file()]
        return '\n'.join(path.read_text(errors='replace') for path in found)

    def test_all_is_well(self) -> None:
        """Built with a volume, one more attached, extended, detached."""
        instance = self.server()
        first = self.volume(instance)
        self.spawn(instance, first)
        volume = self.volume(instance)
        for _number in range(2):
            self.assertTrue(self.attach(instance, volume), self.told)
        self.attempt(
            self.driver.extend_volume, self.context, volume, instance, 1 << 30
        )
        self.assertTrue(self.detach(instance, volume), self.told)
        found = parsing.volume(instance, first)
        self.told += [repr(found), str(found)]
        self.driver.destroy(
            self.context, instance, self.ports, self.devices(first)
        )
        self.assertIn('DEBUG', self.logs.output)
        self.search(instance)

    def test_platform_fails(self) -> None:
        """Each kind of failure, also one that says what it was told."""
        instance = self.server()
        self.harness.spawn(instance, self.image, self.ports)
        other, volume = self.server(), self.volume(instance)
        for fault in (
            {'status': 500, 'message': 'HSCL0000 no'},
            {'drop': 'after'},
        ):
            rule = faults.FaultRule(
                system='host1', writes=True, times=None, **fault
            )
            with self.host.fault(rule):
                self.attach(instance, volume)
                self.attempt(self.spawn, other, volume)
        for job, keys in self.kind.jobs.items():
            said = ' and '.join(secretive.secrets()[key] for key in keys)
            rule = faults.FaultRule(
                method='PUT',
                operation=job,
                status=500,
                message=said,
                times=None,
            )
            with self.host.fault(rule):
                self.assertFalse(self.attach(instance, volume))
        self.assertNotEqual([], self.told)
        self.search(instance, other)

    def test_volume_is_not_there(self) -> None:
        """Whoever describes what is wrong describes a connection."""
        instance = self.server()
        self.harness.spawn(instance, self.image, self.ports)
        volume = self.volume(instance)
        for name in volume['data']:
            if name not in secretive.secrets():
                data = {k: v for k, v in volume['data'].items() if k != name}
                self.attach(instance, dict(volume, data=data))
                self.detach(instance, dict(volume, data=data))
        wrong = {k: f'{v}-too' for k, v in secretive.secrets().items()}
        self.attach(instance, dict(volume, data=volume['data'] | wrong))
        self.detach(instance, volume)
        self.search(instance)


class TestTable(testtools.TestCase):
    """The table has every connector."""

    def test_every_connector(self) -> None:
        tried = {name.partition(',')[0] for name in secretive.KINDS}
        self.assertEqual(set(registry.CONNECTORS), tried)
