# SPDX-License-Identifier: Apache-2.0
"""From a topology to systems.

Hardware, VIOSes and the management partition are made in the model, as a
factory would; the rest goes through the simulator's own REST handlers, so
that building a topology tries them out.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from novalink_sim import api
from novalink_sim import errors
from novalink_sim import jobs
from novalink_sim.events import hub
from novalink_sim.http import auth
from novalink_sim.http import runtime
from novalink_sim.jobs import engine
from novalink_sim.jobs import registry
from novalink_sim.model import setup
from novalink_sim.model import system as systems
from novalink_sim.model.switches import Switches
from novalink_sim.topology import rest
from novalink_sim.topology import spec

HOSTROOT = 'hostroot'


def make_runtime(
    wanted: spec.SystemSpec,
    directory: Path,
    shared: runtime.Shared,
    auth_settings: auth.AuthSettings,
) -> runtime.SystemRuntime:
    """Return what serves a system, still without a model."""
    return runtime.SystemRuntime(
        wanted.name,
        None,
        shared,
        runtime.ResourceTable(api.RESOURCES, api.RAW_RESOURCES),
        registry.JobTable(jobs.HANDLERS),
        engine.JobEngine(shared.clock, shared.modes),
        hub.EventHub(shared.clock),
        auth.Sessions(directory / 'sessions', shared.clock, auth_settings),
    )


def _make_model(
    wanted: spec.SystemSpec,
    made: runtime.SystemRuntime,
    directory: Path,
    switches: Switches,
) -> systems.ManagedSystem:
    hostroot = directory / HOSTROOT
    hostroot.mkdir(mode=0o700, exist_ok=True)
    model = systems.ManagedSystem(
        wanted.name,
        wanted.seed if wanted.seed is not None else wanted.name,
        hostroot,
        made.shared.clock,
        switches,
        made.on_event,
    )
    model.defers = True
    model.peers = made.shared.models
    for pool in made.shared.pools:
        pool.join(model)
    if made.shared.remote is not None:
        model.join(made.shared.remote)
    model.san = made.shared.san
    model.memory.installed = model.memory.configurable = wanted.memory_mb
    model.memory.region_size = wanted.region_mb
    model.memory.hypervisor = wanted.hypervisor_mb
    for name in wanted.lacks:
        setattr(model.capabilities, name, False)
    units = wanted.processors
    model.processors.installed = model.processors.configurable = units
    return model


def build(
    wanted: spec.SystemSpec,
    made: runtime.SystemRuntime,
    directory: Path,
    switches: Switches,
) -> None:
    """Build the model of a system and put it in its place.

    :raises BuildError: if the simulator refuses a part of the topology
    """
    shutil.rmtree(directory / HOSTROOT, ignore_errors=True)
    model = _make_model(wanted, made, directory, switches)
    with model.lock:
        # Whoever finds the new model waits until it is whole.
        made.model = model
        try:
            _Builder(wanted, made, model, rest.RestClient(made)).run()
        except errors.SimError as exc:
            raise rest.BuildError(f'{wanted.name}: {exc.message}') from None


def restore(
    wanted: spec.SystemSpec,
    made: runtime.SystemRuntime,
    directory: Path,
    switches: Switches,
    state: Mapping[str, Any],
) -> systems.ManagedSystem:
    """Return a model with the state of a dump.

    :raises ValueError: if the state does not fit
    """
    model = _make_model(wanted, made, directory, switches)
    model.from_dict(state)
    return model


class _Builder:
    """Builds one system."""

    def __init__(
        self,
        wanted: spec.SystemSpec,
        made: runtime.SystemRuntime,
        model: systems.ManagedSystem,
        client: rest.RestClient,
    ) -> None:
        self.wanted = wanted
        self.made = made
        self.model = model
        self.client = client
        self.switches: dict[str, str] = {}

    def run(self) -> None:
        """Build all parts."""
        for pool in self.wanted.processor_pools:
            path = f'ManagedSystem/{self.model.uuid}/SharedProcessorPool'
            self.client.call('PUT', path, rest.processor_pool_xml(pool))
        for switch in self.wanted.switches:
            self._switch(switch)
        for vios in self.wanted.vioses:
            self._vios(vios)
        for lpar in self.wanted.lpars:
            for number in range(1, lpar.count + 1):
                self._lpar(lpar, lpar.name.replace('{n}', str(number)))
        self._check_capacity()
        self._settle()

    def _check_capacity(self) -> None:
        """Refuse VIOSes for which the hardware is too small."""
        memory = self.model.memory
        need = memory.hypervisor + sum(
            self.model.memory_of(part) for part in self.model.partitions()
        )
        if need > memory.configurable:
            raise rest.BuildError(
                f'{self.wanted.name}: the partitions need {need} MB with '
                f'the hypervisor, there are {memory.configurable} MB'
            )

    def _switch(self, wanted: spec.SwitchSpec) -> None:
        path = f'ManagedSystem/{self.model.uuid}/VirtualSwitch'
        found = self.client.call('PUT', path, rest.switch_xml(wanted.name))
        self.switches[wanted.name] = rest.uuid_of(found)

    def _vios(self, wanted: spec.ViosSpec) -> None:
        size = setup.PartitionSize(
            wanted.memory_mb, wanted.processors, wanted.virtual_processors
        )
        vios = setup.add_vios(
            self.model, wanted.name, size, is_management=wanted.management
        )
        for group in wanted.groups:
            self._group(vios, group)
        for port in wanted.fc_ports:
            setup.add_fc_port(
                vios,
                port.fabric,
                virtual_ports=port.virtual_ports,
                wwpn=port.wwpn,
            )
        for trunk in wanted.trunks:
            setup.add_trunk(
                vios,
                self._find_switch(trunk.switch),
                trunk.vlan,
                tagged_vlans=' '.join(map(str, trunk.tagged)),
                priority=trunk.priority,
            )
        if not wanted.rmc:
            vios.rmc_state = 'inactive'
        if not wanted.running:
            vios.rmc_state, vios.state = 'inactive', 'not activated'

    def _find_switch(self, name: str) -> Any:
        for switch in self.model.vswitches:
            if switch.name == name:
                return switch
        raise rest.BuildError(f'{self.wanted.name}: there is no switch {name}')

    def _group(self, vios: Any, wanted: spec.GroupSpec) -> None:
        group = setup.add_volume_group(
            vios, wanted.name, wanted.size_gb, reserved=wanted.reserved_gb
        )
        if wanted.file_format is not None:
            setup.make_file_backed(group, wanted.file_format)
        if not wanted.disks and wanted.repository_gb is None:
            return
        path = f'VirtualIOServer/{vios.uuid}/VolumeGroup/{group.uuid}'
        found = self.client.call('GET', path)
        self.client.call('POST', path, rest.add_disks(found, wanted))

    def _lpar(self, wanted: spec.LparSpec, name: str) -> None:
        if wanted.management:
            uuid = self._management(wanted, name)
        else:
            path = f'ManagedSystem/{self.model.uuid}/LogicalPartition'
            body = rest.lpar_xml(wanted, name)
            uuid = rest.uuid_of(self.client.call('PUT', path, body))
        if wanted.switch is not None:
            self._adapter(uuid, wanted)
        if wanted.running and not wanted.management:
            path = f'LogicalPartition/{uuid}/do/PowerOn'
            body = rest.job_xml('LogicalPartition', 'PowerOn')
            self.client.call('PUT', path, body)
            self._finish_jobs()

    def _management(self, wanted: spec.LparSpec, name: str) -> str:
        size = setup.PartitionSize(
            wanted.memory_mb, wanted.processors, wanted.virtual_processors
        )
        lpar = setup.add_management_lpar(self.model, name, size)
        return str(lpar.uuid)

    def _adapter(self, uuid: str, wanted: spec.LparSpec) -> None:
        switch = self._find_switch(str(wanted.switch))
        href = self.made.context().href(
            'VirtualSwitch',
            switch.uuid,
            parent=('ManagedSystem', self.model.uuid),
        )
        path = f'LogicalPartition/{uuid}/ClientNetworkAdapter'
        self.client.call('PUT', path, rest.adapter_xml(href, wanted.vlan))

    def _finish_jobs(self) -> None:
        """Let jobs end now, however they progress otherwise."""
        for job in self.made.jobs:
            self.made.jobs.complete(job)
        self.made.jobs.clear()

    def _settle(self) -> None:
        """What was started in the topology has started long ago."""
        self.made.jobs.counts.clear()
        self.made.seen_groups.clear()
        for part in self.model.partitions():
            while part.pending:
                part.pending[:] = [(0.0, step) for _, step in part.pending]
                self.model.advance()
