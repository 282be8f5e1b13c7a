# SPDX-License-Identifier: Apache-2.0
"""Users rebuild servers."""

from typing import Any

import fixtures
from nova import exception

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import iso
from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import movers
from nova_powervm.virt.powervm import identity

GIB = 1 << 30


class RebuildTest(movers.MovingTest):
    """Words for rebuilds on one host."""

    HOSTS = ('host1',)

    def setUp(self) -> None:
        super().setUp()
        self.other = self.glance.make(2)
        self.before = self.platform.state('host1')

    def boot_with_disks(self) -> base.Server:
        """A server with all kinds of disks, and a config drive."""
        flavor = {'name': 'more', 'id': 'more', 'vcpus': 1, 'ram': 2048}
        flavor.update(disk=1, swap=64)
        flavor['OS-FLV-EXT-DATA:ephemeral'] = 1
        self.admin_api.post_flavor({'flavor': flavor})
        return self.boot(self.image, 'more', config_drive=True)

    def rebuild(
        self, server: base.Server, image: images.ImageFile, **options: Any
    ) -> str:
        """Rebuild a server; tell its status then."""
        self.platform.clear_journal()
        before = self.api.get_server(server['id'])['status']
        found = self.act(server, 'rebuild', imageRef=image.id, **options)
        if (before, found['status']) == ('SHUTOFF', 'ACTIVE'):
            # Nova: for a moment it is done, before it stops the server again.
            found = self.wait_for(server, 'SHUTOFF')
        return str(found['status'])

    def places(self, server: base.Server) -> Any:
        """Where the server has what: its number, adapters and storage."""
        dump = self.platform.dump('host1')
        uuid = identity.lpar_uuid(server['id'])
        (lpar,) = (
            x for x in views.entries(dump['lpars']) if x['uuid'] == uuid
        )
        storage = sorted(
            (bus['client_slot'], device['lua'], device['kind'])
            for vios in views.entries(dump['vioses'])
            for bus in vios['buses']
            if bus['lpar_uuid'] == uuid
            for device in bus['devices']
        )
        return lpar['id'], lpar['name'], lpar['adapters'], storage

    def assert_built_from(
        self, server: base.Server, image: images.ImageFile, password: str
    ) -> None:
        """Disks and config drive are what they are to be."""
        lpar = self.platform.lpar('host1', server['id'])
        content = b''.join(image.chunks())
        with open(lpar.disks[0].path, 'rb') as disk:
            self.assertEqual(content, disk.read(len(content)))
        self.assertEqual(
            [GIB, GIB, 64 << 20], [disk.size for disk in lpar.disks]
        )
        drive = iso.ConfigDrive(lpar.config_drive.path)
        found = drive.json('meta_data.json')
        self.assertEqual(password, found['admin_pass'])
        self.assertEqual({'round': password}, found['meta'])


class TestRebuild(RebuildTest):
    """Servers on local disks."""

    @proof.proves('rebuild')
    def test_another_image_and_back_while_stopped(self) -> None:
        server = self.boot_with_disks()
        places = self.places(server)
        for image, status in ((self.other, 'ACTIVE'), (self.image, 'SHUTOFF')):
            if status == 'SHUTOFF':
                self._stop_server(server)
            lpar = self.platform.lpar('host1', server['id'])
            earlier = {disk.path for disk in lpar.disks}
            found = self.rebuild(
                server, image, adminPass=status, metadata={'round': status}
            )
            self.assertEqual(status, found)
            starts = int(status == 'ACTIVE')
            self.assertEqual(starts, self.platform.operations('PowerOn'))
            self.assertEqual(places, self.places(server))
            self.assert_built_from(server, image, status)
            lpar = self.platform.lpar('host1', server['id'])
            now = {disk.path for disk in lpar.disks}
            self.assertEqual(set(), earlier & now)
            # Three of the server, and the images.
            self.assertEqual(5, len(self.platform.disks('host1')))
        self.delete(server)
        self.assertEqual(
            [],
            self.platform.changes(
                'host1', self.before, self.image, self.other
            ),
        )


class TestPool(TestRebuild):
    """Servers in a shared storage pool."""

    PRESET = 'ssp-pair'
    SETTINGS = {'disk_driver': 'ssp'}


class TestRefusals(RebuildTest):
    """The server goes on as before."""

    def assert_refused(
        self, server: base.Server, reason: str, **options: Any
    ) -> None:
        """The server runs on, and its user is told the reason."""
        before = self.platform.state('host1')
        status = self.rebuild(server, self.other, **options)
        self.assertEqual('ACTIVE', status)
        self._wait_for(lambda: reason in self.reasons(server), reason)
        self.assertEqual(
            [], self.platform.changes('host1', before, self.other)
        )
        self.assertEqual(0, self.platform.operations('PowerOff'))

    def test_image_that_cannot_be_used_costs_nothing(self) -> None:
        server = self.boot(self.image)
        meta = self.glance.images[self.other.id]
        meta['disk_format'] = 'qcow2'
        self.assert_refused(server, 'disk_format is qcow2')
        meta['disk_format'] = 'raw'
        self.glance.faults[self.other.id] = glance.StreamFault(
            at=70000, die=True
        )
        self.assert_refused(server, 'Glance died')
        with fixtures.MonkeyPatch(
            'nova_powervm.tests.fixtures.glance.GlanceFixture.download',
            self.vanished,
        ):
            self.assert_refused(server, 'could not be found')
        self.assert_refused(
            server, 'preserving ephemeral', preserve_ephemeral=True
        )
        meta['size'] = 2 * GIB
        self.assert_not_possible(server, 400)
        meta['size'] = self.other.size
        self.act(server, 'rescue', rescue_image_ref=self.image.id)
        self.assert_not_possible(server, 409)

    def assert_not_possible(self, server: base.Server, status: int) -> None:
        """Nova itself refuses the rebuild."""
        error = self.assertRaises(
            base.ApiError, self.rebuild, server, self.other
        )
        self.assertEqual(status, error.response.status_code)

    @staticmethod
    def vanished(
        _glance: Any, _context: Any, image_id: str, **_options: Any
    ) -> Any:
        """Glance does not have the image any more."""
        raise exception.ImageNotFound(image_id=image_id)
