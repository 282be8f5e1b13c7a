# SPDX-License-Identifier: Apache-2.0
"""Base of tests of the driver with NPIV."""

from collections.abc import Sequence
from typing import Any

from nova.compute import task_states

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import npiv
from nova_powervm.tests.fixtures import volumes
from nova_powervm.tests.functional import driver_base


class NpivTest(driver_base.DriverTest):
    """A driver on host1, which has two VIOSes and two fabrics."""

    PRESET = 'san-npiv'

    def options(self) -> dict[str, Any]:
        return npiv.options(
            self.host, volume_group_name='vios1/datavg', **self.OPTIONS
        )

    def setUp(self) -> None:
        super().setUp()
        self.san = self.useFixture(npiv.San(self.host))
        self.volume = self.san.create(b'bytes of the volume')
        # What iSCSI needs is asked once for the host, whoever asks first.
        going = self.instance(task_state=task_states.DELETING)
        self.driver.get_volume_connector(going)

    def attach(self, instance: Any, volume: str | None = None) -> Any:
        """Attach a volume; return its connection."""
        return self.san.attach(self.driver, instance, volume or self.volume)

    def detach(self, instance: Any, info: Any) -> None:
        """Detach a volume; Cinder hides it then."""
        self.driver.detach_volume(
            nova_objects.context(), info, instance, '/dev/sdb'
        )
        connector = self.driver.get_volume_connector(instance)
        self.san.array.unexport(info['serial'], connector, ())

    def devices(self, instance: Any, *names: str) -> dict[str, Any]:
        """Show volumes to an instance; it boots from the first one."""
        return volumes.block_devices(
            [
                volumes.mapping(
                    self.san.connection(self.driver, instance, name),
                    boot_index=number if number == 0 else None,
                )
                for number, name in enumerate(names)
            ]
        )

    def ports(self, instance: Any) -> list[tuple[str, str | None]]:
        """The virtual ports of a server: VIOS and physical port of each."""
        return sorted(
            (mapping.vios.name, mapping.port)
            for mapping in npiv.mappings(self.host, instance)
        )

    def management_ports(self) -> list[str]:
        """The WWPNs that the management partition has."""
        model = self.host.model('host1')
        uuid = model.lpar('novalink').uuid
        return [
            mapping.wwpns[0]
            for vios in model.vioses.values()
            for mapping in vios.fibre_mappings
            if mapping.lpar_uuid == uuid
        ]

    def operate(self, action: str, **args: Any) -> None:
        """Do what an administrator does by hand."""
        self.host.operate('host1', action, **args)

    def requests(self) -> list[str]:
        """What the driver has asked for since the journal was cleared."""
        return [
            f'{entry.method} {entry.template.removeprefix("/rest/api/uom/")}'
            for entry in self.host.sim.journal.entries(events=False)
        ]


def fabric_keys(instance: Any) -> Sequence[tuple[str, str]]:
    """What the system metadata has about fabrics, sorted."""
    return sorted(
        (key, value)
        for key, value in instance.system_metadata.items()
        if key.startswith(('npiv_adpt_wwpns_', 'fabric_state_'))
    )


def states(instance: Any) -> set[str]:
    """The states of the fabrics of an instance."""
    return {
        value
        for key, value in instance.system_metadata.items()
        if key.startswith('fabric_state_')
    }
