# SPDX-License-Identifier: Apache-2.0
"""The table of Nova's extra specs and image properties; see properties.py.

The page for users is made of it.
"""

import dataclasses
import enum
from typing import Any


class Verdict(enum.Enum):
    """What becomes of an extra spec or a property."""

    HONOURED = 'honoured'
    NOVA = 'used by Nova'
    REFUSED = 'refused'
    LOGGED = 'without effect, logged'


@dataclasses.dataclass(frozen=True)
class Entry:
    """What becomes of some names.

    :ivar names: patterns, as of a shell
    :ivar reason: what it does, or why not, and what to use instead
    :ivar harmless: values, in lower case, that ask for nothing
    """

    names: tuple[str, ...]
    verdict: Verdict
    reason: str
    harmless: tuple[str, ...] = ()

    def asks_nothing(self, value: Any) -> bool:
        """Tell whether a value is one that PowerVM serves anyway."""
        return str(value).strip().lower() in self.harmless


_NO = ('false', 'no', 'n', 'f', '0', 'off', 'none', 'disabled')

_ENCRYPTION = Entry(
    (
        'hw?mem_encryption*',
        'hw?ephemeral_encryption*',
    ),
    Verdict.REFUSED,
    'PowerVM offers no encryption of memory or disks to the driver; use '
    'encryption inside of the guest',
    _NO,
)
_TPM = Entry(
    ('hw?tpm_*',),
    Verdict.REFUSED,
    'the driver cannot give partitions a TPM: pypowervm has none',
)
_CPU_POLICY = Entry(
    ('hw?cpu_policy',),
    Verdict.REFUSED,
    'use powervm:dedicated_proc=true for processors of its own, and '
    'powervm:dedicated_sharing_mode for what becomes of idle ones',
    ('shared',),
)
_PINNING = Entry(
    (
        'hw?cpu_thread_policy',
        'hw?cpu_dedicated_mask',
        'hw?cpu_realtime*',
        'hw?emulator_threads_policy',
    ),
    Verdict.REFUSED,
    'the hypervisor places processors itself; use powervm:dedicated_proc',
    (*_NO, 'prefer', 'share'),
)
_NUMA = Entry(
    ('hw?numa_*', 'hw?pci_numa_affinity_policy'),
    Verdict.REFUSED,
    'the hypervisor places memory and processors itself; remove it',
    ('preferred', 'legacy'),
)
_PAGES = Entry(
    ('hw?mem_page_size',),
    Verdict.REFUSED,
    'partitions choose the sizes of their pages themselves; remove it',
    ('small', 'any'),
)
_LOCKED = Entry(
    ('hw?locked_memory',),
    Verdict.HONOURED,
    'the memory of a partition is never paged out',
)
_TOPOLOGY = Entry(
    (
        'hw?cpu_sockets',
        'hw?cpu_cores',
        'hw?cpu_threads',
        'hw?cpu_max_*',
    ),
    Verdict.LOGGED,
    'a virtual processor is a core with the threads of the host',
)
_DEVICES = Entry(
    (
        'hw?boot_menu',
        'hw?hide_hypervisor_id',
        'hw?maxphysaddr_*',
        'hw?pmu',
        'hw?redirected_usb_ports',
        'hw?serial_port_count',
        'hw?sound_model',
        'hw?usb_model',
        'hw?vif_multiqueue_enabled',
        'hw?viommu_model',
        'hw?virtio_packed_ring',
        'hw?watchdog_action',
    ),
    Verdict.LOGGED,
    'partitions have no emulated devices',
    _NO,
)
_BOTH = (
    _ENCRYPTION,
    _TPM,
    _CPU_POLICY,
    _PINNING,
    _NUMA,
    _PAGES,
    _LOCKED,
    _TOPOLOGY,
    _DEVICES,
)

