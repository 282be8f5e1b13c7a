# SPDX-License-Identifier: Apache-2.0
"""How long the management partition is up."""

from oslo_concurrency import processutils


def host_uptime() -> str:
    """Tell what the command ``uptime`` says.

    :raises oslo_concurrency.processutils.ProcessExecutionError: if it fails
    """
    out, _err = processutils.execute('env', 'LC_ALL=C', 'uptime')
    return str(out).strip()
