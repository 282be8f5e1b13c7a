# SPDX-License-Identifier: Apache-2.0
"""Tests of disks and media on a simulated platform."""

from __future__ import annotations

import os
from typing import Any

import fixtures
from nova import context as nova_context
from nova import objects
from oslo_config import fixture as config_fixture
from oslo_utils import uuidutils

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import images
from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm import settings
from nova_powervm.virt.powervm.disk import group
from nova_powervm.virt.powervm.disk import registry
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.vios import transactions
from novalink_sim.model import groups as sim_groups
from novalink_sim.model import switches

FILES = '/rest/api/web/File'
CONTENTS = '/rest/api/web/File/contents/{}'
GROUP = '/rest/api/uom/VirtualIOServer/{}/VolumeGroup/{}'


class StorageCase(simulated.SimulatedTestCase):
    """A host with a data volume group, Glance, and the parts of a driver."""

    PRESET = 'localdisk'

    def setUp(self) -> None:
        super().setUp()
        objects.register_all()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.conf = self.useFixture(config_fixture.Config(settings.CONF))
        settings.CONF([], default_config_files=[])
        self.state_path = self.useFixture(fixtures.TempDir()).path
        self.conf.config(state_path=self.state_path)
        self.glance = self.useFixture(glance.GlanceFixture())
        self.context = nova_context.RequestContext(
            'user', 'project', is_admin=False
        )
        self.restart()

    def restart(self, **options: Any) -> None:
        """Make the parts anew, as a restart of the service does."""
        # Clearing has tests of its own; in others disks go at once.
        options.setdefault('volume_clear', 'none')
        self.conf.config(group='powervm', **options)
        self.host = settings.HostSettings.from_conf('host1')
        self.vioses = inventory.ViosInventory(self.client)
        self.vioses.load()
        self.changes = transactions.Transactions(self.client, gather=0)
        self.addCleanup(self.changes.close)
        self.journal = journal.Journal.for_host(self.host)
        self.directory = group.GroupDirectory(self.client, self.vioses)

    def parts(self) -> registry.Collaborators:
        """What a disk adapter works with."""
        return registry.Collaborators(
            settings=self.host,
            client=self.client,
            transactions=self.changes,
            vios=self.vioses,
            journal=self.journal,
            groups=self.directory,
        )

    def data_group(self) -> group.VolumeGroup:
        """The volume group datavg."""
        return group.VolumeGroup(
            self.client, group.choose('datavg', self.directory)
        )

    # Nova's side.

    def instance(self, root_gb: int = 1, **fields: Any) -> objects.Instance:
        """An instance that is not in a database."""
        return objects.Instance(
            id=1,
            uuid=uuidutils.generate_uuid(),
            display_name='web',
            flavor=objects.Flavor(root_gb=root_gb),
            trusted_certs=None,
            system_metadata=fields.pop('system_metadata', {}),
            **fields,
        )

    def image(self, megabytes: int = 1, **options: Any) -> images.ImageFile:
        """An image that Glance has."""
        return self.glance.make(megabytes=megabytes, **options)

    # The platform's side.

    def platform_group(self, name: str = 'datavg') -> Any:
        """The model of a volume group of the first VIOS."""
        vios = next(iter(self.model.vioses.values()))
        return next(g for g in vios.groups if g.name == name)

    def platform_disks(self) -> dict[str, Any]:
        """The models of the disks in datavg, by name."""
        return {disk.name: disk for disk in self.platform_group().disks}

    def foreign_disk(self, name: str, size_gb: float = 1.0) -> None:
        """Make a disk behind the driver's back."""
        found = self.platform_group()
        disks = [
            sim_groups.DiskRequest(disk.name, disk.capacity, disk.udid)
            for disk in found.disks
        ]
        disks.append(sim_groups.DiskRequest(name, size_gb))
        with self.model.lock:
            sim_groups.update(
                found, sim_groups.GroupRequest(disks=tuple(disks))
            )

    def content(self, name: str, size: int) -> bytes:
        """The first bytes of a disk."""
        with open(self.platform_disks()[name].file, 'rb') as file:
            return file.read(size)

    def assertNoFiles(self) -> None:
        """No File objects are left."""
        self.assertEqual([], list(self.model.files))

    def read_state(self, name: str) -> str:
        """A file of the host below state_path."""
        path = os.path.join(self.state_path, 'powervm', 'host1', name)
        with open(path, encoding='utf-8') as file:
            return file.read()


def tagging(when: str) -> dict[str, Any]:
    """Arguments of a simulator whose tags take effect then."""
    return {'switches': switches.Switches(disk_tag=when)}  # type: ignore


def clean() -> dict[str, Any]:
    """Arguments of a simulator whose groups nobody has used before."""
    return {'switches': switches.Switches(new_disk_dirty=False)}
