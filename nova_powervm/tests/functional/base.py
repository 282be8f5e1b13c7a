# SPDX-License-Identifier: Apache-2.0
"""The Nova of the functional tests: all services in one process.

nova.tests is no stable interface. Only this module and the one that runs
Nova's tests of a driver import it, so that a new Nova breaks nothing else.
"""

import contextlib
import os
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import fixtures
import nova.conf
import os_vif
from nova.tests import fixtures as nova_fixtures
from nova.tests.functional import integrated_helpers
from nova.tests.functional.api import client as api_client
from sqlalchemy import exc as sqlalchemy_exc
from testtools import content

from nova_powervm.tests.fixtures import cinder
from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import identity
from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import neutron
from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.fixtures import waits
from nova_powervm.tests.functional import thrift
from nova_powervm.virt.powervm import settings as _settings  # noqa: F401 registers options
from novalink_sim.model.switches import Switches

CONF = nova.conf.CONF
PATIENCE = 200
"""Seconds that a test waits for what Nova does on a loaded machine."""
TURN = 0.5
"""Seconds until it looks again though the state of no server changed."""
TURNS = round(PATIENCE / TURN)

Server = dict[str, Any]
ApiError = api_client.OpenStackApiException


class NeutronFixture(  # type: ignore[misc]
    neutron.PowerVMPorts, nova_fixtures.NeutronFixture
):
    """Nova's Neutron, with the ports of a PowerVM cloud."""

    def port_of(self, server_id: str) -> dict[str, Any]:
        """The only port of a server."""
        (port,) = (
            port
            for port in self._ports.values()
            if port['device_id'] == server_id
        )
        return dict(port)


class CinderFixture(  # type: ignore[misc]
    cinder.VolumeService, nova_fixtures.CinderFixture
):
    """Nova's Cinder, with volumes on simulated storage."""


def text(words: str) -> content.Content:
    """Text to put beside the result of a test."""
    return content.text_content(words)


def _last_targeted(cells: Any, context: Any) -> Any:
    """Tell which database the thread works on, without a lock."""
    targeted = getattr(context, 'db_connection', None)
    return targeted or cells._last_ctxt_mgr


class _Environment(integrated_helpers._IntegratedTestBase):
    """Nova's integrated test base, with our platform around it."""

    ADMIN_API = True
    CAST_AS_CALL = False
    REQUIRES_LOCKING = False
    microversion = 'latest'

    HOSTS: Sequence[str] = ('host1', 'host2')
    PRESET = 'localdisk'
    DRIVER = 'powervm_ext.driver.PowerVMDriver'
    SWITCHES: dict[str, Any] = {}
    """Unknowns of the platform that differ from the default."""
    SETTINGS: dict[str, Any] = {}
    """[powervm] options of every host."""
    QUICK = True
    """Whether the driver waits a hundredth of the usual time."""

    def setUp(self) -> None:
        self.host_settings: dict[str, dict[str, Any]] = {}
        # Nova's fixture locks here, which adds nothing to reading a reference
        # and deadlocks: a thread that writes to the database waits for one
        # that wants to switch cells, and that one for a reader who in turn
        # wants to write.
        self.useFixture(
            fixtures.MockPatchObject(
                nova_fixtures.CellDatabases,
                '_wrap_get_context_manager',
                _last_targeted,
            )
        )
        # Services end in the background, some of them after Nova's own
        # fixture has given this back; it would end all threads for good.
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova.thread_pool_factory.shutdown_all_executors',
                lambda: None,
            )
        )
        self.useFixture(thrift.Thrift())
        super().setUp()

    def _setup_services(self) -> None:
        warnings.filterwarnings(
            'ignore',
            message='The noload',
            category=sqlalchemy_exc.SADeprecationWarning,
        )
        self.flags(
            api_paste_config=thrift.paste_file(
                os.path.join(sys.prefix, 'etc/nova/api-paste.ini'),
                self.useFixture(fixtures.TempDir()).path,
            ),
            group='wsgi',
        )
        self.flags(
            compute_driver=self.DRIVER,
            mkisofs_cmd=os.path.join(sys.prefix, 'bin/pycdlib-genisoimage'),
            instance_name_template='instance-%08x',
            state_path=self.useFixture(fixtures.TempDir()).path,
        )
        self.flags(ram=-1, cores=-1, instances=-1, group='quota')
        self._setup_neighbours()
        super()._setup_services()

    def _setup_neighbours(self) -> None:
        """Start what Nova talks to: Neutron, Glance, the POWER servers."""
        self.neutron = self.useFixture(NeutronFixture(self))
        self.glance = self.useFixture(glance.GlanceFixture())
        self.platform = self.useFixture(self._platform())
        self.useFixture(nova_fixtures.HostNameWeigherFixture())
        if self.QUICK:
            self.useFixture(waits.QuickWaits())
        self.changes = self.useFixture(waits.StateChanges())
        self.useFixture(identity.NodeIdentities())
        os_vif.initialize()

    def _platform(self) -> platform.Platform:
        return platform.InProcess(
            self.PRESET, switches=Switches(**self.SWITCHES)
        )

    def _setup_compute_service(self) -> Any:
        for host in self.HOSTS:
            self.start_host(host)
        return self.computes[self.HOSTS[0]]

    @contextlib.contextmanager
    def on_host(self, host: str) -> Iterator[None]:
        """Let nova.conf be that of `host`, as its nova-compute reads it."""
        options = self.platform.host_options(host)
        options.update(self.SETTINGS)
        options.update(self.host_settings.get(host, {}))
        with contextlib.ExitStack() as stack:
            for name, value in options.items():
                old = CONF.powervm[name]
                CONF.set_override(name, value, 'powervm')
                stack.callback(CONF.set_override, name, old, 'powervm')
            yield

    def start_host(self, host: str, **settings: Any) -> Any:
        """Start nova-compute on a host, with further [powervm] settings."""
        self.host_settings.setdefault(host, {}).update(settings)
        with self.on_host(host):
            return self._start_compute(host)

    def restart_host(self, host: str) -> Any:
        """Stop nova-compute of a host and start it again."""
        with self.on_host(host):
            self.computes[host] = self.restart_compute_service(
                self.computes[host], keep_hypervisor_state=False
            )
        return self.computes[host]


