# SPDX-License-Identifier: Apache-2.0
"""How far a transfer is, shown on the server."""

import time
from collections.abc import Callable, Sequence

from nova import exception as nova_exc
from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.records import sysmeta

LOG = logging.getLogger(__name__)

PROGRESS = 5.0
"""Least seconds between two times that the progress is saved."""


class Progress:
    """Shows the progress of a transfer on the server.

    Each look also tells whether somebody deletes the server meanwhile.

    :param instance: the server
    :param expected: its task states while nobody does
    :param clock: tells the time in seconds
    """

    def __init__(
        self,
        instance: objects.Instance,
        expected: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._instance = instance
        self._expected = list(expected)
        self._clock = clock
        self._next = clock()

    def __call__(self, done: int, size: int) -> None:
        """Note how far it is.

        :raises nova.exception.UnexpectedTaskStateError: the server is deleted
        """
        now = self._clock()
        if now < self._next:
            return
        self._next = now + PROGRESS
        self._save(done * 100 // size)

    def done(self) -> None:
        """Note that all of it is there."""
        self._save(100)

    def _save(self, percent: int) -> None:
        self._instance.progress = percent
        try:
            sysmeta.save(self._instance, expected_task_state=self._expected)
        except (
            nova_exc.InstanceNotFound,
            nova_exc.UnexpectedTaskStateError,
        ):
            raise
        except Exception as exc:
            # A copy of hours is worth more than a number that is shown.
            LOG.warning(
                'The progress could not be saved: %s',
                exc,
                instance=self._instance,
            )
