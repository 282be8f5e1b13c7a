# SPDX-License-Identifier: Apache-2.0
"""pypowervm's exceptions as ours, and requests repeated when that helps."""

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import requests
from oslo_log import log as logging
from pypowervm import exceptions as pvm_exc

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import retry

LOG = logging.getLogger(__name__)

T = TypeVar('T')

_BUSY_CODES = ('HSCL3205', 'VIOS0014')
_BUSY_TEXTS = (
    ('VIOS', 'is busy processing some other request'),
    ('The system is currently too busy',),
)


@contextlib.contextmanager
def translate() -> Iterator[None]:
    """Turn what pypowervm raises in the block into a PlatformError.

    :raises errors.PlatformError: instead of pypowervm's exceptions
    """
    try:
        yield
    except pvm_exc.Error as exc:
        raise translated(exc) from exc


def call(func: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call a function of pypowervm; its failures are PlatformErrors.

    :raises errors.PlatformError: instead of pypowervm's exceptions
    """
    with translate():
        return func(*args, **kwargs)


def translated(exc: pvm_exc.Error) -> errors.PlatformError:
    """Make a PlatformError of an exception of pypowervm."""
    if isinstance(exc, pvm_exc.HttpError):
        return _http_error(exc)
    if isinstance(exc, pvm_exc.TimeoutError):
        return errors.RequestTimedOut(str(exc))
    lost = isinstance(exc, (pvm_exc.ConnectionError, pvm_exc.SSLError))
    if lost or isinstance(
        exc.__context__, requests.exceptions.RequestException
    ):
        return errors.ConnectionLost(str(exc))
    return errors.PlatformError(str(exc))


def _http_error(exc: pvm_exc.HttpError) -> errors.PlatformError:
    text = str(exc)
    status = exc.response.status
    if is_busy(exc):
        return errors.Busy(text)
    if status == 404:
        return errors.NotFound(text)
    if status == 412:
        return errors.EtagMismatch(text)
    reason = exc.her_wrap.reason_code if exc.her_wrap is not None else ''
    if status in (401, 403):
        return errors.AccessDenied(text, reason or '', status)
    return errors.PlatformRefused(text, reason or '', status)


def is_busy(exc: pvm_exc.HttpError) -> bool:
    """Tell whether the platform asks to come again later.

    NovaLink: such replies are told apart by codes and words in the message;
    503 comes from the web server while the REST service starts.
    """
    body = exc.her_wrap
    if body is None:
        return bool(exc.response.status == 503)
    message = body.message or ''
    if any(code in message for code in _BUSY_CODES) or body.status == 503:
        return True
    return body.status == 500 and any(
        all(part in message for part in parts) for parts in _BUSY_TEXTS
    )


class RetryHelper:
    """Adapter helper: repeats requests that a busy platform refused.

    A request that got no reply is repeated only when repeating is harmless
    (GET, DELETE). An upload is never repeated: its bytes are used up.

    :param policy: how often and how long
    :param stop: ends the waiting
    """

    def __init__(
        self, policy: retry.RetryPolicy, stop: threading.Event
    ) -> None:
        self._policy = policy
        self._stop = stop

    def __call__(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap pypowervm's function that sends one request."""

        @functools.wraps(func)
        def send(method: str, path: str, **kwargs: Any) -> Any:
            if kwargs.get('filehandle') is not None:
                return func(method, path, **kwargs)
            for delay in self._policy.delays():
                try:
                    return func(method, path, **kwargs)
                except pvm_exc.Error as exc:
                    if not _worth_repeating(method, exc):
                        raise
                    LOG.info(
                        'Repeating %s %s in %.1f s: %s',
                        method,
                        path,
                        delay,
                        exc,
                    )
                retry.pause(self._stop, delay)
            return func(method, path, **kwargs)

        return send


def _worth_repeating(method: str, exc: pvm_exc.Error) -> bool:
    if isinstance(exc, pvm_exc.HttpError):
        return is_busy(exc)
    return method in ('GET', 'DELETE') and isinstance(
        exc, pvm_exc.ConnectionError
    )
