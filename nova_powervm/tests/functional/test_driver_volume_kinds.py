# SPDX-License-Identifier: Apache-2.0
"""Servers with volumes of other kinds move as those with fibre channel do."""

import pathlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import targets
from nova_powervm.tests.functional import sweeps
from nova_powervm.tests.functional import volume_moves


class KindTest(volume_moves.VolumeMoveTest):
    """iSCSI, through the VIOSes."""

    BACKEND: ClassVar[type[arrays.Backend]] = targets.Iscsi

    def test_moves(self) -> None:
        """Within the host, and to another one; there and back and there."""
        guest = self.built(2)
        larger = nova_objects.flavor(memory_mb=4096)
        within = self.moves()
        within.begin(guest, larger)
        self.assert_parted(guest)
        within.finish(guest)
        self.assert_sees(guest)
        within.revert(guest)
        self.assert_sees(guest)
        away = mover.Mover(self.harness, self.second)
        self.useFixture(away)
        away.begin(guest, larger)
        self.assert_parted(guest)
        away.finish(guest)
        self.assert_sees(guest, 'host2')
        away.leave_target(guest)
        self.assert_empty('host2')
        away.recover(guest)
        self.assert_sees(guest)
        away.move(guest, larger)
        away.confirm(guest)
        self.assert_empty('host1')
        self.assert_sees(guest, 'host2')
        self.remove(guest, 'host2')

    def test_hard_reboot(self) -> None:
        """Nothing is to be done, so nothing is."""
        guest = self.built(2)
        self.host.clear_journal()
        self.driver.reboot(
            nova_objects.context(),
            guest.instance,
            guest.network_info,
            'HARD',
            block_device_info=dict(guest.devices),
        )
        self.assert_sees(guest)
        jobs = [entry.operation for entry in self.host.writes()]
        self.assertEqual(['PowerOff'], [job for job in jobs if job])

    def assert_parted(self, guest: sweeps.Guest) -> None:
        """Assert that the host maps none of the volumes."""
        self.assertEqual([], self.seen(guest))


class Gpfs(arrays.Backend):
    """Files of a file system that both hosts have."""

    kind = 'gpfs'

    @property
    def share(self) -> Any:
        """The file system."""
        return self.servers.sim.remote.share('gpfs0')

    def create(self, name: str, size: int) -> None:
        self.servers.operate(
            'host1',
            'set-share-file',
            source='gpfs0',
            file=name,
            size_gb=size / arrays.GIB,
        )

    def file(self, name: str) -> pathlib.Path:
        return pathlib.Path(self.share.file(name))

    def resize(self, name: str, size: int) -> None:
        self.create(name, size)

    def delete(self, name: str) -> None:
        self.file(name).unlink()

    def export(
        self, name: str, connector: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {'device_path': f'/gpfs/fs0/{name}'}

    def unexport(
        self,
        name: str,
        connector: Mapping[str, Any],
        kept: Sequence[Mapping[str, Any]],
    ) -> None:
        """Whoever has the file system has the file."""


class FileTest(KindTest):
    """Files that the management partition has."""

    PRESET = 'software-defined'
    OPTIONS = {}
    BACKEND = Gpfs
    PATHS = ('novalink',)

    def options_of(self, host: str) -> dict[str, Any]:
        """Their volume groups have other names."""
        group = 'datavg' if host == 'host1' else 'QCOW VG - default'
        return {'volume_group_name': group}
