# SPDX-License-Identifier: Apache-2.0
"""Changes of VIOS mappings and volume groups, merged and repeated.

There is one worker per object. What is queued when it is free goes into one
read and one write, so that many callers at a time cost few requests, and none
of them changes an object that another one changed meanwhile.
"""

import concurrent.futures
import dataclasses
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any

from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import retry
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import objects
from nova_powervm.virt.powervm.vios import plans
from nova_powervm.virt.powervm.vios import registry

LOG = logging.getLogger(__name__)

Future = concurrent.futures.Future[Any]
Watcher = Callable[[Any], None]
"""Sees an object whenever it was read or written: pypowervm's wrapper."""

GATHER = 0.02
"""Seconds to wait for more intents before the first request."""

# Another try with fewer intents would end in the same way.
_HOPELESS = (
    errors.Busy,
    errors.ConnectionLost,
    errors.NotFound,
    errors.Stopped,
    errors.AccessDenied,
    errors.EtagMismatch,
)


class Transactions:
    """Takes intents for objects and gives a future for each.

    :param client: access to the platform
    :param policy: how often to repeat after a clash; the client's by default
    :param gather: seconds to wait for more intents to merge
    :param lpar_exists: tells by uuid whether a partition is known to exist,
        without a request; mappings of such are never taken for left-overs
    """

    def __init__(
        self,
        client: session.Client,
        policy: retry.RetryPolicy | None = None,
        *,
        gather: float = GATHER,
        lpar_exists: Callable[[str], bool] = lambda _uuid: False,
    ) -> None:
        self._client = client
        self._lpar_exists = lpar_exists
        self._policy = policy or client.policy
        self._gather = gather
        self._lock = threading.Lock()
        self._workers: dict[intents.Target, _Worker] = {}
        self._watchers: dict[intents.Target, Watcher] = {}
        self._closed = False

    def submit(self, target: intents.Target, intent: intents.Intent) -> Future:
        """Have an intent carried out.

        :returns: a future with what the intent's description says, or with a
            PlatformError
        :raises TypeError: the target cannot do that
        :raises errors.Stopped: close() was called
        """
        plan = registry.plan(target, intent)
        plan.lpar_exists = self._lpar_exists
        item = _Item(plan)
        with self._lock:
            self._worker(target).inbox.put(item)
        return item.future

    def run(
        self, target: intents.Target, *wanted: intents.Intent
    ) -> list[Any]:
        """Submit intents and wait for all of them.

        :returns: their results, in their order
        :raises errors.PlatformError: of the first that failed, after all
            have ended
        """
        futures = [self.submit(target, intent) for intent in wanted]
        concurrent.futures.wait(futures)
        return [future.result() for future in futures]

    def watch(self, target: intents.Target, watcher: Watcher) -> None:
        """Let somebody see an object before and after each change.

        Nobody else changes it in between in this process, so what differs
        from one view to the next in another way came from outside.

        :param watcher: is called by the worker of the object; must not submit
            anything and must not raise
        """
        with self._lock:
            self._watchers[target] = watcher

    def read(
        self,
        target: intents.Target,
        groups: frozenset[str] = plans.MAPPINGS,
    ) -> Any:
        """Read an object (one request).

        :param groups: which parts, if it is a VIOS
        :returns: pypowervm's wrapper
        :raises errors.PlatformError: it cannot be read
        """
        return objects.read(self._client.adapter, target, groups)

    def offer(
        self,
        target: intents.Target,
        wrapper: Any,
        groups: frozenset[str] = plans.MAPPINGS,
    ) -> None:
        """Let the next change begin with an object as it was read.

        That saves its read. The platform refuses the write if the object has
        changed since then, whoever changed it (HTTP 412), and it is read.

        :param wrapper: what ``read()`` returned; not used by the caller
            any more
        :param groups: which parts of a VIOS it has
        :raises errors.Stopped: close() was called
        """
        with self._lock:
            # Who watches an object is to see it as it is, before any write.
            if target not in self._watchers:
                self._worker(target).offered = objects.Offer(wrapper, groups)

    def close(self) -> None:
        """End the workers; what is queued fails with Stopped."""
        with self._lock:
            self._closed = True
            workers = list(self._workers.values())
        for worker in workers:
            worker.inbox.put(None)
        for worker in workers:
            worker.join(timeout=10)

    def _worker(self, target: intents.Target) -> '_Worker':
        if self._closed:
            raise errors.Stopped('the service is stopping')
        worker = self._workers.get(target)
        if worker is None:
            watcher = self._watchers.get(target, lambda _wrapper: None)
            worker = self._workers[target] = _Worker(
                self._client, self._policy, target, self._gather, watcher
            )
            worker.start()
        return worker


