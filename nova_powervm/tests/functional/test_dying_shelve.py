# SPDX-License-Identifier: Apache-2.0
"""nova-compute dies while it offloads or unshelves a server.

Shelving is a snapshot of a server that is off, an offload its removal, an
unshelve a build. The driver does nothing else for them: each of its writes
goes wrong, and the service dies at each, in the tests of those, for both kinds
of disks (test_sweep_snapshot, test_sweep_destroy, test_sweep_spawn,
test_dying_snapshot, test_dying_spawn, test_ssp_sweeps). Here it is what Nova
and the user do then.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import fixtures

from nova_powervm.tests.functional import movers
from novalink_sim.control import faults


class Death(BaseException):
    """The end of the service, which no handler of Nova's gets to know."""


class TestDyingShelve(movers.MovingTest):
    """A server with a config drive."""

    HOSTS = ('host1',)
    SETTINGS = {'retry_attempts': 2}

    def setUp(self) -> None:
        super().setUp()
        self.before = self.platform.state('host1')
        self.server = self.boot(self.image, config_drive=True)
        lpar = self.platform.lpar('host1', self.server['id'])
        with open(lpar.boot_disk.path, 'r+b') as disk:
            disk.seek(5000)
            disk.write(b'what the server wrote')
        self.wanted = self.content()

    def content(self) -> bytes:
        """The begin of the server's disk."""
        lpar = self.platform.lpar('host1', self.server['id'])
        with open(lpar.boot_disk.path, 'rb') as disk:
            return disk.read(8000)

    @contextmanager
    def dying(self, method: str, written: int) -> Iterator[None]:
        """Let nova-compute die in a method of the driver; start it again.

        :param written: writes to the platform that it still does
        """
        driver = self.computes['host1'].driver
        real: Callable[..., Any] = getattr(driver, method)
        dead = []

        def die(*args: Any, **kwargs: Any) -> None:
            rule = faults.drop_before(
                system='host1', writes=True, nth=written + 1, times=None
            )
            with self.platform.fault(rule):
                try:
                    real(*args, **kwargs)
                finally:
                    dead.append(method)
                    raise Death

        kind = type(driver)
        with (
            fixtures.MonkeyPatch(
                f'{kind.__module__}.{kind.__name__}.{method}',
                lambda _driver, *args, **kwargs: die(*args, **kwargs),
            ),
            # The dead take nothing back.
            fixtures.MonkeyPatch(
                'nova.compute.claims.Claim.__exit__', lambda *_args: None
            ),
        ):
            yield
            self._wait_for(lambda: dead, 'the end of the service')
            self.restart_host('host1')

    def status(self) -> tuple[str, str | None]:
        """What Nova says of the server: its status, and what it does."""
        found = self.admin_api.get_server(self.server['id'])
        return found['status'], found['OS-EXT-STS:task_state']

    def ask(self, action: str) -> None:
        """Ask for an action, and do not wait."""
        self.admin_api.post_server_action(self.server['id'], {action: None})

    def assert_nothing_is_lost(self) -> None:
        """The image brings the server back; its end leaves nothing."""
        (shelved,) = (
            image['id']
            for image in self.glance.images.values()
            if str(image['name']).endswith('-shelved')
        )
        found = self.act(self.server, 'rebuild', imageRef=shelved)
        self.assertEqual('ACTIVE', found['status'], self.reasons(self.server))
        self.assertEqual(self.wanted, self.content())
        self.delete(found)
        self.assertEqual(
            [], self.platform.changes('host1', self.before, *self.cached())
        )

    def cached(self) -> list[Any]:
        """The images that the host may keep."""
        return list(self.glance.files.values())

    def test_offload(self) -> None:
        self.flags(shelved_offload_time=-1)
        self._shelve_server(self.server, expected_state='SHELVED')
        with self.dying('destroy', written=2):
            self.ask('shelveOffload')
        # Nova leaves it so, until an administrator resets its state.
        self.assertEqual(('SHELVED', 'shelving_offloading'), self.status())
        self.admin_api.post_server_action(
            self.server['id'], {'os-resetState': {'state': 'error'}}
        )
        self.assert_nothing_is_lost()

    def test_unshelve(self) -> None:
        self.flags(shelved_offload_time=0)
        self._shelve_server(self.server, expected_state='SHELVED_OFFLOADED')
        with self.dying('spawn', written=7):
            self.ask('unshelve')
        self._wait_for(
            lambda: self.status()[1] is None, 'Nova to find the server'
        )
        self.assertEqual('ERROR', self.status()[0])
        self.assert_nothing_is_lost()
