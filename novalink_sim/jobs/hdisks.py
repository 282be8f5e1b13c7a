# SPDX-License-Identifier: Apache-2.0
"""Jobs about the physical volumes of a Virtual I/O Server."""

from novalink_sim.jobs.registry import JobHandler
from novalink_sim.jobs.registry import JobRun
from novalink_sim.model import hdisks
from novalink_sim.wire import luaxml


def recover(run: JobRun) -> None:
    """Look for LUNs, or tell of the disks that there are.

    NovaLink: the job succeeds whether a LUN was found or not; its output
    tells.
    """
    run.target.check_usable()
    wanted = luaxml.parse(run.params.get('inputXML') or '')
    if isinstance(wanted, luaxml.Inventory):
        volumes = [
            volume
            for volume in run.target.volumes
            if wanted.udid in (None, volume.udid)
        ]
        run.result('OutputXML', luaxml.render_inventory(volumes))
        return
    outcomes = [
        (tag, hdisks.search(run.target, search))
        for tag, search in wanted.devices
    ]
    run.result('OutputXML', luaxml.render(outcomes))


def remove(run: JobRun) -> None:
    """Let the VIOS forget a disk that nobody uses."""
    hdisks.remove(run.target, run.params.get('devName') or '')


HANDLERS = (
    JobHandler('VirtualIOServer', 'LUARecovery', recover),
    JobHandler('VirtualIOServer', 'RemoveDevice', remove),
)
