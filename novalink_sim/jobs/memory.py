# SPDX-License-Identifier: Apache-2.0
"""Jobs about memory."""

from novalink_sim.jobs.registry import JobHandler
from novalink_sim.jobs.registry import JobRun


def _number(run: JobRun, name: str) -> int:
    text = run.params.get(name, '0') or '0'
    if not text.isdigit():
        run.fail(f'PVME01040203 {text} is not a value of {name}.')
    return int(text)


def query_reserved(run: JobRun) -> None:
    """Say how much memory a partition needs with its overhead."""
    memory = run.target.memory
    desired = _number(run, 'DesiredMemory')
    maximum = _number(run, 'MaximumMemory')
    if maximum < desired:
        run.fail(
            f'HSCL3651 Desired memory {desired} is larger than the maximum '
            f'{maximum}.'
        )
    overhead = memory.overhead(
        maximum,
        _number(run, 'NumberOfVirtualEthernetAdapter'),
        _number(run, 'NumberOfVirtualSCSIAdapter'),
        _number(run, 'NumberOfVirtualFibreChannelAdapter'),
    )
    run.result('RequiredMemory', desired + overhead)
    run.result('CurrentAvailableSystemMemory', run.target.available_memory)


HANDLERS = (
    JobHandler(
        resource='ManagedSystem',
        operation='QueryReservedMemoryRequiredForPartition',
        run=query_reserved,
    ),
)
