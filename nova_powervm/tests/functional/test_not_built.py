# SPDX-License-Identifier: Apache-2.0
"""Users ask for what is not built: they are told, and nothing happens."""

from typing import Any

from nova.virt import driver as nova_driver

from nova_powervm.tests.functional import base

Action = dict[str, Any]


class NotBuiltTest(base.FunctionalTest):
    """Words for operations that are refused."""

    def setUp(self) -> None:
        super().setUp()
        self.image = self.glance.make(1)

    def boot_here(self) -> base.Server:
        """Boot a server on the first host, and remember how that is."""
        server = self.boot(self.image, host='host1', config_drive=True)
        self.before = {
            host: self.platform.state(host, self.image) for host in self.HOSTS
        }
        return server

    def settle(self, server: base.Server) -> base.Server:
        """Wait until Nova is done with a server."""

        def idle() -> bool:
            found = self.admin_api.get_server(server['id'])
            return found['OS-EXT-STS:task_state'] is None

        self._wait_for(idle, 'Nova to finish')
        return dict(self.admin_api.get_server(server['id']))

    def act(self, server: base.Server, action: str, **options: Any) -> None:
        """Ask for an action of a server."""
        self.admin_api.post_server_action(
            server['id'], {action: options or None}
        )

    def assert_refused(self, server: base.Server, reason: str) -> None:
        """The last action failed with the reason; nothing changed."""
        self._wait_for(lambda: reason in self.reasons(server), reason)
        self.assertEqual('ACTIVE', self.settle(server)['status'])
        self.assert_untouched(server)

    def assert_untouched(self, server: base.Server) -> None:
        """Platform and Placement are as they were after the boot."""
        for host, before in self.before.items():
            self.assertEqual(
                [], self.platform.changes(host, before, self.image)
            )
        self._wait_for(
            lambda: self.allocated_hosts(server) == {'host1'},
            'the allocation to be that of the first host',
        )

    def error_of(self, status: int, method: Any, *arguments: Any) -> str:
        """The text with which the API refuses a request."""
        error = self.assertRaises(base.ApiError, method, *arguments)
        self.assertEqual(status, error.response.status_code)
        return str(error)


class TestActions(NotBuiltTest):
    """Operations on a server that runs."""

    def test_live_migration(self) -> None:
        server = self.boot_here()
        for host in ('host2', None):
            self.act(
                server, 'os-migrateLive', host=host, block_migration='auto'
            )
            self.assert_refused(server, 'cannot migrate running servers yet')

    def test_pause_and_suspend(self) -> None:
        server = self.boot_here()
        for name, reason in (
            ('pause', 'PowerVM cannot pause servers'),
            ('suspend', 'cannot suspend servers'),
        ):
            self.act(server, name)
            self.assert_refused(server, reason)

    def test_password(self) -> None:
        server = self.boot_here()
        text = self.error_of(
            409,
            self.admin_api.post_server_action,
            server['id'],
            {'changePassword': {'adminPass': 'secret'}},
        )
        self.assertIn('there is no agent in its operating system', text)
        self.assert_refused(server, 'cannot change the password')

    def test_consoles(self) -> None:
        server = self.boot_here()
        root = f'/servers/{server["id"]}'
        for status, protocol, kind in (
            (501, 'vnc', 'novnc'),
            (400, 'serial', 'serial'),
            (400, 'spice', 'spice-direct'),
        ):
            console = {'protocol': protocol, 'type': kind}
            self.error_of(
                status,
                self.admin_api.api_post,
                f'{root}/remote-consoles',
                {'remote_console': console},
            )
        self.error_of(
            501,
            self.admin_api.post_server_action,
            server['id'],
            {'os-getConsoleOutput': {}},
        )
        self.assertEqual('ACTIVE', self.settle(server)['status'])
        self.assert_untouched(server)

    def test_evacuation_from_a_host_that_works(self) -> None:
        server = self.boot_here()
        self.error_of(
            400,
            self.admin_api.post_server_action,
            server['id'],
            {'evacuate': {}},
        )
        self.assert_untouched(server)


class TestUnknownVolumes(NotBuiltTest):
    """Volumes of a kind that nobody knows cannot be connected."""

    def setUp(self) -> None:
        super().setUp()
        self.cinder = self.useFixture(base.CinderFixture(self))

    def attachments(self) -> int:
        """How many attachments Cinder keeps."""
        return sum(
            len(found) for found in self.cinder.volume_to_attachment.values()
        )

    def test_attach(self) -> None:
        server = self.boot_here()
        volume = {'volumeId': self.cinder.SWAP_OLD_VOL}
        path = f'/servers/{server["id"]}/os-volume_attachments'
        self.api.api_post(path, {'volumeAttachment': volume})
        self.assert_refused(server, 'which the PowerVM driver cannot connect')
        found = self.api.api_get(path).body['volumeAttachments']
        self.assertEqual([], found)
        self.assertEqual(0, self.attachments())

    def test_build_with_a_volume(self) -> None:
        before = {host: self.platform.state(host) for host in self.HOSTS}
        boot = {
            'boot_index': 0,
            'uuid': self.cinder.IMAGE_BACKED_VOL,
            'source_type': 'volume',
            'destination_type': 'volume',
        }
        data = {**boot, 'boot_index': -1, 'uuid': self.cinder.SWAP_OLD_VOL}
        root = {
            'boot_index': 0,
            'uuid': self.image.id,
            'source_type': 'image',
            'destination_type': 'local',
        }
        for image, disks in (('', [boot]), (self.image.id, [root, data])):
            server = self.boot(
                image, status='ERROR', block_device_mapping_v2=disks
            )
            self.assertIn(
                'which the PowerVM driver cannot connect', self.fault(server)
            )
        for host in self.HOSTS:
            self.assertEqual([], self.platform.changes(host, before[host]))
        self.assertEqual(0, self.attachments())


class TestCapabilities(NotBuiltTest):
    """What the hosts tell the scheduler."""

    HOSTS = ('host1',)

    def test_only_what_is_built_is_announced(self) -> None:
        found = self.computes['host1'].driver.capabilities
        announced = {name for name, value in found.items() if value}
        self.assertEqual(
            {
                'has_imagecache',
                'supports_attach_interface',
                'supports_bfv_rescue',
                'supports_device_tagging',
                'supports_evacuate',
                'supports_extend_volume',
                'supports_image_type_iso',
                'supports_image_type_raw',
                'supports_multiattach',
                'supports_tagged_attach_interface',
                'supports_tagged_attach_volume',
                'supports_trusted_certs',
            },
            announced,
        )
        self.assertEqual(
            set(nova_driver.ComputeDriver.capabilities), set(found)
        )
