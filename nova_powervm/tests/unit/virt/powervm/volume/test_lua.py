# SPDX-License-Identifier: Apache-2.0
import types
from typing import Any

from pypowervm.tasks import hdisk

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.volume import lua
from novalink_sim.model import hdisks

GIB = 1 << 30


class LuaTest(simulated.SimulatedTestCase):
    """Jobs of a VIOS about the LUNs of an array."""

    PRESET = 'san-vscsi'

    def setUp(self) -> None:
        super().setUp()
        self.server = self.model.vios('vios1')
        self.san = self.sim.san
        self.volume = self.san.create('one', GIB)
        self.ports = [port.wwpn for port in self.server.fc_ports]
        self.targets = [port.wwpn for port in self.san.array().ports]
        self.lun = self.san.mask('one', self.ports)

    def search(self, naa: str | None = None, lun: Any = None) -> lua.Outcome:
        """Search on the paths of one fabric."""
        number = self.lun if lun is None else lun
        itls = hdisk.build_itls(self.ports[:1], self.targets[:2], number)
        return lua.search(self.client, self.server.uuid, itls, naa)

    def test_found(self) -> None:
        for naa in (None, self.volume.naa.lower(), self.volume.naa):
            found = self.search(naa)
            self.assertTrue(found.is_found)
            self.assertEqual(
                (hdisk.LUAStatus.DEVICE_AVAILABLE, 'hdisk2'),
                (found.status, found.name),
            )
            self.assertEqual(self.volume.udid, found.udid)

    def test_missing_path(self) -> None:
        self.san.cut(self.ports[0], self.targets[0])
        found = self.search()
        self.assertEqual(hdisk.LUAStatus.FOUND_ITL_ERR, found.status)
        self.assertTrue(found.is_found)

    def test_nothing(self) -> None:
        found = self.search(lun=9)
        self.assertFalse(found.is_found)
        self.assertIn('no path leads to the LUN', found.reason)
        self.assertIn('status 6', found.reason)

    def test_another(self) -> None:
        """What the VIOS has is not what was asked for."""
        other = self.san.create('two', GIB)
        self.assertFalse(self.search(other.naa).is_another, 'no hdisk')
        self.search()
        found = self.search(other.naa)
        self.assertTrue(found.is_another)
        self.assertFalse(found.is_found)
        self.assertIn('another device', found.reason)

    def test_vios_says_nothing(self) -> None:
        """An answer without a status is no device."""
        outcome = lua.Outcome(None)
        self.assertFalse(outcome.is_found)
        self.assertIn('unknown', outcome.reason)

    def test_garbled_answer(self) -> None:
        def run(*_args: Any, **_kwargs: Any) -> dict[str, str]:
            return {'StdOut': 'rmdev: usage'}

        far: Any = types.SimpleNamespace(
            adapter=self.client.adapter, jobs=types.SimpleNamespace(run=run)
        )
        itls = hdisk.build_itls(self.ports, self.targets, 1)
        self.assertRaises(
            errors.PlatformError, lua.search, far, '', itls, None
        )

    def test_vios_is_down(self) -> None:
        self.server.rmc_state = 'inactive'
        self.assertRaises(errors.PlatformError, self.search)

    def test_remove(self) -> None:
        name = self.search().name or ''
        lua.remove(self.client, self.server.uuid, name)
        self.assertNotIn(name, [disk.name for disk in self.server.volumes])
        self.assertRaises(
            errors.JobFailed, lua.remove, self.client, self.server.uuid, name
        )

    def test_rescan(self) -> None:
        found = self.search()
        self.san.resize('one', 2 * GIB)
        lua.rescan(self.client, self.server.uuid, found.udid or '')
        disk = hdisks.find(self.server, found.name or '')
        self.assertEqual(2048, disk.capacity)
        self.assertRaises(
            errors.JobFailed, lua.rescan, self.client, self.server.uuid, '01AB'
        )