@dataclasses.dataclass(eq=False)
class _Item:
    plan: plans.Plan[Any]
    future: Future = dataclasses.field(
        default_factory=concurrent.futures.Future
    )

    def fail(self, exc: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(exc)

    def finish(self, wrapper: Any) -> None:
        try:
            result = self.plan.result(wrapper)
        except Exception as exc:
            # Whatever is wrong with this intent belongs to its caller.
            self.fail(exc)
        else:
            self.future.set_result(result)


class _Worker(threading.Thread):
    """Changes one object, for everybody."""

    def __init__(
        self,
        client: session.Client,
        policy: retry.RetryPolicy,
        target: intents.Target,
        gather: float,
        watcher: Watcher,
    ) -> None:
        super().__init__(name=f'powervm-{target}', daemon=True)
        self._adapter = client.adapter
        self._stopping = client.stop
        self._policy = policy
        self._target = target
        self._gather = gather
        self._watcher = watcher
        self.offered: objects.Offer | None = None
        self.inbox: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()

    def run(self) -> None:
        """Work until None is in the inbox."""
        more = True
        while more:
            first = self.inbox.get()
            if first is None:
                break
            self._stopping.wait(self._gather)
            batch, more = self._rest([first])
            self._safely(batch)
        left, _more = self._rest([])
        for item in left:
            item.fail(errors.Stopped('the service is stopping'))

    def _rest(self, batch: list[_Item]) -> tuple[list[_Item], bool]:
        """Add what is queued; tell whether the end was not among it."""
        while True:
            try:
                item = self.inbox.get_nowait()
            except queue.Empty:
                return batch, True
            if item is None:
                return batch, False
            batch.append(item)

    def _safely(self, batch: list[_Item]) -> None:
        batch = [
            item
            for item in batch
            if item.future.set_running_or_notify_cancel()
        ]
        try:
            self._process(batch)
        except Exception as exc:
            # The worker serves others after a defect of one batch.
            LOG.exception('Cannot change %s', self._target)
            for item in batch:
                item.fail(exc)

    def _process(self, batch: Sequence[_Item]) -> None:
        """Carry a batch out together, or else one by one."""
        try:
            self._transact(batch)
        except _HOPELESS as exc:
            for item in batch:
                item.fail(exc)
        except errors.PlatformError as exc:
            if len(batch) == 1:
                batch[0].fail(exc)
                return
            LOG.info(
                'Changing %s failed, trying its %d changes one by one: %s',
                self._target,
                len(batch),
                exc,
            )
            for item in batch:
                if not item.future.done():
                    self._process([item])

    def _transact(self, batch: Sequence[_Item]) -> None:
        """Read, change and write, until no other change comes between.

        A write without a reply may have taken effect: the next read tells.
        """
        if self._done_with_offer(batch):
            return
        for delay in (*self._policy.delays(), None):
            try:
                self._attempt(batch)
                return
            except (errors.EtagMismatch, errors.ConnectionLost) as exc:
                if delay is None:
                    raise
                LOG.debug('Repeating changes of %s: %s', self._target, exc)
            retry.pause(self._stopping, delay)

    def _done_with_offer(self, batch: Sequence[_Item]) -> bool:
        """Change what somebody has read, if that is still how it is.

        Only the platform can tell, and it does when something is written.
        """
        offered, self.offered = self.offered, None
        wrapper = None if offered is None else offered.take(_groups(batch))
        if wrapper is None:
            return False
        try:
            changing, settled, later, failed = self._apply(batch, wrapper)
            if settled or failed or not changing:
                return False
            wrapper = self._written(wrapper, changing)
            for item in changing:
                item.finish(wrapper)
            self._finish(later, wrapper)
        except (errors.EtagMismatch, errors.ConnectionLost) as exc:
            LOG.debug('Reading %s once more: %s', self._target, exc)
            return False
        return True

    def _attempt(self, batch: Sequence[_Item]) -> None:
        left = [item for item in batch if not item.future.done()]
        wrapper = objects.read(self._adapter, self._target, _groups(left))
        self._watcher(wrapper)
        self._finish(left, wrapper)

    def _finish(self, left: list[_Item], wrapper: Any) -> None:
        """Write what can be written together, until nothing is left."""
        while left:
            changing, settled, later, failed = self._apply(left, wrapper)
            for item, exc in failed:
                item.fail(exc)
            if changing:
                wrapper = self._written(wrapper, changing)
                self._watcher(wrapper)
            for item in (*settled, *changing):
                item.finish(wrapper)
            if later and not changing:
                raise RuntimeError(f'{later} wait for nothing')
            left = later

    def _written(self, wrapper: Any, changing: Sequence[_Item]) -> Any:
        try:
            return objects.write(self._adapter, wrapper)
        except errors.ConnectionLost:
            for item in changing:
                item.plan.sent = True
            raise
        except errors.NotFound as exc:
            # Something that one of the changes names is missing.
            raise errors.PlatformRefused(str(exc), status=404) from exc

    def _apply(
        self, batch: Sequence[_Item], wrapper: Any
    ) -> tuple[
        list[_Item],
        list[_Item],
        list[_Item],
        list[tuple[_Item, errors.PlatformError]],
    ]:
        """Apply what can be; split by need of a write.

        Then come those that have to wait for such a write, and those that
        cannot be done.
        """
        changing: list[_Item] = []
        settled: list[_Item] = []
        later: list[_Item] = []
        failed: list[tuple[_Item, errors.PlatformError]] = []
        freed: list[Any] = []
        for item in batch:
            item.plan.freed = freed
            try:
                changed = item.plan.apply(self._adapter, wrapper)
            except errors.PlatformError as exc:
                failed.append((item, exc))
            except plans.Later:
                later.append(item)
            else:
                (changing if changed else settled).append(item)
        return changing, settled, later, failed


def _groups(batch: Sequence[_Item]) -> frozenset[str]:
    """Tell which parts of a VIOS are needed to change it."""
    return frozenset[str]().union(*(item.plan.groups for item in batch))
