# SPDX-License-Identifier: Apache-2.0
"""When each cached image was used last, kept over restarts."""

import json
import threading
import time
from collections.abc import Callable, Iterable

from oslo_log import log as logging

from nova_powervm.virt.powervm.records import journal

LOG = logging.getLogger(__name__)


class LastUse:
    """Times of use in a file of the host.

    Losing it costs nothing but time: an image without an entry counts as used
    when it was first looked for.

    :param path: the file
    :param now: seconds since the epoch
    """

    def __init__(
        self, path: str, now: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._now = now
        self._lock = threading.Lock()
        self._times = _load(path)

    def touch(self, image_ids: Iterable[str]) -> None:
        """Note that images are in use now."""
        now = self._now()
        self._change({image_id: now for image_id in image_ids}, ())

    def age(self, image_id: str) -> float:
        """Return the seconds since the last use; 0 when it is not known."""
        with self._lock:
            known = self._times.get(image_id)
        if known is None:
            self.touch([image_id])
            return 0.0
        return max(0.0, self._now() - known)

    def forget(self, image_id: str) -> None:
        """Remove an image that is gone."""
        self._change({}, (image_id,))

    def _change(
        self, changed: dict[str, float], removed: Iterable[str]
    ) -> None:
        with self._lock:
            times = {**self._times, **changed}
            for image_id in removed:
                times.pop(image_id, None)
            if times == self._times:
                return
            self._times = times
            try:
                journal.write_private(self._path, json.dumps(times))
            except OSError as error:
                # No reason to fail: who uses the image has it.
                LOG.warning('%s cannot be written: %s', self._path, error)


def _load(path: str) -> dict[str, float]:
    try:
        with open(path, encoding='utf-8') as file:
            return {str(k): float(v) for k, v in json.load(file).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        LOG.warning('The times in %s are lost: %s', path, error)
        return {}
