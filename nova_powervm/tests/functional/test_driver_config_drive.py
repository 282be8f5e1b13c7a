# SPDX-License-Identifier: Apache-2.0
"""A config drive is made anew under a server that stays."""

from typing import Any

from nova import exception
from taskflow.patterns import graph_flow

from nova_powervm.tests.fixtures import iso
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.functional import driver_base
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors as client_errors
from nova_powervm.virt.powervm.flows import engine
from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import media
from nova_powervm.virt.powervm.tasks import storage
from nova_powervm.virt.powervm.vios import intents


class Broken(base.PowerVMTask):
    """Fails.

    Reverts: nothing.
    """

    def execute(self) -> None:
        """Fail."""
        raise client_errors.PlatformError('broken')


class RenewTest(driver_base.DriverTest):
    """A server with a config drive."""

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.spawn(self.instance(config_drive='True'))
        self.driver.power_off(self.guest)

    def renew(self, *more: Any) -> None:
        """Make the config drive anew; last come further tasks."""
        host = self.driver.host
        tasks = [
            storage.FindStorage(host),
            media.EnsureRepository(host),
            media.RenewConfigDrive(host),
            media.PlaceConfigDrive(host),
            *more,
            media.DropConfigDrive(host),
        ]
        flow = graph_flow.Flow('renew').add(*tasks)
        for first, second in zip(tasks[2:], tasks[3:], strict=False):
            flow.link(first, second)
        store = {
            'context': nova_objects.context(),
            'instance': self.guest,
            'lpar': host.cache.for_instance(self.guest),
            'injected_files': [],
            'admin_password': 'another',
            'network_info': self.network_info,
        }
        engine.run(flow, store, errors.for_spawn)

    def drive(self) -> Any:
        """The config drive that the server sees."""
        return self.host.lpar('host1', self.guest.uuid).config_drive

    def address(self) -> tuple[int, str]:
        """Where the server sees it."""
        (found,) = (
            (bus['client_slot'], device['lua'])
            for vios in views.entries(self.host.dump('host1')['vioses'])
            for bus in vios['buses']
            for device in bus['devices']
            if device['kind'] == 'media'
        )
        return found

    def password(self) -> str:
        """The password on it."""
        drive = iso.ConfigDrive(self.drive().path)
        return str(drive.json('meta_data.json')['admin_pass'])

    def test_new_data_at_the_same_address(self) -> None:
        before = self.address()
        names = []
        for _round in range(3):
            self.renew()
            self.assertEqual('another', self.password())
            self.assertEqual(before, self.address())
            names.append(self.drive().name)
            self.assertEqual(
                {self.drive().name},
                self.driver.host.media.names(self.guest.uuid),
            )
        self.assertEqual(2, len(set(names)))
        self.destroy(self.guest)
        self.assert_unchanged()

    def test_failure_leaves_the_earlier_one(self) -> None:
        state = self.host.state('host1')
        self.assertRaises(
            exception.NovaException, self.renew, Broken(self.driver.host)
        )
        self.assertEqual([], self.host.changes('host1', state))
        self.assertEqual('secret', self.password())

    def test_one_that_is_gone_comes_back_where_it_was(self) -> None:
        before = self.address()
        host = self.driver.host
        lpar = identity.lpar_uuid(self.guest.uuid)
        name = identity.config_drive_name(self.guest.uuid)
        drive = intents.StorageRef('media', name)
        (vios,) = host.vios.active()
        host.transactions.run(
            intents.ViosTarget(vios.uuid),
            intents.RemoveMappings(lpar, None, storages=(drive,)),
        )
        host.media.delete(name)
        self.renew()
        self.assertEqual(before, self.address())
