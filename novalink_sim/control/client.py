# SPDX-License-Identifier: Apache-2.0
"""A client of the control API, with nothing but the standard library."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class ControlError(Exception):
    """The control API refused a request."""


class ControlClient:
    """Talks to a running simulator.

    :param url: ``control`` of the ready file
    :param token_file: ``control_token_file`` of the ready file, if there
    """

    def __init__(self, url: str, token_file: str | Path | None = None) -> None:
        if not url.startswith(('http://', 'https://')):
            raise ValueError(f'{url!r} is no URL of a control API')
        self.url = url.rstrip('/')
        self._token = None
        if token_file is not None:
            self._token = Path(token_file).read_text().strip()

    @classmethod
    def from_ready_file(cls, path: str | Path) -> 'ControlClient':
        """Return a client of the simulator that wrote a ready file."""
        ready = json.loads(Path(path).read_text())
        return cls(ready['control'], ready.get('control_token_file'))

    def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Any:
        """Send a request below ``/_sim/v1`` and return its JSON.

        :raises ControlError: with the simulator's message
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - checked above
            f'{self.url}/_sim/v1{path}', data=data, method=method
        )
        if self._token is not None:
            request.add_header('X-Sim-Token', self._token)
        try:
            with urllib.request.urlopen(request) as reply:  # noqa: S310
                return json.load(reply)
        except urllib.error.HTTPError as exc:
            raise ControlError(_message(exc)) from None
        except urllib.error.URLError as exc:
            raise ControlError(f'{self.url}: {exc.reason}') from None

    def health(self) -> dict[str, Any]:
        """Return the status and process id."""
        return dict(self.call('GET', '/health'))

    def dump(self) -> dict[str, Any]:
        """Return the state."""
        return dict(self.call('GET', '/dump'))

    def load(self, data: Mapping[str, Any]) -> None:
        """Take over the platform state of a dump."""
        self.call('POST', '/load', data)

    def reset(self) -> None:
        """Go back to the topology."""
        self.call('POST', '/reset')

    def journal(
        self, since: int = 0, events: bool = True
    ) -> list[dict[str, Any]]:
        """Return the requests after a sequence number."""
        flag = 'true' if events else 'false'
        answer = self.call('GET', f'/journal?since={since}&events={flag}')
        return list(answer['entries'])

    def clear_journal(self) -> None:
        """Forget the requests so far."""
        self.call('DELETE', '/journal')

    def add_fault(self, **rule: Any) -> int:
        """Activate a fault rule: its fields, or ``fault`` by name."""
        return int(self.call('POST', '/faults', rule)['id'])

    def clear_faults(self) -> None:
        """Remove all fault rules."""
        self.call('DELETE', '/faults')

    def change(self, system: str, partition: str, **change: Any) -> None:
        """Change a partition from outside: power, rmc, behaviour."""
        body = {'system': system, 'partition': partition} | change
        self.call('POST', '/partitions', body)

    def operate(self, system: str, do: str, **args: Any) -> None:
        """Do an action of :mod:`novalink_sim.control.byhand`."""
        self.call('POST', '/operate', {'system': system, 'do': do} | args)

    def power_failure(self, system: str) -> None:
        """Take the power from a system."""
        self.call('POST', '/power-failure', {'system': system})

    def power_return(self, system: str) -> None:
        """Give a system its power back."""
        self.call('POST', '/power-return', {'system': system})

    def set_delays(self, **delays: Any) -> None:
        """Set delays: ``profile``, ``get``, ``write``, ``job``, routes."""
        self.call('POST', '/delays', delays)

    def set_jobs(self, mode: str, operation: str | None = None) -> None:
        """Set how jobs progress."""
        self.call('POST', '/jobs', {'mode': mode, 'operation': operation})


def _message(exc: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(exc)['error'])
    except (ValueError, KeyError):
        return str(exc)
