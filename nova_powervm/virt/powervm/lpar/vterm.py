# SPDX-License-Identifier: Apache-2.0
"""Virtual terminals, handled by the management partition's own tools."""

import subprocess

from oslo_log import log as logging

from nova_powervm.virt.powervm.host import tools

LOG = logging.getLogger(__name__)

_TOOL = 'rmvterm'
_PATIENCE = 60


def close(host_root: str, lpar_id: int) -> None:
    """Close the partition's terminal, whoever has it open.

    NovaLink: ``rmvterm --id N``. Without the tool, or without an open
    terminal, there is nothing to close; failures are logged only.

    :param host_root: directory under which the management partition is seen
    :param lpar_id: number of the partition on the host
    """
    tool = tools.find(host_root, _TOOL)
    if tool is None:
        LOG.debug('No %s below %s: no terminal to close', _TOOL, host_root)
        return
    try:
        done = subprocess.run(
            [str(tool), '--id', str(lpar_id)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        LOG.warning('Cannot close the terminal of %s: %s', lpar_id, exc)
        return
    if done.returncode:
        LOG.debug(
            '%s for partition %s: %s', _TOOL, lpar_id, done.stderr.strip()
        )
