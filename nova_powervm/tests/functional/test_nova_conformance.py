# SPDX-License-Identifier: Apache-2.0
"""Nova's own tests of drivers, run against ours and the simulator.

Nova runs them for the drivers in its tree. What ours does otherwise is listed
in DEVIATIONS and in the docs, with the reason; a test that unexpectedly fails
or passes breaks the build.
"""

import functools
import os
import pathlib
import re
import sys
import warnings
from collections.abc import Callable
from typing import Any, Final

import nova.conf
from nova import test as nova_test
from nova.tests.unit.virt import test_virt_drivers
from sqlalchemy import exc as sqlalchemy_exc

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.fixtures import waits
from novalink_sim.model.switches import Switches

CONF = nova.conf.CONF
NOT_IMPLEMENTED: Final = 'NotImplementedError'
PAGE: Final = (
    pathlib.Path(__file__).parents[3]
    / 'doc/source/contributor/nova-conformance.rst'
)

DEVIATIONS: Final[dict[str, str]] = {
    'test_attach_detach_different_power_states': 'VolumeAttachFailed',
    'test_attach_detach_volume': 'VolumeAttachFailed',
    'test_block_stats': NOT_IMPLEMENTED,
    'test_get_console_output': NOT_IMPLEMENTED,
    'test_get_device_name_for_instance': NOT_IMPLEMENTED,
    'test_get_instance_disk_info': NOT_IMPLEMENTED,
    'test_get_mks_console': NOT_IMPLEMENTED,
    'test_get_serial_console': NOT_IMPLEMENTED,
    'test_get_spice_console': NOT_IMPLEMENTED,
    'test_get_vnc_console': NOT_IMPLEMENTED,
    'test_get_volume_connector_storage_ip': 'MismatchError',
    'test_host_power_action_reboot': NOT_IMPLEMENTED,
    'test_host_power_action_shutdown': NOT_IMPLEMENTED,
    'test_host_power_action_startup': NOT_IMPLEMENTED,
    'test_live_migration': NOT_IMPLEMENTED,
    'test_live_migration_abort': NOT_IMPLEMENTED,
    'test_live_migration_force_complete': 'AttributeError',
    'test_migrate_disk_and_power_off': 'InstanceFaultRollback',
    'test_pause': 'NotSupported',
    'test_poll_rebooting_instances': NOT_IMPLEMENTED,
    'test_rescue': 'ImageUnacceptable',
    'test_restore_running': NOT_IMPLEMENTED,
    'test_restore_soft_deleted': NOT_IMPLEMENTED,
    'test_resume_suspended_instance': 'InstanceFaultRollback',
    'test_resume_unsuspended_instance': NOT_IMPLEMENTED,
    'test_set_admin_password': 'SetAdminPasswdNotSupported',
    'test_set_host_enabled': NOT_IMPLEMENTED,
    'test_snapshot_not_running': 'TypeError',
    'test_soft_delete': NOT_IMPLEMENTED,
    'test_suspend': 'InstanceFaultRollback',
    'test_swap_volume': 'VolumeAttachFailed',
    'test_unpause_paused_instance': 'NotSupported',
    'test_unpause_unpaused_instance': NOT_IMPLEMENTED,
    'test_unrescue_rescued_instance': 'ImageUnacceptable',
}
"""What comes of a test that does not pass: the class of the exception."""

_BASE = test_virt_drivers._VirtDriverTestCase


def _checked(name: str, method: Callable[[Any], None]) -> Callable[..., None]:
    """Make a test that a test of Nova ends as it is listed."""

    @functools.wraps(method)
    def checked(self: Any) -> None:
        outcome, text = 'passes', ''
        try:
            method(self)
        except self.skipException:
            raise
        except Exception as exc:  # noqa: BLE001 - any outcome is compared
            outcome, text = type(exc).__name__, str(exc)
        if self.not_implemented.called:
            outcome, text = (
                NOT_IMPLEMENTED,
                str(self.not_implemented.call_args),
            )
        self.assertEqual(DEVIATIONS.get(name, 'passes'), outcome, text)

    return checked


class NovaConformanceTest(  # type: ignore[misc]
    test_virt_drivers._VirtDriverTestCase, nova_test.TestCase
):
    """All of Nova's tests of a driver."""

    driver_module = 'nova_powervm.virt.powervm.driver.PowerVMDriver'
    USES_DB_SELF = False

    def setUp(self) -> None:
        super().setUp()
        warnings.filterwarnings(
            'ignore',
            message='The noload',
            category=sqlalchemy_exc.SADeprecationWarning,
        )
        # Here Nova says that a driver does not implement something.
        self.not_implemented = self.useFixture(
            nova_test.fixtures.MockPatchObject(test_virt_drivers.LOG, 'error')
        ).mock
        self.useFixture(waits.QuickWaits())
        host = self.useFixture(
            platform.InProcess(switches=Switches(second_mapping='allow'))
        )
        self.image_service = self.useFixture(glance.GlanceFixture())
        self.image = self.image_service.make(1)
        for name, value in host.host_options('host1').items():
            CONF.set_override(name, value, 'powervm')
        self.flags(
            host='host1',
            mkisofs_cmd=os.path.join(sys.prefix, 'bin/pycdlib-genisoimage'),
            state_path=self.useFixture(nova_test.fixtures.TempDir()).path,
            vif_plugging_timeout=0,
        )
        # Nova's tests hand over no context to ask Cinder with.
        self.useFixture(
            nova_test.fixtures.MockPatch(
                'nova.volume.cinder.API.get', return_value={'size': 1}
            )
        )
        self.addCleanup(self.connection.cleanup_host, 'host1')
        self.connection.init_host('host1')

    def _clear_attrs(self) -> None:
        """Keep the attributes: test runners put theirs here as well."""

    def _get_running_instance(self, obj: bool = True) -> Any:
        """Build an instance of the kind that this driver can build."""
        instance = nova_objects.instance(self.image)
        network_info = nova_objects.network_info()
        self.connection.spawn(
            self.ctxt,
            instance,
            nova_objects.image_meta(self.image),
            [],
            'herp',
            {},
            network_info=network_info,
        )
        return instance, network_info

    def test_page_of_the_docs_lists_them(self) -> None:
        """Each deviation has its line in the table, and no other has."""
        rows = re.findall(
            r'\* - ``(\w+)``\n +- ``(\w+)``', PAGE.read_text(), re.MULTILINE
        )
        self.assertEqual(
            DEVIATIONS, {f'test_{name}': outcome for name, outcome in rows}
        )

    def test_init_host(self) -> None:
        """Starts once: setUp did it."""
        self.assertEqual(['host1'], self.connection.get_available_nodes())


for _name in dir(_BASE):
    if _name.startswith('test_') and _name not in vars(NovaConformanceTest):
        setattr(
            NovaConformanceTest, _name, _checked(_name, getattr(_BASE, _name))
        )
