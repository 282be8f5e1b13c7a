# SPDX-License-Identifier: Apache-2.0
"""What needs the rights of root, in a process of its own.

That process imports this package and nothing else of the driver. It keeps no
capability at all: as root it may write the files in sysfs and open the device
nodes, which belong to root, and nothing more.
"""

from oslo_privsep import priv_context

pctxt = priv_context.PrivContext(
    'nova_powervm',
    cfg_section='nova_powervm_privileged',
    pypath=f'{__name__}.pctxt',
    capabilities=[],
)
