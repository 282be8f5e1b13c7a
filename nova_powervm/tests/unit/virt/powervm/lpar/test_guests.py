# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.guests."""

import dataclasses
from typing import Any

import testtools
from nova import exception as nova_exc

from nova_powervm.tests.unit.virt.powervm.host import facts_data
from nova_powervm.tests.unit.virt.powervm.lpar import test_flavor
from nova_powervm.virt.powervm.lpar import flavor


def read(distro: str | None, host: Any = facts_data.ABLE) -> Any:
    """Translate a plain flavor for an image with os_distro."""
    metadata = {} if distro is None else {'image_os_distro': distro}
    return test_flavor.spec(host=host, metadata=metadata)


class GuestsTestCase(testtools.TestCase):
    """From os_distro to the type of the partition."""

    def test_aix_and_linux(self) -> None:
        for distro in (None, '', 'aix', 'rhel', 'sles', 'ubuntu', 'odd'):
            found = read(distro)
            self.assertEqual('AIX/Linux', found.env)
            self.assertFalse(found.restricted_io)

    def test_ibmi(self) -> None:
        for distro in ('ibmi', 'IBMi', 'i5os', 'OS400'):
            found = read(distro)
            self.assertEqual('OS400', found.env)
            self.assertTrue(found.restricted_io)

    def test_restricted_io_only_where_the_host_is_capable(self) -> None:
        able = facts_data.ABLE.capabilities - {'ibmi_restrictedio_capable'}
        host = dataclasses.replace(facts_data.ABLE, capabilities=able)
        self.assertFalse(read('ibmi', host).restricted_io)

    def test_host_that_cannot(self) -> None:
        bare = dataclasses.replace(facts_data.HOST, capabilities=frozenset())
        for distro in ('aix', 'ibmi', 'rhel'):
            exc = self.assertRaises(
                nova_exc.ComputeResourcesUnavailable, read, distro, bare
            )
            self.assertIn(f'os_distro={distro}', str(exc))
        self.assertEqual('AIX/Linux', read(None, bare).env)

    def test_ibmi_has_no_secure_boot(self) -> None:
        self.assertRaises(
            flavor.FlavorError,
            test_flavor.spec,
            {'secure_boot': '2'},
            facts_data.ABLE,
            image_os_distro='ibmi',
        )
