# SPDX-License-Identifier: Apache-2.0
"""Jobs: operations that the platform carries out in its own time."""

import contextlib
import copy
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from oslo_log import log as logging
from pypowervm.wrappers import job as pvm_job

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import retry

LOG = logging.getLogger(__name__)

_UNFINISHED = ('RUNNING', 'NOT_STARTED')
_DONE = 'COMPLETED_OK'


class JobRunner:
    """Runs jobs and waits for their end.

    The platform keeps a job until it is deleted. One that could not be is
    tried once more, and again after each further job. NovaLink: jobs cannot
    be listed, so one whose first reply was lost is not known and stays.

    :param adapter: pypowervm's adapter
    :param policy: how to poll
    :param stop: set when the service stops
    :param timeout: seconds that a job may take, unless a caller says more
    """

    def __init__(
        self,
        adapter: Any,
        policy: retry.RetryPolicy,
        stop: threading.Event,
        timeout: float,
    ) -> None:
        self._adapter = adapter
        self._policy = policy
        self._stop = stop
        self._timeout = timeout
        self._lock = threading.Lock()
        # One for each template, held while that is read, so that many
        # callers at a time read it once and nobody else waits for it.
        self._reading: dict[tuple[str, str], threading.Lock] = {}
        self._templates: dict[tuple[str, str], Any] = {}
        self._left_lock = threading.Lock()
        self._left: set[str] = set()

    def run(
        self,
        target_type: str,
        target_uuid: str | None,
        operation: str,
        params: Mapping[str, str] | None = None,
        timeout: float | None = None,
        *,
        idempotent: bool = False,
        cdata: bool = False,
        sensitive: bool = False,
    ) -> dict[str, str]:
        """Run a job to its end.

        :param target_type: REST type of the object, e.g. LogicalPartition
        :param target_uuid: the object; None for a job of the whole type
        :param operation: name of the job, e.g. PowerOn
        :param params: the job's parameters
        :param timeout: seconds that it may take
        :param idempotent: doing it twice is as good as once, so it is
            started again when no reply came
        :param cdata: the values of the parameters are XML
        :param sensitive: the parameters hold secrets: the values of those
            whose names end with "password"
        :returns: the job's results by name
        :raises errors.JobFailed: it ended badly
        :raises errors.JobTimedOut: it did not end; it was cancelled
        :raises errors.PlatformError: it could not be started or watched
        """
        limit = self._timeout if timeout is None else timeout
        given = params or {}
        with _blotting(given) if sensitive else contextlib.nullcontext():
            request = self._request(target_type, target_uuid, operation)
            request.add_job_parameters_to_existing(
                *(
                    pvm_job.Job.create_job_parameter(name, value, cdata=cdata)
                    for name, value in given.items()
                )
            )
            job = self._start(
                request, target_type, target_uuid, idempotent, sensitive
            )
            return self._end(job, operation, limit, sensitive)

    def _end(
        self, job: Any, operation: str, limit: float, sensitive: bool
    ) -> dict[str, str]:
        """Wait for the end of a job; gives its results."""
        try:
            job = self._watch(job, limit, sensitive)
        except errors.PlatformError:
            self._leave(job.job_id)
            raise
        if job.job_status in _UNFINISHED:
            self._cancel(job)
            raise errors.JobTimedOut(operation, limit)
        self._forget(job.job_id)
        self._sweep()
        results: dict[str, str] = job.get_job_results_as_dict()
        if job.job_status != _DONE:
            said = job.get_job_message('') or job.job_status
            raise errors.JobFailed(operation, said, results)
        return results

    def _request(
        self, target_type: str, uuid: str | None, operation: str
    ) -> Any:
        """Make a fresh request out of the template, read once per job."""
        key = (target_type, operation)
        with self._lock:
            reading = self._reading.setdefault(key, threading.Lock())
        with reading:
            if key not in self._templates:
                self._templates[key] = pvm_job.Job.wrap(
                    calls.call(
                        self._adapter.read,
                        target_type,
                        uuid,
                        suffix_type='do',
                        suffix_parm=operation,
                    )
                )
        return copy.deepcopy(self._templates[key])

    def _start(
        self,
        request: Any,
        target_type: str,
        uuid: str | None,
        idempotent: bool,
        sensitive: bool,
    ) -> Any:
        def start() -> Any:
            return pvm_job.Job.wrap(
                calls.call(
                    self._adapter.create_job,
                    request.entry.element,
                    target_type,
                    uuid,
                    sensitive=sensitive,
                )
            )

        if not idempotent:
            return start()
        return self._policy.retry(start, (errors.ConnectionLost,), self._stop)

    def _watch(self, job: Any, limit: float, sensitive: bool) -> Any:
        deadline = retry.Deadline(limit)
        pauses = self._policy.endless()
        delay = 0.0
        while job.job_status in _UNFINISHED and not deadline.passed:
            retry.pause(self._stop, min(delay, deadline.left()))
            job = pvm_job.Job.wrap(
                calls.call(
                    self._adapter.read_job, job.job_id, sensitive=sensitive
                )
            )
            delay = next(pauses)
        return job

    def _cancel(self, job: Any) -> None:
        """Ask a job to end, and clean it away if it soon does."""
        try:
            calls.call(
                self._adapter.update,
                None,
                None,
                root_type='jobs',
                root_id=job.job_id,
                suffix_type='cancel',
            )
        except errors.PlatformError as exc:
            # NovaLink: the reply to a cancel request may be empty, which
            # pypowervm takes for an error.
            LOG.debug('Cancelling job %s: %s', job.job_id, exc)
        try:
            seen = self._watch(job, self._policy.maximum, True)
        except errors.PlatformError as exc:
            LOG.warning('Cannot watch job %s: %s', job.job_id, exc)
            seen = job
        if seen.job_status not in _UNFINISHED:
            self._forget(job.job_id)
            return
        LOG.warning('Job %s runs on after it was cancelled', job.job_id)
        self._leave(job.job_id)

    def _forget(self, job_id: str) -> None:
        """Remove a finished job from the platform's list."""
        try:
            calls.call(self._adapter.delete, 'jobs', job_id)
        except errors.NotFound:
            LOG.debug('Job %s was removed already', job_id)
        except errors.PlatformError as exc:
            LOG.warning('Cannot remove job %s yet: %s', job_id, exc)
            self._leave(job_id)

    def _leave(self, job_id: str) -> None:
        with self._left_lock:
            self._left.add(job_id)

    def _sweep(self) -> None:
        """Remove the jobs that could not be removed before."""
        with self._left_lock:
            left, self._left = self._left, set()
        for job_id in left:
            self._forget(job_id)


@contextlib.contextmanager
def _blotting(params: Mapping[str, str]) -> Iterator[None]:
    """Blot out secrets that the platform repeats when it refuses a job."""
    secrets = [
        value
        for name, value in params.items()
        if name.lower().endswith('password') and value
    ]
    try:
        yield
    except errors.PlatformError as exc:
        if any(secret in str(exc) for secret in secrets):
            exc.rewrite(lambda text: _without(text, secrets))
            # What it came from says the same.
            raise exc from None
        raise


def _without(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, '***')
    return text
