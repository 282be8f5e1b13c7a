# SPDX-License-Identifier: Apache-2.0
"""Errors of the simulated platform.

Each class carries the HTTP status and the reason that the client looks for
(NovaLink: an HttpErrorResponse has HTTPStatus, ReasonCode and Message).
"""


class SimError(Exception):
    """A request that the simulated platform refuses.

    :param message: text of the Message element; clients search it for codes
    :param reason: text of the ReasonCode element, default by class
    :param status: HTTP status, default by class
    """

    status: int = 500
    reason: str = 'Unknown internal error.'

    def __init__(
        self,
        message: str = '',
        *,
        reason: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        if reason is not None:
            self.reason = reason
        if status is not None:
            self.status = status


class BadRequest(SimError):
    """The body or the path cannot be understood, or breaks a rule."""

    status = 400
    reason = 'Bad Request'


class Unauthorized(SimError):
    """No session, or one that has expired."""

    status = 401
    reason = 'Unauthorized'


class Forbidden(SimError):
    """The session may not do that."""

    status = 403
    reason = 'Forbidden'


class NotFound(SimError):
    """The object does not exist."""

    status = 404
    reason = 'Not Found'


class MethodNotAllowed(SimError):
    """The object exists but does not know the method."""

    status = 405
    reason = 'Method Not Allowed'


class Conflict(SimError):
    """The state of the platform forbids the change."""

    status = 409
    reason = 'Conflict'


class PreconditionFailed(SimError):
    """If-Match names another version of the object."""

    status = 412
    reason = 'Precondition Failed'


class ServerError(SimError):
    """The platform failed; also its answer to most semantic errors."""


class NotSimulated(SimError):
    """The real platform may know this, the simulator does not."""

    status = 501
    reason = 'Not simulated'


class Busy(SimError):
    """The platform asks to come back later."""

    status = 503
    reason = 'Service Unavailable'


class DropConnection(Exception):
    """Close the connection without an answer (fault injection only)."""
