# SPDX-License-Identifier: Apache-2.0
"""Session with the NovaLink REST API, and the client built on it."""

import dataclasses
import getpass
import ssl
import threading
import types
from collections.abc import Iterator
from typing import Any

import requests
from oslo_log import log as logging
from pypowervm import adapter as pvm_adapter
from pypowervm import const as pvm_const
from pypowervm import exceptions as pvm_exc

from nova_powervm.virt.powervm import settings as host_settings
from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import jobs
from nova_powervm.virt.powervm.client import retry

LOG = logging.getLogger(__name__)

_CONNECT_TIMEOUT = 30.0
_PATIENCE = retry.RetryPolicy(attempts=2, first=1.0, maximum=5.0)
_GROUP = 'pvm_admin'


class _Direct(requests.Session):
    """HTTP as configured, whatever the environment of the process says.

    requests lets REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE take the place of the
    certificates that a session was told to trust, sends what is meant for
    this machine to a proxy, and adds passwords out of ~/.netrc.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False


def _without_environment(func: types.FunctionType) -> types.FunctionType:
    """Copy a function of pypowervm so that it makes sessions of ours.

    pypowervm makes a session for each request and takes none from us. The
    module itself stays as it is: others in this process may use it.
    """
    names = {**vars(requests), 'Session': _Direct}
    return types.FunctionType(
        func.__code__,
        {**func.__globals__, 'requests': types.SimpleNamespace(**names)},
        func.__name__,
        func.__defaults__,
        func.__closure__,
    )


class PowerVMSession(pvm_adapter.Session):  # type: ignore[misc]
    """A session of pypowervm that checks certificates and bounds waits.

    pypowervm 1.1.27 checks the certificate of the logon at most, and after
    an expired token it repeats an upload without its bytes; neither here.
    The environment has no say in the certificates, and no proxy is used.

    :param rest: where and how to log on
    """

    _send = _without_environment(pvm_adapter.Session.request)

    def __init__(self, rest: host_settings.RestSettings) -> None:
        self._verify = trust(rest.protocol, rest.ca_file)
        super().__init__(
            host=rest.host,
            username=rest.user or None,
            password=rest.password or None,
            protocol=rest.protocol,
            port=rest.port,
            timeout=rest.timeout,
            certpath='',
            conn_tries=1,
        )

    def request(
        self, method: str, path: str, *args: Any, **kwargs: Any
    ) -> Any:
        """Send one request.

        :raises pypowervm.exceptions.Error: it failed; an upload whose token
            was refused fails too, and is for the caller to drive again
        """
        kwargs['verify'] = self._verify
        timeout = self._bounded(kwargs.get('timeout', -1))
        if kwargs.get('filehandle') is not None:
            kwargs['relogin'] = False
            # The first limit counts for each piece that is sent, too, and
            # a disk may be slow to take it.
            timeout = (timeout[1], timeout[1])
        kwargs['timeout'] = timeout
        return self._send(method, path, *args, **kwargs)

    def _bounded(self, timeout: Any) -> Any:
        if isinstance(timeout, tuple):
            return timeout
        if timeout is None or timeout < 0:
            timeout = self.timeout
        return (min(_CONNECT_TIMEOUT, timeout), timeout)

    @property
    def verify(self) -> bool | str:
        """Certificates to trust, as requests wants it."""
        return self._verify

    @property
    def token(self) -> str:
        """The secret to present with each request; never to be logged."""
        return str(self._sessToken)

    def renew(self, refused: str) -> None:
        """Log on again, unless another thread did since.

        :param refused: the token that the platform refused
        :raises pypowervm.exceptions.Error: the logon failed
        """
        with self._lock:
            if self._sessToken == refused:
                self._logged_in = False
                self._logon()

    def logoff(self) -> None:
        """End the session; failures are logged only."""
        self._logoff()

    def _logoff(self) -> None:
        """End the session; pypowervm calls this when it forgets it, too."""
        with self._lock:
            logged_in, self._logged_in = self._logged_in, False
            # What is still under way must not log on again.
            self._relogin_unsafe = True
        if not logged_in:
            return
        try:
            self.request('DELETE', pvm_const.LOGON_PATH, relogin=False)
        except pvm_exc.Error as exc:
            LOG.debug('Logging off: %s', exc)


def trust(protocol: str, ca_file: str | None) -> bool | str:
    """Choose the certificates that the server's must be signed by.

    :param protocol: http or https
    :param ca_file: the configured certificates, or None for the system's
    :returns: the value of requests' parameter ``verify``
    """
    if protocol != 'https':
        return False
    if ca_file:
        return ca_file
    paths = ssl.get_default_verify_paths()
    return paths.cafile or paths.capath or True


@dataclasses.dataclass(frozen=True)
class Client:
    """Access to the REST API of one host.

    :param adapter: pypowervm's adapter with our retries; wrap calls on it
        with calls.call, or in calls.translate
    :param jobs: runs jobs
    :param policy: how to repeat and poll
    :param stop: set when the service stops; ends all waiting
    """

    adapter: Any
    jobs: jobs.JobRunner
    policy: retry.RetryPolicy
    stop: threading.Event

    @property
    def session(self) -> PowerVMSession:
        """The session below the adapter."""
        session: PowerVMSession = self.adapter.session
        return session

    def close(self) -> None:
        """End all waiting and log off."""
        self.stop.set()
        self.session.logoff()


def connect(
    settings: host_settings.HostSettings,
    stop: threading.Event,
    *,
    policy: retry.RetryPolicy | None = None,
    limit: float | None = None,
) -> Client:
    """Log on, waiting for the REST API to come up.

    :param settings: HostSettings; `rest`, `job_timeout` and `retry_...` are
        used
    :param stop: set when the service stops
    :param policy: how to repeat and poll later on; None: as configured
    :param limit: seconds to wait for the REST API; None: as configured
    :raises errors.NotReady: the REST API did not answer; says what to check
    :raises errors.AccessDenied: the logon was refused, or the token is not
        readable; says what mends it
    :raises errors.Stopped: the service is stopping
    """
    policy = policy or configured_policy(settings)
    limit = settings.rest.start_timeout if limit is None else limit
    session = _log_on(settings.rest, stop, limit)
    helper = calls.RetryHelper(policy, stop)
    adapter = pvm_adapter.Adapter(session, helpers=[helper])
    runner = jobs.JobRunner(adapter, policy, stop, settings.job_timeout)
    return Client(adapter, runner, policy, stop)


def configured_policy(
    settings: host_settings.HostSettings,
) -> retry.RetryPolicy:
    """Return how the operator wants requests repeated and jobs polled."""
    return retry.RetryPolicy(
        attempts=settings.retry_attempts,
        first=settings.retry_first_wait,
        maximum=settings.retry_longest_wait,
    )


def _log_on(
    rest: host_settings.RestSettings, stop: threading.Event, limit: float
) -> PowerVMSession:
    where = f'{rest.protocol}://{rest.host}:{rest.port}'
    reminder = retry.Reminder(LOG.warning)
    deadline = retry.Deadline(limit)
    for delay in _pauses(deadline):
        try:
            return _try(rest, where)
        except _Absent as exc:
            cause = exc
        reminder.say(f'Waiting for the PowerVM REST API at {where}: {cause}')
        retry.pause(stop, delay)
    raise errors.NotReady(
        f'The PowerVM REST API at {where} did not answer within '
        f'{limit:.0f} seconds: {cause}. Check that the service pvm-rest '
        'runs on the management partition (systemctl status pvm-rest) and '
        'that [powervm] rest_host, rest_port and rest_protocol are right.'
    ) from cause


def _pauses(deadline: retry.Deadline) -> Iterator[float]:
    """Tell waits until the deadline; there is always one try."""
    for delay in _PATIENCE.endless():
        yield min(delay, deadline.left())
        if deadline.passed:
            return


class _Absent(Exception):
    """The REST API is not there yet."""


def _try(rest: host_settings.RestSettings, where: str) -> PowerVMSession:
    try:
        return PowerVMSession(rest)
    except pvm_exc.AuthFileReadError as exc:
        raise errors.AccessDenied(_unreadable(exc)) from exc
    except pvm_exc.AuthFileAccessError as exc:
        raise errors.AccessDenied(
            f'{exc} Authentication by file works only where nova-compute '
            'shares the file system of the management partition; elsewhere '
            'set [powervm] rest_user and rest_password.'
        ) from exc
    except pvm_exc.SSLError as exc:
        raise errors.AccessDenied(
            f'The certificate of {where} is not trusted: {exc}. Name the '
            'certificate of its authority in [powervm] rest_ca_file.'
        ) from exc
    except pvm_exc.HttpUnauth as exc:
        raise errors.AccessDenied(
            f'{where} refused the logon. Check [powervm] rest_user and '
            'rest_password.',
            status=401,
        ) from exc
    except pvm_exc.Error as exc:
        if _may_pass(exc):
            raise _Absent(str(exc)) from exc
        raise calls.translated(exc) from exc


def _may_pass(exc: pvm_exc.Error) -> bool:
    if isinstance(exc, pvm_exc.HttpError):
        # While it starts, the web server knows no REST application yet.
        status = exc.response.status
        return bool(status == 404 or status >= 500)
    return isinstance(exc, (pvm_exc.ConnectionError, pvm_exc.TimeoutError))


def _unreadable(exc: pvm_exc.Error) -> str:
    user = getpass.getuser()
    return (
        f'{exc} User {user} may not read the token of the PowerVM REST API. '
        f'Add it to the group: usermod -aG {_GROUP} {user}, then restart '
        'nova-compute.'
    )
