# SPDX-License-Identifier: Apache-2.0
"""Which jobs exist, and what a job's handler sees while it runs."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from novalink_sim import errors


class JobFailure(Exception):
    """Raised by a handler, or by :meth:`JobRun.fail`: the job has failed."""

    def __init__(self, message: str, status: str) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class JobHeld(Exception):
    """Raised by :meth:`JobRun.hold`: the job goes on running."""


@dataclasses.dataclass
class JobRun:
    """One run of a job, as its handler sees it."""

    system: Any
    resource: str
    operation: str
    target: Any
    params: dict[str, str]
    results: dict[str, str] = dataclasses.field(default_factory=dict)
    #: Handlers may keep what begin() must tell complete().
    notes: dict[str, Any] = dataclasses.field(default_factory=dict)
    #: Ends the job with an error, from outside of its handler.
    interrupt: Callable[[str], None] = dataclasses.field(
        default=lambda message: None, repr=False
    )

    def result(self, name: str, value: object) -> None:
        """Add a parameter to the job's Results."""
        self.results[name] = str(value)

    def fail(self, message: str, status: str = 'COMPLETED_WITH_ERROR') -> None:
        """End the job with an error; does not return.

        :raises JobFailure: always
        """
        raise JobFailure(message, status)

    def hold(self) -> None:
        """Stay running (a shutdown that hangs); does not return.

        The handler's ``run`` is called again at the next poll.

        :raises JobHeld: always
        """
        raise JobHeld


@dataclasses.dataclass(frozen=True)
class JobHandler:
    """An operation of a resource type.

    ``begin`` runs when the job is accepted, ``run`` when it completes,
    ``cancel`` when a client cancels it before; all under the system's lock,
    and if ``everywhere`` under those of all systems and pools. Without
    ``targeted`` the operation belongs to the type, not to an object.
    """

    resource: str
    operation: str
    run: Callable[[JobRun], None]
    begin: Callable[[JobRun], None] | None = None
    cancel: Callable[[JobRun], None] | None = None
    targeted: bool = True
    everywhere: bool = False


class JobTable:
    """Handlers by (resource type, operation)."""

    def __init__(self, handlers: Iterable[JobHandler]) -> None:
        self._handlers = {(h.resource, h.operation): h for h in handlers}

    def find(self, resource: str, operation: str) -> JobHandler:
        """Return a handler.

        :raises NotSimulated: if there is none
        """
        try:
            return self._handlers[resource, operation]
        except KeyError:
            raise errors.NotSimulated(
                f'Job {resource}/do/{operation} is not simulated.'
            ) from None

    def is_everywhere(self, resource: str, operation: str | None) -> bool:
        """Tell whether an operation concerns other systems, too."""
        found = self._handlers.get((resource, operation or ''))
        return found is not None and found.everywhere

    def names(self) -> list[str]:
        """Return 'Type/Operation' of all handlers, sorted."""
        return sorted(f'{res}/{op}' for res, op in self._handlers)
