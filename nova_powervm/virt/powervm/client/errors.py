# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between the driver and the platform.

These classes stay inside the driver: flows/engine.py turns them into
exceptions of Nova. Their texts hold no secrets.
"""

from collections.abc import Callable, Mapping


class PlatformError(Exception):
    """A request to the platform failed."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def rewrite(self, change: Callable[[str], str]) -> None:
        """Change the words of the platform, wherever they are."""
        self.message = change(self.message)
        self.args = (self.message,)


class NotFound(PlatformError):
    """The object is not there (HTTP 404)."""


class EtagMismatch(PlatformError):
    """The object was changed since it was read (HTTP 412)."""


class Busy(PlatformError):
    """The VIOS or the REST server is too busy; the request had no effect."""


class ConnectionLost(PlatformError):
    """No reply came; the request may have taken effect."""


class RequestTimedOut(ConnectionLost):
    """No reply came within the time limit of one request."""


class PlatformRefused(PlatformError):
    """The platform answered with an error.

    :param message: the platform's own words
    :param reason: its reason code, or '' if it gave none
    :param status: the HTTP status
    """

    def __init__(
        self, message: str, reason: str = '', status: int = 0
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status


class AccessDenied(PlatformRefused):
    """The platform does not let us in; the text says what mends it."""


class JobFailed(PlatformError):
    """A job ended, but not well.

    :param operation: name of the job
    :param message: the platform's own words
    :param results: what it tells by name all the same
    """

    def __init__(
        self,
        operation: str,
        message: str,
        results: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f'{operation} failed: {message}')
        self.operation = operation
        self.reason = message
        self.results = results or {}

    def rewrite(self, change: Callable[[str], str]) -> None:
        super().rewrite(change)
        self.reason = change(self.reason)


class JobTimedOut(JobFailed):
    """A job did not end in time; it was asked to cancel.

    :param operation: name of the job
    :param seconds: how long it was waited for
    """

    def __init__(self, operation: str, seconds: float) -> None:
        super().__init__(operation, f'not done after {seconds:.0f} seconds')
        self.seconds = seconds


class NotReady(PlatformError):
    """The platform is not in a state to work with; the text says why."""


class NameInUse(PlatformError):
    """Something of that name exists already.

    :param name: the name
    :param udid: unique device id of what has the name, if it has one
    """

    def __init__(self, name: str, udid: str | None = None) -> None:
        super().__init__(f'the name {name} is in use')
        self.name = name
        self.udid = udid


class WrongVolume(PlatformError):
    """A VIOS has another volume where one was looked for."""


class NoSpace(PlatformError):
    """The storage container is too full for the request."""


class Stopped(PlatformError):
    """The service is stopping, so the wait was given up."""
