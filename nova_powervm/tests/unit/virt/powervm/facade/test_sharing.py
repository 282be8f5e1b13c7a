# SPDX-License-Identifier: Apache-2.0
"""What Nova is told about storage that several hosts share."""

import types
from typing import Any

import fixtures
import testtools
from nova import exception
from nova.compute import task_states

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.facade import sharing


class SharingTest(testtools.TestCase):
    """Two hosts, of which one asks the other."""

    def setUp(self) -> None:
        super().setUp()
        self.instance = nova_objects.instance(host='host1')
        self.from_volume = False
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova.compute.utils.is_volume_backed_instance',
                lambda _context, _instance: self.from_volume,
            )
        )
        self.found: Any = (fake_host.DISK,)
        self.here = self.driver('pool')

    def driver(self, storage: str | None) -> sharing.SharedStorage:
        made = sharing.SharedStorage(None)
        disk = types.SimpleNamespace(
            storage_id=lambda: storage, find=lambda _instance: self.find()
        )
        settings = types.SimpleNamespace(host='host2')
        made._runtime = types.SimpleNamespace(  # type: ignore
            disk=disk, settings=settings
        )
        return made

    def find(self) -> Any:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def is_shared(self, other: sharing.SharedStorage) -> bool:
        """Ask as the compute manager does."""
        data = self.here.check_instance_shared_storage_local(
            None, self.instance
        )
        answer = other.check_instance_shared_storage_remote(None, data)
        self.here.check_instance_shared_storage_cleanup(None, data)
        return answer

    def test_hosts_of_one_pool(self) -> None:
        self.assertTrue(self.is_shared(self.driver('pool')))

    def test_hosts_of_other_storage(self) -> None:
        self.assertFalse(self.is_shared(self.driver('another')))
        self.assertFalse(self.is_shared(self.driver(None)))

    def test_local_storage(self) -> None:
        self.here = self.driver(None)
        self.assertRaises(
            NotImplementedError, self.is_shared, self.driver('pool')
        )
        self.assertFalse(self.here.instance_on_disk(self.instance))

    def test_disk_is_seen(self) -> None:
        self.assertTrue(self.here.instance_on_disk(self.instance))
        self.found = ()
        self.assertFalse(self.here.instance_on_disk(self.instance))

    def test_pool_that_cannot_be_read(self) -> None:
        """It must not be taken for one without the disk."""
        self.found = errors.PlatformError('no node is up')
        self.assertRaises(
            exception.HypervisorUnavailable,
            self.here.instance_on_disk,
            self.instance,
        )

    def test_evacuated_servers_only_have_disks_before_they_are_built(
        self,
    ) -> None:
        for state, wanted in (
            (task_states.SPAWNING, False),
            (task_states.REBUILD_SPAWNING, True),
        ):
            self.instance.task_state = state
            self.assertEqual(wanted, self.here._has_its_disks(self.instance))

    def test_servers_that_boot_from_volumes(self) -> None:
        """Every host sees those; on their own host they may be built anew."""
        self.from_volume = True
        self.found = ()
        for storage in ('pool', None):
            here = self.driver(storage)
            self.assertTrue(here.instance_on_disk(self.instance))
            self.instance.task_state = task_states.REBUILD_SPAWNING
            for host, wanted in (('host1', True), ('host2', False)):
                self.instance.host = host
                self.assertEqual(wanted, here._has_its_disks(self.instance))