class FunctionalTest(_Environment):
    """Base of the functional tests: words for what users do."""

    def _clear_attrs(self) -> None:
        """Keep the attributes: test runners put theirs here as well."""

    def _wait_for_server_parameter(
        self,
        server: Server,
        expected_params: dict[str, Any],
        max_retries: int = TURNS,
        **options: Any,
    ) -> Server:
        """Be as patient as a loaded machine needs it."""
        found: Server = super()._wait_for_server_parameter(
            server, expected_params, max(max_retries, TURNS), **options
        )
        return found

    def flavor(
        self,
        memory_mb: int = 2048,
        vcpus: int = 2,
        disk_gb: int = 1,
        specs: Mapping[str, str] | None = None,
    ) -> str:
        """Make a flavor.

        :param specs: extra specs of the powervm: namespace
        :returns: its id
        """
        keys = {f'powervm:{key}': val for key, val in (specs or {}).items()}
        flavor_id: str = self._create_flavor(
            memory_mb=memory_mb,
            vcpu=vcpus,
            disk=disk_gb,
            ephemeral=0,
            extra_spec=keys or None,
        )
        return flavor_id

    def request_server(
        self,
        image: images.ImageFile | str,
        flavor: str | None = None,
        host: str | None = None,
        **options: Any,
    ) -> Server:
        """Ask for a server, as the user does, and do not wait."""
        body = self._build_server(
            image_uuid=getattr(image, 'id', image),
            flavor_id=flavor or self.flavor(),
            networks=options.pop('networks', self.networks()),
            host=host,
        )
        body.update(options)
        server: Server = self.api.post_server({'server': body})
        return server

    def networks(self) -> Any:
        """The network that servers are put on."""
        return [{'uuid': self.neutron.network_1['id']}]

    def boot(
        self,
        image: images.ImageFile | str,
        flavor: str | None = None,
        status: str = 'ACTIVE',
        **options: Any,
    ) -> Server:
        """Boot a server and wait until it has the status."""
        server = self.request_server(image, flavor, **options)
        return self.wait_for(server, status)

    def wait_for(self, server: Server, status: str) -> Server:
        """Wait until a server has the status; fail early on an error."""
        final = {status, 'ERROR'}

        def settled() -> bool:
            found = self.api.get_server(server['id'])
            return found['status'] in final

        self._wait_for(settled, f'server to become {status}')
        found: Server = self.api.get_server(server['id'])
        self.assertEqual(status, found['status'], found.get('fault'))
        if status == 'ERROR':
            return dict(self._wait_for_state_change(found, 'ERROR', TURNS))
        return found

    def _wait_for(self, condition: Any, what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(
                time.monotonic(), deadline, f'waited in vain for {what}'
            )
            self.changes.wait(TURN)

    def _wait_until_deleted(self, server: Server) -> None:
        """Wait as Nova's own helper does, with more patience."""
        was_bad = server.get('status') == 'ERROR'

        def gone() -> bool:
            try:
                found = self.api.get_server(server['id'])
            except api_client.OpenStackApiNotFoundException:
                return True
            self.assertTrue(was_bad or found['status'] != 'ERROR', found)
            return False

        self._wait_for(gone, 'the deletion')

    def delete(self, server: Server) -> None:
        """Delete a server and wait until it is gone."""
        self._delete_server(server)

    def fault(self, server: Server) -> str:
        """What Nova tells the user about a server in error."""
        return str(self.api.get_server(server['id'])['fault']['message'])

    def reasons(self, server: Server) -> str:
        """What Nova noted about all that was asked of a server."""
        root = f'/servers/{server["id"]}/os-instance-actions'
        details = []
        for action in self.admin_api.get_instance_actions(server['id']):
            body = self.admin_api.api_get(
                f'{root}/{action["request_id"]}'
            ).body
            details += [
                event.get('details') or ''
                for event in body['instanceAction']['events']
            ]
        return '\n'.join(details)

    def host_of(self, server: Server) -> str:
        """The host that a server is on."""
        found = self.api.get_server(server['id'])
        return str(found['OS-EXT-SRV-ATTR:host'])

    def allocated_hosts(self, server: Server) -> set[str]:
        """The hosts on which placement knows resources of a server."""
        providers = {
            rp['uuid']: rp['name'] for rp in self._get_all_providers()
        }
        allocations = self._get_allocations_by_server_uuid(server['id'])
        return {providers[uuid] for uuid in allocations}

    def compute_logs(self) -> str:
        """What the services logged so far."""
        return str(self.stdlog.logger.output)