EXTRA_SPECS: tuple[Entry, ...] = (
    Entry(
        ('powervm:*',),
        Verdict.HONOURED,
        'see the table of our own extra specs',
    ),
    Entry(
        ('os:secure_boot',),
        Verdict.HONOURED,
        'secure boot policy 2 or 0; but for required Nova looks for hosts '
        'with UEFI, so use powervm:secure_boot',
    ),
    Entry(
        ('resources*:*', 'trait*:*', 'group_policy'),
        Verdict.NOVA,
        'Placement chooses hosts by it',
    ),
    Entry(
        ('capabilities:*', 'aggregate_instance_extra_specs:*'),
        Verdict.NOVA,
        'filters of the scheduler choose hosts by it',
    ),
    Entry(
        ('pci_passthrough:*',),
        Verdict.REFUSED,
        'the driver cannot pass devices of the host to partitions',
    ),
    Entry(
        ('accel:*',),
        Verdict.REFUSED,
        'the driver cannot give partitions accelerators',
    ),
    Entry(
        ('hw:pmem',),
        Verdict.REFUSED,
        'the driver cannot give partitions persistent memory: it needs a '
        'newer pypowervm',
    ),
    *_BOTH,
    Entry(
        ('quota:cpu_*',),
        Verdict.LOGGED,
        'use powervm:proc_units, powervm:uncapped and powervm:shared_weight',
    ),
    Entry(
        ('quota:memory_*',),
        Verdict.LOGGED,
        'the memory of a partition is its own, all of it',
    ),
    Entry(
        ('quota:disk_read_iops_sec', 'quota:disk_write_iops_sec'),
        Verdict.HONOURED,
        'limits reads or writes in a second of each disk in a volume group '
        '(disk_driver localdisk); for a volume use the QoS specs of its type',
    ),
    Entry(
        ('quota:disk_*',),
        Verdict.REFUSED,
        'PowerVM limits only reads and writes in a second, each for itself; '
        'use quota:disk_read_iops_sec and quota:disk_write_iops_sec',
    ),
    Entry(
        ('quota:vif_*',),
        Verdict.LOGGED,
        'the driver cannot limit networks',
    ),
    Entry(
        ('hw_rng:*', 'hw_video:*', 'hide_hypervisor_id'),
        Verdict.LOGGED,
        'partitions have no emulated devices',
        _NO,
    ),
    Entry(
        ('vmware:*',),
        Verdict.LOGGED,
        'it is for another hypervisor',
    ),
    Entry(
        ('hw:*', 'os:*', 'quota:*'),
        Verdict.LOGGED,
        'the driver does not know it',
    ),
)

IMAGE: tuple[Entry, ...] = (
    Entry(
        ('os_distro',),
        Verdict.HONOURED,
        'aix, ibmi, or any Linux; decides on the type of the partition',
    ),
    Entry(
        ('os_secure_boot',),
        Verdict.HONOURED,
        'secure boot policy 2 if optional and the host is capable; for '
        'required Nova looks for hosts with UEFI, so use powervm:secure_boot',
    ),
    Entry(
        ('hw_architecture',),
        Verdict.REFUSED,
        'partitions run on POWER; use an image for ppc64 or ppc64le',
        ('ppc64', 'ppc64le'),
    ),
    Entry(
        ('hw_emulation_architecture',),
        Verdict.REFUSED,
        'PowerVM does not emulate other processors',
        ('ppc64', 'ppc64le'),
    ),
    Entry(
        ('hw_firmware_type', 'hw_firmware_stateless'),
        Verdict.REFUSED,
        'the firmware of partitions is Open Firmware; use os_secure_boot for '
        'secure boot',
        (*_NO, 'bios'),
    ),
    *_BOTH,
    Entry(
        (
            'img_bdm_v2',
            'img_block_device_mapping',
            'img_cache_in_nova',
            'img_config_drive',
            'img_hv_requested_version',
            'img_hv_type',
            'img_mappings',
            'img_owner_id',
            'img_root_device_name',
            'img_signature*',
            'img_version',
            'hw_vm_mode',
            'traits_required',
        ),
        Verdict.NOVA,
        'Nova itself or its scheduler uses it',
    ),
    Entry(
        ('hw_rescue_bus', 'hw_rescue_device'),
        Verdict.NOVA,
        'Nova asks for them if a server that boots from a volume is rescued; '
        'an ISO image is always booted from optical media, another one from a '
        'virtual SCSI disk',
    ),
    Entry(
        ('os_require_quiesce',),
        Verdict.LOGGED,
        'snapshots are as after a power failure; stop the server first',
        _NO,
    ),
    Entry(
        ('os_type',),
        Verdict.LOGGED,
        'use os_distro',
        ('linux',),
    ),
    Entry(
        ('os_command_line',),
        Verdict.LOGGED,
        'the boot loader of the guest has its own',
    ),
    Entry(
        ('hw_auto_disk_config',),
        Verdict.LOGGED,
        'file systems grow inside of the guest',
        _NO,
    ),
    Entry(
        ('os_admin_user', 'os_skip_agent*', 'img_use_agent'),
        Verdict.LOGGED,
        'there is no agent in the guest',
        _NO,
    ),
    Entry(
        ('img_*',),
        Verdict.LOGGED,
        'it is for another hypervisor',
        _NO,
    ),
    Entry(
        ('hw_*', 'os_*'),
        Verdict.LOGGED,
        'partitions have no emulated devices',
        _NO,
    ),
)
