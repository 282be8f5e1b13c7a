# SPDX-License-Identifier: Apache-2.0
from typing import Any

import testscenarios

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.volume import iscsi_jobs
from nova_powervm.virt.powervm.volume import iscsi_paths
from novalink_sim.model import iscsi
from novalink_sim.model import mappings
from novalink_sim.model.switches import Switches

IQN = 'iqn.2010-10.org.openstack:volume-1'
PORTALS = ('10.0.0.1:3260', '10.0.0.2:3260')
SECRETS = {
    'auth_method': 'CHAP',
    'auth_username': 'me',
    'auth_password': 'sesame',
}
DISCOVERY = {
    'discovery_auth_method': 'CHAP',
    'discovery_auth_username': 'you',
    'discovery_auth_password': 'open',
}


class IscsiJobsTestCase(  # type: ignore[misc]
    testscenarios.WithScenarios, simulated.SimulatedTestCase
):
    # Nobody knows whether a job fails whose command did.
    scenarios = [
        (failure, {'SIMULATOR': {'switches': Switches(iscsi_failure=failure)}})
        for failure in ('job', 'result')  # type: ignore[arg-type]
    ]
    PRESET = 'san-vscsi'

    def setUp(self) -> None:
        super().setUp()
        self.san = self.sim.san
        self.volume = self.san.create('vol', 1 << 30)
        self.target = iscsi.add_target(self.san, IQN, PORTALS)
        iscsi.export(self.san, IQN, 'vol', 1)
        self.jobs = iscsi_jobs.IscsiJobs(self.client.jobs)
        self.server = self.model.vios('vios1')
        self.uuid = self.server.uuid

    def _login(self, *portals: str, **changes: Any) -> iscsi_jobs.Login:
        given: dict[str, Any] = {
            'interface': 'default',
            'multipath': False,
            'secrets': {},
        }
        return iscsi_jobs.Login(
            [iscsi_paths.Path(p, IQN, 1) for p in portals or PORTALS[:1]],
            **(given | changes),
        )

    def _discover(self, *args: str, **kwargs: Any) -> tuple[str, list[str]]:
        code, disks = self.jobs.discover(
            self.uuid, self._login(*args, **kwargs)
        )
        return code, [disk.udid for disk in disks]

    def test_initiator(self) -> None:
        names = {self.jobs.initiator(uuid) for uuid in self.model.vioses}
        self.assertEqual(2, len(names))
        self.server.initiator.supported = False
        self.assertIsNone(self.jobs.initiator(self.uuid))

    def test_disk_comes_and_goes(self) -> None:
        udid = self.volume.udid
        self.assertEqual(('0', [udid]), self._discover())
        self.assertEqual(('15', [udid]), self._discover())
        self.jobs.remove(self.uuid, self._login())
        self.assertEqual([], self.server.initiator.sessions)
        # It may be gone already.
        self.jobs.remove(self.uuid, self._login())

    def test_multipath(self) -> None:
        udid = self.volume.udid
        for portals in (PORTALS, PORTALS[:1]):
            code, found = self._discover(*portals, multipath=True)
            self.assertEqual(('0', {udid}), (code, set(found)))
            self.assertEqual(2, len(self.server.initiator.sessions))
            login = self._login(*portals, multipath=True)
            self.jobs.remove(self.uuid, login)
            self.assertEqual([], self.server.initiator.sessions)

    def test_interface(self) -> None:
        self._discover(interface='iser')
        (session,) = self.server.initiator.sessions
        self.assertEqual('iser', session.interface)

    def test_secrets(self) -> None:
        self.target.chap = iscsi.Chap('me', 'sesame')
        self.assertEqual(('24', []), self._discover())
        self.assertEqual('0', self._discover(secrets=SECRETS)[0])
        self.assertNotIn('sesame', repr(self._login(secrets=SECRETS)))

    def test_secrets_of_portals(self) -> None:
        self.target.discovery_chap = iscsi.Chap('you', 'open')
        self.assertEqual('24', self._discover(multipath=True)[0])
        code, _ = self._discover(multipath=True, secrets=DISCOVERY)
        self.assertEqual('0', code)
        # Without multipath no portal is asked.
        self.jobs.remove(self.uuid, self._login(multipath=True))
        self.assertEqual('0', self._discover()[0])

    def test_disk_in_use(self) -> None:
        self._discover()
        (disk,) = [
            v for v in self.server.volumes if v.udid == self.volume.udid
        ]
        wanted = mappings.StorageRequest('pv', udid=disk.udid)
        ask = mappings.MappingRequest(self.create_lpar().uuid, storage=wanted)
        with self.model.lock:
            mappings.update(self.server, [ask])
        exc = self.assertRaises(
            errors.PlatformError, self.jobs.remove, self.uuid, self._login()
        )
        self.assertIn('code 1', str(exc))
        self.assertIn(disk, self.server.volumes)

    def test_unsupported(self) -> None:
        self.server.initiator.supported = False
        self.assertEqual('127', self._discover()[0])
        self.jobs.remove(self.uuid, self._login())

    def test_vios_that_is_down(self) -> None:
        self.system.operate('power-off', partition='vios1')
        self.assertRaises(errors.PlatformError, self._discover)
        self.assertRaises(
            errors.PlatformError, self.jobs.remove, self.uuid, self._login()
        )


class AnswerTestCase(simulated.SimulatedTestCase):
    """What another platform might say."""

    def _discover(self, **results: str) -> Any:
        class Runner:
            def run(self, *_args: Any, **_kwargs: Any) -> dict[str, str]:
                return results

        runner: Any = Runner()
        path = iscsi_paths.Path('10.0.0.1:3260', IQN, 1)
        login = iscsi_jobs.Login([path], 'default', False)
        return iscsi_jobs.IscsiJobs(runner).discover('uuid', login)

    def test_lines(self) -> None:
        text = f"['{IQN} hdisk4 01AB', 'garbled', 'iqn.b hdisk5 01CD']"
        _, disks = self._discover(RETURN_CODE='0', DEV_OUTPUT=text)
        self.assertEqual(['hdisk4', 'hdisk5'], [disk.name for disk in disks])
        self.assertEqual(('0', []), self._discover(RETURN_CODE='0'))

    def test_garbled(self) -> None:
        for text in ('{}', 'hdisk4', '[', '__import__("os")'):
            self.assertRaises(
                errors.PlatformError,
                self._discover,
                RETURN_CODE='0',
                DEV_OUTPUT=text,
            )

    def test_no_code(self) -> None:
        self.assertRaises(errors.PlatformError, self._discover)

    def test_unknown_code(self) -> None:
        self.assertEqual(
            'the command failed (code 99)', iscsi_jobs.explain('99')
        )

    def test_words(self) -> None:
        paths = [iscsi_paths.Path(p, IQN, 1) for p in PORTALS]
        paths.append(iscsi_paths.Path(PORTALS[0], 'iqn.b', 2))
        login = iscsi_jobs.Login(paths, 'default', True)
        self.assertEqual(
            f'LUN 1 of {IQN} at 10.0.0.1:3260, 10.0.0.2:3260 and LUN 2 of '
            'iqn.b at 10.0.0.1:3260',
            str(login),
        )
