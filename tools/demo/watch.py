# SPDX-License-Identifier: Apache-2.0
"""Listens to the driver's flows and to the simulated hosts."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from novalink_sim.control import client as control_client
from tools.demo import timeline

FLOWS = 'nova_powervm.virt.powervm.flows.engine'
_TASK = re.compile(r'Task (?P<name>.+): (?P<state>\w+) after (?P<s>[\d.]+) s')
_OPERATION = re.compile(r'Operation (?P<what>.+)')
_PERIOD = 0.2

_CHANGES: Mapping[tuple[str, str], str] = {
    ('PUT', 'LogicalPartition'): 'LPAR created',
    ('DELETE', 'LogicalPartition'): 'LPAR removed',
    ('PUT', 'ClientNetworkAdapter'): 'network adapter plugged',
    ('DELETE', 'ClientNetworkAdapter'): 'network adapter removed',
    ('POST', 'VolumeGroup'): 'disks of the volume group changed',
    ('POST', 'VirtualIOServer'): 'storage mappings of the VIOS changed',
    ('PUT', 'File'): 'upload announced',
    ('PUT', 'contents'): 'upload received',
    ('DELETE', 'File'): 'upload finished',
    ('PUT', 'Event'): 'event for the networking agent',
}


class FlowLog(logging.Handler):
    """Turns what the engine logs into lines of the timeline."""

    def __init__(self, line: timeline.Timeline) -> None:
        """Speak on a timeline."""
        super().__init__(logging.DEBUG)
        self._line = line

    def emit(self, record: logging.LogRecord) -> None:
        """Say what the record tells, if it is about a flow or a task."""
        message = record.getMessage()
        if match := _TASK.match(message):
            name = match['name'].rpartition('.')[2]
            state = '' if match['state'] == 'SUCCESS' else match['state']
            self._line.say('flow', f'{name} {state}', float(match['s']))
        elif match := _OPERATION.match(message):
            self._line.say('flow', match['what'])

    def __enter__(self) -> FlowLog:
        logger = logging.getLogger(FLOWS)
        logger.setLevel(logging.DEBUG)
        logger.addHandler(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        logging.getLogger(FLOWS).removeHandler(self)


class HostWatch:
    """Tells what changes on the hosts, as their journal shows it."""

    def __init__(
        self, control: control_client.ControlClient, line: timeline.Timeline
    ) -> None:
        """Watch a simulator.

        :param control: its control API
        :param line: where to speak
        """
        self._control = control
        self._line = line
        self._since = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> HostWatch:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(_PERIOD):
            self._tell()
        self._tell()

    def _tell(self) -> None:
        for entry in self._control.journal(self._since, events=False):
            if entry['t_end'] is None:
                # Not answered yet: look again the next time.
                return
            self._since = entry['seq']
            if text := change(entry):
                seconds = entry['t_end'] - entry['t_start']
                self._line.say('host', f'{entry["system"]}: {text}', seconds)


def change(entry: Mapping[str, Any]) -> str | None:
    """Say in words what a request changed on the platform.

    :param entry: a journal entry, as the control API answers it
    :returns: None when it changed nothing that a person cares about
    """
    if not entry['effect'] or not 200 <= (entry['status'] or 0) < 300:
        return None
    if entry['operation']:
        return f'job {entry["operation"]} accepted'
    parts = [part for part in entry['template'].split('/') if part != '{}']
    return _CHANGES.get((entry['method'], parts[-1]))
