# SPDX-License-Identifier: Apache-2.0
import testtools

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.host import versions


class VersionsTestCase(testtools.TestCase):
    def test_newer_is_good(self) -> None:
        versions.check_version('pypowervm', '1.1.27')
        versions.check_version('pypowervm', '1.2')
        versions.check_version('nova', '34.0.0')
        versions.check_version('nova', '34.1.0.dev5')

    def test_older_is_refused(self) -> None:
        exc = self.assertRaises(
            errors.NotReady, versions.check_version, 'pypowervm', '1.1.9'
        )
        self.assertIn('needs pypowervm 1.1.27', str(exc))
        self.assertRaises(
            errors.NotReady, versions.check_version, 'nova', '33.2.0'
        )

    def test_schema(self) -> None:
        versions.check_schema('V1_0')
        versions.check_schema('V1_8_0')
        versions.check_schema('V2_1')

    def test_schema_that_is_none(self) -> None:
        for found in (None, '', 'V0_9', 'latest'):
            self.assertRaises(errors.NotReady, versions.check_schema, found)
