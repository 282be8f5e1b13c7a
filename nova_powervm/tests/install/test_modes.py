# SPDX-License-Identifier: Apache-2.0
"""nova finds the driver however the two are installed."""

import pathlib
import shutil
import tempfile
from typing import ClassVar

import testtools

from nova_powervm.tests.install import environment

# What nova-compute does, in its order.
_LOAD = """
from nova import monkey_patch
monkey_patch.patch(backend='threading')
import os_vif
import nova.conf
from nova import objects
from nova.virt import driver
from nova.virt import virtapi
nova.conf.CONF([], project='nova', default_config_files=[])
objects.register_all()
os_vif.initialize()
name = 'powervm_ext.driver.PowerVMDriver'
found = driver.load_compute_driver(virtapi.VirtAPI(), name)
assert type(found).__name__ == 'PowerVMDriver', found
import nova.virt.fake
import nova.virt.libvirt
import nova_powervm
print(nova.__file__, nova_powervm.__file__)
"""

# What nova-api does when it starts.
_VALIDATE = """
from nova.api.validation.extra_specs import validators
validators.validate('powervm:proc_units', '0.5')
try:
    validators.validate('powervm:no_such_key', '1')
except Exception as exc:
    print(type(exc).__name__)
"""


# What a user of the simulator does.
_SIMULATE = """
from novalink_sim import simulator
for preset in ('tiny', 'localdisk', 'dual-vios', 'ssp-pair'):
    with simulator.Simulator(preset) as sim:
        print(preset, sorted(sim.systems))
"""


class InstallModesTest(testtools.TestCase):
    """Every way to install nova, times every way to install the driver."""

    factory: ClassVar[environment.Factory]
    _work: ClassVar[pathlib.Path]

    @classmethod
    def setUpClass(cls) -> None:
        """Build the wheels, once for all tests."""
        super().setUpClass()
        cls._work = pathlib.Path(tempfile.mkdtemp(prefix='install-modes-'))
        cls.addClassCleanup(shutil.rmtree, cls._work)
        cls.factory = environment.Factory(cls._work)

    def _check(self, nova: str, driver: str) -> None:
        name = f'{nova}-{driver}'
        packages = (f'nova {nova}', f'driver {driver}')
        python = self.factory.create(name, packages)
        output = environment.run(python, '-c', _LOAD, cwd=self._work)
        found_nova, found_driver = output.split()[-2:]
        for found, mode, source in (
            (found_nova, nova, self.factory.nova_source),
            (found_driver, driver, self.factory.driver_source),
        ):
            place = source if mode == 'editable' else self._work / name
            self.assertIn(f'{place}/', found)

    def test_nova_wheel_driver_wheel(self) -> None:
        """A host of a cloud."""
        self._check('wheel', 'wheel')

    def test_nova_wheel_driver_editable(self) -> None:
        """A developer of the driver."""
        self._check('wheel', 'editable')

    def test_nova_editable_driver_wheel(self) -> None:
        """devstack with a released driver."""
        self._check('editable', 'wheel')

    def test_nova_editable_driver_editable(self) -> None:
        """devstack with the driver's plug-in."""
        self._check('editable', 'editable')

    def test_options_of_an_installed_wheel(self) -> None:
        """oslo-config-generator knows the section [powervm]."""
        python = self.factory.create('options', ('nova wheel', 'driver wheel'))
        output = environment.run(
            python,
            '-m',
            'oslo_config.generator',
            '--namespace',
            'nova_powervm',
            cwd=self._work,
        )
        self.assertIn('[powervm]\n', output)
        self.assertIn('#disk_driver = ', output)

    def test_api_node_needs_no_client_library(self) -> None:
        """The validators load where only nova and the wheel are."""
        python = self.factory.create(
            'api',
            ('nova wheel', 'driver wheel'),
            without=('pypowervm', 'taskflow'),
        )
        output = environment.run(python, '-c', _VALIDATE, cwd=self._work)
        self.assertEqual('ValidationError', output.split()[-1])

    def test_simulator_of_an_installed_wheel(self) -> None:
        """It starts with each preset, and needs no nova."""
        python = self.factory.create('simulator', ('driver wheel',))
        output = environment.run(python, '-c', _SIMULATE, cwd=self._work)
        self.assertIn("localdisk ['host1', 'host2']", output)
