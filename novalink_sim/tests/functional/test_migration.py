# SPDX-License-Identifier: Apache-2.0
"""Partitions that migrate in both directions at a time."""

import concurrent.futures
from typing import Any

from pypowervm.tasks import migration
from pypowervm.tasks import scsi_mapper
from pypowervm.tasks import storage as storage_tasks
from pypowervm.utils import lpar_builder
from pypowervm.wrappers import logical_partition as lpars
from pypowervm.wrappers import managed_system as systems
from pypowervm.wrappers import storage
from pypowervm.wrappers import virtual_io_server as vioses

from novalink_sim.tests.functional import base

SCSI = 'ViosSCSIMapping'
HOSTS = ('host1', 'host2')
ROUNDS = 4


class TrafficTest(base.SimCase):
    """Many clients, two systems and a pool that both share."""

    preset = 'ssp-pair'

    def setUp(self) -> None:
        super().setUp()
        self.adapters = {name: self.make_adapter(name) for name in HOSTS}
        models = [self.sim.systems[name].model for name in HOSTS]
        for model in models:
            keys = [other.console.public_key for other in models]
            model.console.authorized_keys.extend(keys)

    def create(self, host: str, name: str) -> Any:
        """Make a partition with a unit of the pool."""
        adapter = self.adapters[host]
        (system,) = systems.System.get(adapter)
        builder = lpar_builder.LPARBuilder(
            adapter,
            {'name': name, 'memory': 1024, 'vcpu': 1, 'proc_units': 0.1},
            lpar_builder.DefaultStandardize(system),
        )
        lpar = builder.build().create(parent=system)
        (tier,) = storage.Tier.get(adapter)
        _, unit = storage_tasks.crt_lu(tier, name, 1)
        vios = vioses.VIOS.get(adapter, xag=[SCSI])[0]
        scsi_mapper.add_map(
            vios,
            scsi_mapper.build_vscsi_mapping(None, vios, lpar.uuid, unit),
        )
        vios.update()
        return lpar

    def travel(self, start: int, uuid: str) -> int:
        """Let a partition go back and forth; return how often it went."""
        for number in range(ROUNDS):
            here = HOSTS[(start + number) % 2]
            there = HOSTS[(start + number + 1) % 2]
            lpar = lpars.LPAR.get(self.adapters[here], uuid=uuid)
            migration.migrate_lpar(
                lpar, there, tgt_mgmt_svr='console', tgt_mgmt_usr='wlp'
            )
        return ROUNDS

    def look(self) -> int:
        """Read and change what the systems share."""
        for number in range(ROUNDS):
            adapter = self.adapters[HOSTS[number % 2]]
            (tier,) = storage.Tier.get(adapter)
            _, unit = storage_tasks.crt_lu(tier, 'passing', 1)
            vioses.VIOS.get(adapter, xag=[SCSI])
            unit.delete()
        return 0

    def test_both_directions(self) -> None:
        made = [
            (start, self.create(HOSTS[start], f'vm{start}{number}').uuid)
            for number in range(3)
            for start in (0, 1)
        ]
        before = self.sim.dump()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = [pool.submit(self.travel, *one) for one in made]
            running += [pool.submit(self.look) for _ in range(2)]
            done = [job.result(timeout=120) for job in running]
        self.assertEqual(len(made) * ROUNDS, sum(done))
        after = self.sim.dump()
        self.assertEqual(before['pools'], after['pools'])
        for name in HOSTS:
            self.assertEqual(
                set(before['systems'][name]['lpars']),
                set(after['systems'][name]['lpars']),
            )
