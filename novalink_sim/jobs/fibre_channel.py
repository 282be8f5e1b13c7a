# SPDX-License-Identifier: Apache-2.0
"""Jobs about fibre channel."""

from novalink_sim import errors
from novalink_sim.jobs.registry import JobHandler
from novalink_sim.jobs.registry import JobRun
from novalink_sim.model import wwpns


def get_next_wwpns(run: JobRun) -> None:
    """Hand out pairs of WWPNs, as one list.

    NovaLink: at most eight pairs at once. They are known to fail for reasons
    of the platform (issue 10 of pypowervm).
    """
    system = run.target
    if system.wwpn_failure is not None:
        run.fail(system.wwpn_failure)
    text = run.params.get('numberPairsRequested') or '1'
    count = int(text) if text.isdigit() else 0
    if not 0 < count <= wwpns.MAX_PAIRS:
        run.fail(
            f'PVME01040221 numberPairsRequested is from 1 to '
            f'{wwpns.MAX_PAIRS}, not {text}.'
        )
    try:
        pairs = wwpns.take_pairs(system, count)
    except errors.SimError as exc:
        run.fail(exc.message)
    run.result('wwpnList', ','.join(name for pair in pairs for name in pair))


HANDLERS = (
    JobHandler(
        resource='ManagedSystem',
        operation='GetNextWWPNs',
        run=get_next_wwpns,
    ),
)
