# SPDX-License-Identifier: Apache-2.0
"""Words for tests that resize and migrate servers."""

from typing import Any

from nova_powervm.tests.fixtures import iso
from nova_powervm.tests.functional import base


class MovingTest(base.FunctionalTest):
    """Asks for a move, and looks at what became of it."""

    def setUp(self) -> None:
        super().setUp()
        self.image = self.glance.make(1)

    def act(
        self, server: base.Server, action: str, **options: Any
    ) -> base.Server:
        """Ask for an action, and wait until Nova is done with it."""
        self.admin_api.post_server_action(
            server['id'], {action: options or None}
        )
        return self.settle(server, action in ('confirmResize', 'revertResize'))

    def settle(self, server: base.Server, ends: bool = False) -> base.Server:
        """Wait until Nova is done with a server.

        :param ends: what it does ends a resize
        """

        def idle() -> bool:
            found = self.admin_api.get_server(server['id'])
            if ends and found['status'] == 'VERIFY_RESIZE':
                return False
            return found['OS-EXT-STS:task_state'] is None

        self._wait_for(idle, 'Nova to finish')
        return dict(self.admin_api.get_server(server['id']))

    def events(self, server: base.Server) -> list[dict[str, Any]]:
        """All events of what was asked of a server."""
        root = f'/servers/{server["id"]}/os-instance-actions'
        found = []
        for action in self.admin_api.get_instance_actions(server['id']):
            body = self.admin_api.api_get(
                f'{root}/{action["request_id"]}'
            ).body
            found += body['instanceAction']['events']
        return found

    def name_it(self, server: base.Server, **metadata: str) -> None:
        """Give a server metadata, as its user does."""
        root = f'/servers/{server["id"]}'
        self.api.api_post(f'{root}/metadata', {'metadata': metadata})

    def told(self, host: str, server: base.Server) -> Any:
        """The metadata that the config drive of a server has."""
        drive = self.platform.lpar(host, server['id']).config_drive
        return iso.ConfigDrive(drive.path).json('meta_data.json')['meta']

    def ours(self, server: base.Server) -> set[str]:
        """Names of the driver's own events."""
        names = {event['event'] for event in self.events(server)}
        return {name for name in names if name.startswith('powervm_')}

    def reasons(self, server: base.Server) -> str:
        """What the user reads about what failed."""
        events = self.events(server)
        return '\n'.join(event.get('details') or '' for event in events)
