# SPDX-License-Identifier: Apache-2.0
"""The job engine: states, progress and life of jobs.

NovaLink: a job is readable until the client deletes it. How it progresses
is a mode: ``immediate`` (the answer to the request is final), ``polls:N``
(final at the N-th poll), ``seconds:T`` or ``manual``.
"""

import collections
import dataclasses
import functools
import re
import threading
from collections.abc import Iterator
from typing import Any

from novalink_sim import clock as clocks
from novalink_sim import errors
from novalink_sim.jobs import registry

NOT_STARTED = 'NOT_STARTED'
RUNNING = 'RUNNING'
OK = 'COMPLETED_OK'
ERROR = 'COMPLETED_WITH_ERROR'
CANCELED = 'CANCELED_BEFORE_COMPLETION'
ACTIVE = (NOT_STARTED, RUNNING)
_AMOUNT = re.compile(r'\d+(\.\d+)?')


@dataclasses.dataclass(frozen=True)
class Mode:
    """How jobs progress; ``amount`` is a number of polls or seconds."""

    kind: str = 'immediate'
    amount: float = 0.0

    @classmethod
    def parse(cls, text: str) -> 'Mode':
        """Read 'immediate', 'manual', 'polls:N' or 'seconds:T'.

        :raises ValueError: for anything else
        """
        kind, _, amount = str(text).partition(':')
        if kind in ('immediate', 'manual') and not amount:
            return cls(kind)
        if kind in ('polls', 'seconds') and _AMOUNT.fullmatch(amount):
            return cls(kind, float(amount))
        raise ValueError(
            f'unknown job mode {text!r}; use immediate, polls:N, seconds:T '
            'or manual'
        )

    def __str__(self) -> str:
        return f'{self.kind}:{self.amount:g}' if self.amount else self.kind


@dataclasses.dataclass
class Job:
    """A job; times are seconds of the clock."""

    number: str
    run: registry.JobRun
    handler: registry.JobHandler
    mode: Mode
    uuid: str | None
    started: float
    status: str = RUNNING
    completed: float | None = None
    message: str | None = None
    polls: int = 0
    #: Its handler did not let it end when it was time.
    held: bool = False

    @property
    def active(self) -> bool:
        """Whether the job still runs."""
        return self.status in ACTIVE

    def due(self) -> float | None:
        """Return the time at which it ends by itself, None if not."""
        if self.active and self.mode.kind == 'seconds' and not self.held:
            return self.started + self.mode.amount
        return None


@dataclasses.dataclass
class JobModes:
    """Modes of a simulator: a default, and by operation."""

    default: Mode = dataclasses.field(default_factory=Mode)
    by_operation: dict[str, Mode] = dataclasses.field(default_factory=dict)

    def set(self, text: str, operation: str | None = None) -> None:
        """Set the mode of all jobs or of one operation's.

        :raises ValueError: if the text is no mode
        """
        mode = Mode.parse(text)
        if operation is None:
            self.default = mode
        else:
            self.by_operation[operation] = mode

    def of(self, operation: str) -> Mode:
        """Return the mode of an operation."""
        return self.by_operation.get(operation, self.default)


class JobEngine:
    """The jobs of one system. Call it with the system's lock held."""

    def __init__(self, clock: clocks.Clock, modes: JobModes) -> None:
        self._clock = clock
        self._modes = modes
        self._jobs: dict[str, Job] = {}
        self._number = int(clock.now() * 1000)
        self._guard = threading.Lock()
        self.counts: collections.Counter[str] = collections.Counter()

    def __iter__(self) -> Iterator[Job]:
        with self._guard:
            return iter(list(self._jobs.values()))

    def submit(
        self,
        handler: registry.JobHandler,
        run: registry.JobRun,
        uuid: str | None,
    ) -> Job:
        """Start a job.

        :raises NotSimulated: if its handler comes to that
        """
        self._number += 1
        job = Job(
            str(self._number),
            run,
            handler,
            self._modes.of(run.operation),
            uuid,
            self._clock.now(),
        )
        with self._guard:
            self._jobs[job.number] = job
        self.counts[f'{run.resource}/{run.operation}'] += 1
        run.interrupt = functools.partial(self._end, job, ERROR)
        if handler.begin is not None:
            self._begin(job, handler.begin)
        if job.active and job.mode.kind == 'immediate':
            self.complete(job)
        return job

    def _begin(self, job: Job, step: Any) -> None:
        try:
            self._call(job, step)
        except errors.NotSimulated:
            with self._guard:
                del self._jobs[job.number]
            raise

    def _call(self, job: Job, step: Any) -> bool:
        """Run a step of the handler; says whether it came to its end."""
        try:
            step(job.run)
        except registry.JobHeld:
            job.held = True
            return False
        except errors.NotSimulated:
            raise
        except registry.JobFailure as exc:
            self._end(job, exc.status, exc.message)
        except errors.SimError as exc:
            self._end(job, ERROR, exc.message)
        return True

    def complete(self, job: Job) -> None:
        """Let a job come to its end now, unless its handler holds it."""
        if self._call(job, job.handler.run) and job.active:
            self._end(job, OK, None)

    def _end(self, job: Job, status: str, message: str | None) -> None:
        job.status, job.message = status, message
        job.completed = self._clock.now()

    def get(self, number: str) -> Job:
        """Return a job.

        :raises NotFound: if there is none
        """
        with self._guard:
            job = self._jobs.get(number)
        if job is None:
            raise errors.NotFound(f'Job {number} was not found.')
        return job

    def poll(self, number: str) -> Job:
        """Return a job to a client that asks how it is going."""
        job = self.get(number)
        job.polls += 1
        kind, amount = job.mode.kind, job.mode.amount
        if job.active and (
            kind == 'immediate' or (kind == 'polls' and job.polls >= amount)
        ):
            self.complete(job)
        return job

    def advance(self) -> None:
        """Complete the jobs whose time has come."""
        now = self._clock.now()
        for job in self:
            due = job.due()
            again = job.held and job.active and job.mode.kind == 'seconds'
            if again or (due is not None and due <= now):
                self.complete(job)

    def next_due(self) -> float | None:
        """Return in how many seconds the next job ends by itself."""
        dues = [due for job in self if (due := job.due()) is not None]
        return min(dues) - self._clock.now() if dues else None

    def cancel(self, number: str) -> Job:
        """Cancel a job if it still runs."""
        job = self.get(number)
        if job.active:
            if job.handler.cancel is not None:
                self._call(job, job.handler.cancel)
            if job.active:
                self._end(job, CANCELED, 'The job was canceled.')
        return job

    def delete(self, number: str) -> None:
        """Forget a job.

        :raises Conflict: if it still runs
        """
        job = self.get(number)
        if job.active:
            raise errors.Conflict(f'Job {number} is running.')
        with self._guard:
            del self._jobs[number]

    def is_everywhere(self) -> bool:
        """Tell whether a job goes on that concerns other systems, too."""
        return any(job.active and job.handler.everywhere for job in self)

    def clear(self) -> None:
        """Forget all jobs."""
        with self._guard:
            self._jobs.clear()

    def to_dict(self) -> dict[str, Any]:
        """Return the jobs as JSON."""
        return {
            job.number: {
                'operation': f'{job.run.resource}/{job.run.operation}',
                'uuid': job.uuid,
                'status': job.status,
                'mode': str(job.mode),
                'polls': job.polls,
                'message': job.message,
            }
            for job in self
        }
