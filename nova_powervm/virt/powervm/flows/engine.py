# SPDX-License-Identifier: Apache-2.0
"""Runs flows: the only place that runs an engine."""

import concurrent.futures
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from oslo_context import context as oslo_context
from oslo_log import log as logging
from taskflow import engines
from taskflow import exceptions as taskflow_exc
from taskflow import flow as taskflow
from taskflow import states

from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.flows import keys

LOG = logging.getLogger(__name__)

# No flow has more branches that can run side by side than this.
MAX_WORKERS = 6


def run(
    flow: taskflow.Flow,
    store: Mapping[str, Any],
    mapping: errors.Mapping,
) -> dict[str, Any]:
    """Run a flow to its end, or revert it.

    :param flow: the flow
    :param store: the inputs of the flow; with the instance it is for
    :param mapping: how failures become Nova's exceptions
    :returns: everything that the tasks provided, by key
    :raises nova.exception.NovaException: as the mapping says
    """
    instance = store.get(keys.INSTANCE)
    LOG.info(
        'Operation %s: %s', flow.name, _title(instance), instance=instance
    )
    with _executor() as executor:
        engine = engines.load(
            flow, engine='parallel', executor=executor, store=dict(store)
        )
        engine.atom_notifier.register('*', _Durations(instance))
        try:
            engine.run()
        except Exception as exc:
            # Top of every operation: each failure leaves as an exception
            # that survives RPC.
            cause = errors.select(_causes(exc))
            error = mapping(cause, instance)
            # One that is Nova's already keeps the cause that it has.
            raise error from cause.__cause__ if error is cause else cause
        result: dict[str, Any] = engine.storage.fetch_all()
    return result


def _title(instance: Any) -> str:
    if instance is None:
        return ''
    return f'{instance.display_name!r} ({instance.name})'


def _causes(exc: Exception) -> list[BaseException]:
    if isinstance(exc, taskflow_exc.WrappedFailure):
        return [fail.exception or RuntimeError(str(fail)) for fail in exc]
    return [exc]


def _executor() -> concurrent.futures.ThreadPoolExecutor:
    """Make threads for one run which carry the caller's request context."""
    return concurrent.futures.ThreadPoolExecutor(
        max_workers=MAX_WORKERS,
        thread_name_prefix='powervm-flow',
        initializer=_context_keeper(),
    )


def _context_keeper() -> Callable[[], None]:
    context = oslo_context.get_current()
    if context is None:
        return _nothing
    keep: Callable[[], None] = context.update_store
    return keep


def _nothing() -> None:
    return None


class _Durations:
    """Logs how long each task took."""

    def __init__(self, instance: Any) -> None:
        self._instance = instance
        self._begun: dict[str, float] = {}
        self._lock = threading.Lock()

    def __call__(self, state: str, details: Mapping[str, Any]) -> None:
        name = details.get('task_name')
        if name is None:
            return
        now = time.monotonic()
        with self._lock:
            if state in (states.RUNNING, states.REVERTING):
                self._begun[name] = now
                return
            begun = self._begun.pop(name, None)
        if begun is not None:
            LOG.debug(
                'Task %s: %s after %.3f s',
                name,
                state,
                now - begun,
                instance=self._instance,
            )
