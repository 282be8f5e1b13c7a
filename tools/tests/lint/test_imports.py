# SPDX-License-Identifier: Apache-2.0
"""Tests of the lints on imports and calls."""

import testtools

from tools.lint import imports
from tools.tests.lint import samples


class PackagesTest(testtools.TestCase):
    """P301."""

    def _codes(self, path: str, text: str) -> list[str]:
        return samples.codes(imports.packages, path, text)

    def test_driver_does_not_know_the_simulator(self) -> None:
        """Neither as a module nor as a part of one."""
        for text in (
            'import novalink_sim',
            'from novalink_sim import fixture',
            'from novalink_sim.wire import codec',
        ):
            self.assertEqual(['P301'], self._codes(samples.DRIVER, text))

    def test_tests_of_the_driver_use_the_simulator(self) -> None:
        """That is what it is for."""
        path = 'nova_powervm/tests/functional/base.py'
        self.assertEqual([], self._codes(path, 'import novalink_sim'))

    def test_simulator_does_not_know_the_driver_or_nova(self) -> None:
        """Not even in its tests."""
        for path in (
            'novalink_sim/model/lpar.py',
            'novalink_sim/tests/unit/model/test_lpar.py',
        ):
            text = 'import nova.conf\nfrom nova_powervm import _loader'
            self.assertEqual(['P301'] * 2, self._codes(path, text))

    def test_only_tests_of_the_simulator_use_pypowervm(self) -> None:
        """Client and server must not share their mistakes."""
        text = 'from pypowervm import const'
        product = self._codes('novalink_sim/wire/codec.py', text)
        tests = self._codes('novalink_sim/tests/conformance/x.py', text)
        self.assertEqual((['P301'], []), (product, tests))

    def test_similar_names_are_no_nova(self) -> None:
        """A prefix of a word does not count."""
        text = 'import novalink_sim.model\nimport novaclient'
        self.assertEqual([], self._codes('novalink_sim/x.py', text))


class LayersTest(testtools.TestCase):
    """P302."""

    def _codes(self, path: str, imported: str) -> list[str]:
        text = f'from nova_powervm.virt.powervm import {imported}'
        path = f'nova_powervm/virt/powervm/{path}'
        return samples.codes(imports.layers, path, text)

    def test_client_knows_nobody_above(self) -> None:
        """The client is the ground."""
        for name in ('driver', 'flows', 'tasks', 'vios'):
            self.assertEqual(['P302'], self._codes('client/jobs.py', name))

    def test_adapters_do_not_know_flows(self) -> None:
        """Flows know adapters."""
        self.assertEqual(['P302'], self._codes('disk/base.py', 'flows'))

    def test_downwards_is_fine(self) -> None:
        """Driver, flows, tasks, adapters, client."""
        for path, name in (
            ('driver.py', 'flows'),
            ('flows/spawn.py', 'tasks'),
            ('tasks/disk.py', 'disk'),
            ('disk/localdisk.py', 'client'),
        ):
            self.assertEqual([], self._codes(path, name))


class BannedTest(testtools.TestCase):
    """P303, P304, P305, P306."""

    def test_modules(self) -> None:
        """What is unsafe or gone."""
        for text in (
            'import eventlet',
            'from eventlet import event',
            'import pickle',
            'import six.moves',
            'subprocess.run("ls", shell=True)',
            'os.system("ls")',
        ):
            found = samples.codes(imports.banned_modules, 'tools/x.py', text)
            self.assertEqual(['P303'], found, text)

    def test_no_shell_said_is_fine(self) -> None:
        """shell=False is what we want."""
        text = 'subprocess.run(["ls"], shell=False)'
        found = samples.codes(imports.banned_modules, 'tools/x.py', text)
        self.assertEqual([], found)

    def test_helpers(self) -> None:
        """What waits in our place or reads /proc."""
        for text in (
            'from pypowervm.tasks import vterm',
            'import pypowervm.tasks.power',
            'from pypowervm.utils.transaction import FeedTask',
            'mgmt.get_this_partition(adapter)',
            'job.run_job(uuid)',
        ):
            found = samples.codes(imports.banned_helpers, samples.DRIVER, text)
            self.assertIn('P304', found, text)

    def test_builders_are_fine(self) -> None:
        """Pure helpers of pypowervm are ground to build on."""
        text = 'from pypowervm.utils import lpar_builder'
        found = samples.codes(imports.banned_helpers, samples.DRIVER, text)
        self.assertEqual([], found)

    def test_configuration(self) -> None:
        """CONF belongs to settings.py."""
        text = 'from nova import conf\nCONF = conf.CONF\n'
        found = samples.codes(imports.configuration, samples.DRIVER, text)
        self.assertIn('P305', found)
        path = 'nova_powervm/virt/powervm/settings.py'
        found = samples.codes(imports.configuration, path, text)
        self.assertEqual([], found)

    def test_sleeping(self) -> None:
        """The driver waits on events; tools may sleep."""
        text = 'import time\ntime.sleep(1)\n'
        unit = 'novalink_sim/tests/unit/test_clock.py'
        for path, count in (
            (samples.DRIVER, 1),
            (unit, 1),
            ('tools/demo/x.py', 0),
            ('novalink_sim/clock.py', 0),
        ):
            found = samples.codes(imports.sleeping, path, text)
            self.assertEqual(['P306'] * count, found, path)
