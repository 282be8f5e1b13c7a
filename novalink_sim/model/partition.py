# SPDX-License-Identifier: Apache-2.0
"""What logical partitions and Virtual I/O Servers have in common."""

import dataclasses
from typing import Literal, TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import behaviour as behaviours
from novalink_sim.model import boot
from novalink_sim.model import network
from novalink_sim.model import npiv
from novalink_sim.model.records import hidden

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem

NOT_ACTIVATED = 'not activated'
STARTING = 'starting'
RUNNING = 'running'
OPEN_FIRMWARE = 'open firmware'
SHUTTING_DOWN = 'shutting down'
ERROR = 'error'
SUSPENDING = 'suspending'
SUSPENDED = 'suspended'
RESUMING = 'resuming'
HARDWARE_DISCOVERY = 'hardware discovery'
NOT_AVAILABLE = 'not available'
UNKNOWN = 'unknown'
MIGRATING_RUNNING = 'migrating running'
MIGRATING_NOT_ACTIVE = 'migrating not active'

#: NovaLink: every PartitionState that there is.
STATES = (
    NOT_ACTIVATED,
    STARTING,
    RUNNING,
    OPEN_FIRMWARE,
    SHUTTING_DOWN,
    ERROR,
    SUSPENDING,
    SUSPENDED,
    RESUMING,
    HARDWARE_DISCOVERY,
    NOT_AVAILABLE,
    UNKNOWN,
    MIGRATING_RUNNING,
    MIGRATING_NOT_ACTIVE,
)

#: NovaLink: slots 0 and 1 of a partition are its serial adapters.
FIRST_FREE_SLOT = 2


@dataclasses.dataclass
class Memory:
    """Memory of a partition, in MB."""

    desired: int
    maximum: int
    minimum: int
    expansion_factor: float = 0.0
    page_table_ratio: int = 6
    physical_page_table_ratio: int | None = None

    @property
    def expands(self) -> bool:
        """Whether memory is compressed (Active Memory Expansion)."""
        return self.expansion_factor > 0


@dataclasses.dataclass
class SharedProcessors:
    """Shares of the processor pool: units and virtual processors."""

    desired_units: float
    maximum_units: float
    minimum_units: float
    desired_virtual: int
    maximum_virtual: int
    minimum_virtual: int
    pool_id: int = 0
    weight: int | None = 128


@dataclasses.dataclass
class DedicatedProcessors:
    """Whole processors."""

    desired: int
    maximum: int
    minimum: int


@dataclasses.dataclass
class Processors:
    """Processors of a partition: either shared or dedicated."""

    sharing_mode: str
    shared: SharedProcessors | None = None
    dedicated: DedicatedProcessors | None = None

    @property
    def is_dedicated(self) -> bool:
        """Whether the partition has whole processors."""
        return self.dedicated is not None

    @property
    def units(self) -> float:
        """Processing units that the partition takes of its system."""
        if self.dedicated is not None:
            return float(self.dedicated.desired)
        return self.shared.desired_units if self.shared else 0.0


@dataclasses.dataclass
class TaggedIO:
    """What IBM i loads from: slots, 0 or NONE until they are known."""

    load_source: str = '0'
    alternate_load_source: str = 'NONE'
    console: str = 'HMC'


