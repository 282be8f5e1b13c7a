# SPDX-License-Identifier: Apache-2.0
"""Two hosts between which partitions migrate."""

from typing import Any

from pypowervm import exceptions as pvm_exc
from pypowervm.tasks import migration
from pypowervm.tasks import scsi_mapper
from pypowervm.wrappers import job as jobs
from pypowervm.wrappers import logical_partition as lpars
from pypowervm.wrappers import management_console as consoles
from pypowervm.wrappers import virtual_io_server as vioses

from novalink_sim.tests.conformance import base

NVRAM = 'TlZSQU0='
MAC = 'FA163EAABBCC'


class MigrationCase(base.ConformanceCase):
    """Two hosts that share a pool and trust each other."""

    preset: Any = 'ssp-pair'

    def setUp(self) -> None:
        super().setUp()
        self.other = self.make_adapter('host2')
        self.target = self.sim.systems['host2'].model
        self.trust(self.adapter, self.other)
        self.trust(self.other, self.adapter)

    def trust(self, source: Any, target: Any) -> None:
        """Let one console trust another, as pre-checks do."""
        (mine,) = consoles.ManagementConsole.get(source)
        (there,) = consoles.ManagementConsole.get(target)
        there.ssh_authorized_keys = (mine.ssh_public_key,)
        there.update()

    def make(self, **attrs: Any) -> Any:
        """Make a partition with an adapter and a unit on two VIOSes."""
        lpar = self.create_lpar(uuid=base.LPAR_UUID, **attrs)
        self.create_adapter(lpar, vlan=1)
        unit = self.create_unit()
        for vios in vioses.VIOS.get(self.adapter, xag=[base.MAPPINGS]):
            self.map_to(vios, lpar, unit)
        self.model.lpar('vm1').nvram = NVRAM
        return lpar.refresh()

    def moved(self) -> Any:
        """Return the partition as the other host has it."""
        return lpars.LPAR.get(self.other, uuid=base.LPAR_UUID, xag=['NVRAM'])

    def map_to(self, vios: Any, lpar: Any, element: Any) -> None:
        """Map storage to a partition by a VIOS."""
        mapping = scsi_mapper.build_vscsi_mapping(
            None, vios, lpar.uuid, element
        )
        scsi_mapper.add_map(vios, mapping)
        vios.update()

    def migrate(self, lpar: Any, **kwargs: Any) -> None:
        """Migrate a partition to the other host."""
        wanted = {'tgt_mgmt_svr': '192.0.2.2', 'tgt_mgmt_usr': 'wlp'}
        migration.migrate_lpar(lpar, 'host2', **(wanted | kwargs))

    def start(self, lpar: Any) -> Any:
        """Begin to migrate a partition, and return the job."""
        reply = self.adapter.read(
            'LogicalPartition',
            lpar.uuid,
            suffix_type='do',
            suffix_parm='Migrate',
        )
        made = jobs.Job.wrap(reply.entry)
        made.add_job_parameters_to_existing(
            made.create_job_parameter('TargetManagedSystemName', 'host2'),
            made.create_job_parameter('TargetRemoteHMCIPAddress', 'console2'),
            made.create_job_parameter('TargetRemoteHMCUserID', 'wlp'),
        )
        reply = self.adapter.create_job(
            made.entry.element, 'LogicalPartition', lpar.uuid
        )
        return jobs.Job.wrap(reply.entry)

    def poll(self, job: Any) -> Any:
        """Ask how a job is going."""
        return jobs.Job.wrap(self.adapter.read_job(job.job_id).entry)

    def refused(self, lpar: Any, **kwargs: Any) -> str:
        """Return why a migration is refused; nothing has changed then."""
        before = self.state()
        exc = self.assertRaises(
            pvm_exc.JobRequestFailed, self.migrate, lpar, **kwargs
        )
        self.assertEqual(before, self.state())
        return str(exc)

    def state(self) -> Any:
        """Return the state of both hosts and the pool."""
        dump = self.sim.dump()
        return dump['systems'], dump['pools']

    def buses(self, model: Any) -> list[tuple[Any, ...]]:
        """Return VIOS, client slot and devices of the partition's buses."""
        return [
            (vios.name, bus.client_slot, [(d.key, d.lua) for d in bus.devices])
            for vios in model.vioses.values()
            for bus in vios.buses
            if bus.lpar_uuid == base.LPAR_UUID
        ]
