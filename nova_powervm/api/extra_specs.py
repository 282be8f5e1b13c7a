# SPDX-License-Identifier: Apache-2.0
"""Validators of the ``powervm:`` flavor extra specs for the API of Nova.

Nova's API does not start when this module cannot be imported, so it imports
nothing but what Nova itself has.
"""

from typing import Any

from nova.api.validation.extra_specs import base

_FLAG = {'type': str, 'pattern': r'(?i:true|t|yes|y|false|f|no|n)'}
_PLAIN_FLAG = {'type': str, 'pattern': r'(?i:true|yes|false|no)'}
_MEMORY = {'type': int, 'min': 128}
_COUNT = {'type': int, 'min': 1}
# From 0.05 up.
_UNITS = {
    'type': str,
    'pattern': r'[1-9]\d*(\.\d*)?|0*\.(0[5-9]|[1-9])\d*',
}
_BYTE = {'type': int, 'min': 0, 'max': 255}

_SPECS: tuple[tuple[str, dict[str, Any], str], ...] = (
    (
        'min_mem',
        _MEMORY,
        'Least memory in MB to which a running partition can shrink; a '
        'multiple of the memory region size of the host. Default: the '
        'memory of the flavor.',
    ),
    (
        'max_mem',
        _MEMORY,
        'Most memory in MB to which a running partition can grow; a multiple '
        'of the memory region size of the host. Default: the memory of the '
        'flavor.',
    ),
    (
        'ppt_ratio',
        {
            'type': str,
            'enum': [f'1:{64 << power}' for power in range(7)],
        },
        'Ratio of the physical page table to the maximum memory, for hosts '
        'that can set it.',
    ),
    (
        'min_vcpu',
        _COUNT,
        'Least number of processors. Default: the VCPUs of the flavor.',
    ),
    (
        'max_vcpu',
        _COUNT,
        'Most number of processors. Default: the VCPUs of the flavor.',
    ),
    (
        'proc_units',
        _UNITS,
        'Entitlement in physical processors, in hundredths from 0.05 up. '
        'Default: the VCPUs of the flavor times [powervm]proc_units_factor.',
    ),
    (
        'min_proc_units',
        _UNITS,
        'Least entitlement. Default: the entitlement.',
    ),
    (
        'max_proc_units',
        _UNITS,
        'Most entitlement. Default: the entitlement.',
    ),
    (
        'dedicated_proc',
        _PLAIN_FLAG,
        'Whether the partition gets whole processors of its own. Default: '
        'false.',
    ),
    (
        'dedicated_sharing_mode',
        {
            'type': str,
            'enum': [
                'share_idle_procs',
                'keep_idle_procs',
                'share_idle_procs_active',
                'share_idle_procs_always',
            ],
        },
        'When a partition with dedicated processors lends them to others. '
        'Default: share_idle_procs.',
    ),
    (
        'shared_weight',
        _BYTE,
        'Weight with which an uncapped partition competes for idle '
        'processors. Default: [powervm]uncapped_proc_weight.',
    ),
    (
        'uncapped',
        _FLAG,
        'Whether the partition may use idle processors beyond its '
        'entitlement. Default: true.',
    ),
    (
        'shared_proc_pool_name',
        {'type': str, 'pattern': r'.*\S.*'},
        'Shared processor pool of the partition. Default: DefaultPool.',
    ),
    (
        'processor_compatibility',
        {'type': str, 'pattern': r'(?ai:default|power\d+(\+|_[a-z]+)*)'},
        'Processor compatibility mode, such as POWER9. Default: default.',
    ),
    (
        'availability_priority',
        _BYTE,
        'Which partitions keep their processors when one fails; the highest '
        'do. Default: 127.',
    ),
    (
        'enable_lpar_metric',
        _FLAG,
        'Whether performance data of the partition is collected. Default: '
        'false.',
    ),
    (
        'ame_factor',
        {'type': str, 'pattern': r'0(\.0*)?|[1-9](\.\d{1,2})?|10(\.0*)?'},
        'Active Memory Expansion: target factor of the memory that AIX sees, '
        'from 1.0 to 10.0; 0 is off. Default: 0.',
    ),
    (
        'srr_capability',
        _FLAG,
        'Whether the partition can be restarted on another host when its '
        'own is lost. Default: true, where the host is capable of it.',
    ),
    (
        'enforce_affinity_check',
        _FLAG,
        'Whether live migration is refused when it would make the affinity '
        'score worse. Default: false.',
    ),
    (
        'secure_boot',
        {'type': int, 'min': 0, 'max': 9},
        'Secure boot policy: 0 off, 1 log, from 2 up enforce. Default: what '
        'os:secure_boot or the image says, else 0.',
    ),
    (
        'boot_mode',
        {
            'type': str,
            'enum': ['norm', 'sms', 'dd', 'ds', 'of', 'netboot'],
        },
        'How the firmware starts the partition: normally, into its menu '
        '(SMS), into diagnostics with the default or with the stored boot '
        'list, to its prompt, or, when it is built, to install IBM i over '
        'the network. Default: norm.',
    ),
    (
        'netboot_server',
        {'type': str, 'pattern': r'[0-9A-Fa-f:.]+'},
        'Address of the server that IBM i is installed from, IPv4 or IPv6; '
        'for boot_mode=netboot.',
    ),
    (
        'netboot_directory',
        {'type': str, 'pattern': r'/[^\x00-\x1f\x7f]*'},
        'Directory with the installation image on that server; for '
        'boot_mode=netboot.',
    ),
    (
        'min_affinity_score',
        {'type': int, 'min': 0, 'max': 100},
        'Least affinity score with which the partition may start. Needs a '
        'newer pypowervm than the one on the package index.',
    ),
    (
        'keystore_kbytes',
        {'type': int, 'min': 0, 'max': 64},
        'Size of the keystore of the platform for the partition in KiB. '
        'Needs a newer pypowervm than the one on the package index.',
    ),
    (
        'kvm_capable',
        _FLAG,
        'Whether the partition can run KVM. Needs a newer pypowervm than the '
        'one on the package index.',
    ),
    (
        'virtual_serial_number',
        {'type': str, 'pattern': r'[0-9A-Za-z]{7}'},
        'Virtual serial number, which stays the same on every host. Needs a '
        'newer pypowervm than the one on the package index.',
    ),
)


def register() -> list[base.ExtraSpecValidator]:
    """Give Nova the validators of all known keys; others are refused."""
    return [
        base.ExtraSpecValidator(
            name=f'powervm:{name}', description=description, value=value
        )
        for name, value, description in _SPECS
    ]
