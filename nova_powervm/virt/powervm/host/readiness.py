# SPDX-License-Identifier: Apache-2.0
"""Whether the host can be worked with when the service starts."""

import threading
from collections.abc import Sequence

from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import retry
from nova_powervm.virt.powervm.vios import inventory

LOG = logging.getLogger(__name__)

INTERVAL = 5.0
"""Seconds between two looks at the Virtual I/O Servers."""


def wait_for_vioses(
    vioses: inventory.ViosInventory,
    limit: float,
    stop: threading.Event,
    *,
    interval: float = INTERVAL,
) -> None:
    """Wait until all Virtual I/O Servers that are on can be worked with.

    When the time is up, one that can be worked with is enough.

    :param vioses: read here, again and again
    :param limit: seconds, of [powervm] vios_active_wait_timeout
    :param stop: set when the service stops
    :param interval: seconds between two looks
    :raises errors.NotReady: none can be worked with; says what each lacks
    :raises errors.Stopped: the service is stopping
    """
    deadline = retry.Deadline(limit)
    reminder = retry.Reminder(LOG.warning)
    while True:
        vioses.load()
        everything = vioses.all()
        lacking = [v for v in everything if not v.is_active]
        if _good_enough(everything):
            return
        if deadline.passed:
            break
        reminder.say(
            f'Waiting up to {deadline.left():.0f} seconds for the Virtual '
            f'I/O Servers: {_describe(lacking)}'
        )
        retry.pause(stop, min(interval, deadline.left()))
    _check_any(everything, lacking, limit)


def _good_enough(everything: Sequence[inventory.ViosRecord]) -> bool:
    running = [v for v in everything if v.is_powered_on]
    return bool(running) and all(v.is_active for v in running)


def _check_any(
    everything: Sequence[inventory.ViosRecord],
    lacking: Sequence[inventory.ViosRecord],
    limit: float,
) -> None:
    if len(lacking) < len(everything):
        LOG.warning('Going on without: %s', _describe(lacking))
        return
    raise errors.NotReady(
        f'No Virtual I/O Server can be worked with after {limit:.0f} '
        f'seconds: {_describe(lacking)}. Power on at least one and check '
        'its RMC connection (lsrsrc IBM.MCP on it), or raise [powervm] '
        'vios_active_wait_timeout.'
    )


def _describe(vioses: Sequence[inventory.ViosRecord]) -> str:
    if not vioses:
        return 'the system has none'
    return '; '.join(
        f'{v.name} (id {v.id}) has state {v.state!r} and RMC connection '
        f'{v.rmc_state!r}'
        for v in vioses
    )