@dataclasses.dataclass
class Partition:
    """A partition of either kind. See its subclasses."""

    uuid: str
    id: int
    name: str
    type: str
    memory: Memory
    processors: Processors
    max_slots: int = 64
    state: str = NOT_ACTIVATED
    rmc_state: str = 'inactive'
    reference_code: str = behaviours.IDLE_CODE
    is_management: bool = False
    availability_priority: int = 127
    allow_performance_data: bool = False
    keylock: str = 'normal'
    boot_mode: str = 'Normal'
    #: From the next activation on; the current ones are since the last.
    compatibility_mode: str = 'default'
    current_compatibility_mode: str = 'default'
    serial: str = ''
    os_version: str = 'Unknown'
    description: str = ''
    profile_sync: str = 'On'
    secure_boot: int = 0
    current_secure_boot: int = 0
    tagged_io: TaggedIO | None = None
    nvram: str | None = None
    #: What it runs from; None while it is off or in its firmware.
    booted_from: boot.BootSource | None = None
    #: How often its memory was dumped.
    dumps: int = 0
    #: How it was last installed over the network: parameters of PowerOn.
    netboot: dict[str, str] | None = None
    adapters: list[network.ClientNetworkAdapter] = dataclasses.field(
        default_factory=list
    )
    behaviour: behaviours.Behaviour = hidden(
        default_factory=behaviours.Behaviour
    )
    #: Seconds that it had power before, and since when it has it now.
    powered_before: float = hidden(default=0.0)
    powered_since: float | None = hidden(default=None)
    #: Where the next start boots from, if not from the first device.
    boot_string: str | None = hidden(default=None)
    #: (time, kind of step) of what the partition does by itself next.
    pending: list[tuple[float, str]] = hidden(default_factory=list)
    system: 'ManagedSystem' = hidden(default=None)

    @property
    def kind(self) -> str:
        """Name of the REST type."""
        raise NotImplementedError

    @property
    def path(self) -> str:
        """Path of the partition below its system, for events."""
        return f'{self.system.path}/{self.kind}/{self.uuid}'

    @property
    def drc_prefix(self) -> str:
        """Start of the location codes of the partition's adapters."""
        return f'U{self.system.mtms.text}-V{self.id}'

    def location(self, slot: int) -> str:
        """Location code of a virtual slot."""
        return f'{self.drc_prefix}-C{slot}'

    @property
    def running(self) -> bool:
        """Whether an operating system runs."""
        return self.state == RUNNING

    @property
    def active(self) -> bool:
        """Whether the partition is anything but powered off."""
        return self.state not in (NOT_ACTIVATED, ERROR, MIGRATING_NOT_ACTIVE)

    @property
    def rmc_active(self) -> bool:
        """Whether the platform can talk to the operating system."""
        return self.rmc_state == 'active'

    @property
    def dlpar_capable(self) -> bool:
        """Whether the operating system takes part in DLPAR."""
        raise NotImplementedError

    @property
    def start_refusal(self) -> str | None:
        """Why the partition cannot be started, None if it can."""
        return self.behaviour.boot_refused

    def take_pending(self) -> None:
        """Let become current what waits for the next activation."""
        self.current_compatibility_mode = self.compatibility_mode
        self.current_secure_boot = self.secure_boot

    def check_settled(self) -> None:
        """Refuse what cannot be while the partition migrates.

        :raises ServerError: if it does
        """

    def check_can_modify_io(self) -> None:
        """Refuse a change of adapters of a partition without RMC.

        :raises ServerError: if the partition runs and has no RMC connection
        """
        self.check_can_change('io')

    def check_can_change(
        self, what: Literal['io', 'memory', 'processors']
    ) -> None:
        """Refuse DLPAR in which the operating system takes no part.

        :raises ServerError: if the partition runs and cannot, or migrates
        """
        self.check_settled()
        if not self.active or not self.system.switches.dlpar_needs_rmc:
            return
        if not self.dlpar_capable:
            raise errors.ServerError(
                f'HSCL294D The dynamic logical partitioning operation on '
                f'partition {self.name} has failed: there is no active RMC '
                f'connection to the partition.'
            )
        if what not in self.behaviour.dlpar:
            raise errors.ServerError(
                f'HSCL294E The operating system of partition {self.name} is '
                f'not capable of dynamic logical partitioning of {what}.'
            )

    def used_slots(self) -> set[int]:
        """Virtual slots in use."""
        slots = {adapter.slot for adapter in self.adapters}
        slots |= self.system.scsi_client_slots(self.uuid)
        slots |= {
            mapping.client_slot
            for mapping in npiv.mappings_of(self.system, self.uuid)
        }
        return slots

    def take_slot(self, wanted: int | None = None, high: bool = False) -> int:
        """Return a free virtual slot.

        :param wanted: the slot that the client asks for
        :param high: the one above all used slots instead of the lowest
        :raises ServerError: if the slot is taken or there is none left
        """
        used = self.used_slots()
        if wanted is not None:
            if wanted in used or not 0 < wanted < self.max_slots:
                raise errors.ServerError(
                    f'HSCL2A10 Virtual slot {wanted} of partition '
                    f'{self.name} is in use or out of range.'
                )
            return wanted
        start = FIRST_FREE_SLOT
        if high and used:
            start = max(start, max(used) + 1)
        free = set(range(FIRST_FREE_SLOT, self.max_slots)) - used
        if not free:
            raise errors.ServerError(
                f'HSCL2A11 Partition {self.name} has no free virtual slot: '
                f'its maximum is {self.max_slots}.'
            )
        return min((s for s in free if s >= start), default=max(free))

    def changed(self, detail: str) -> None:
        """Tell the listeners that properties have changed."""
        self.system.emit('MODIFY_URI', self.path, detail)
