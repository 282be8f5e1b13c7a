# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.host.uptime."""

from unittest import mock

import testtools
from oslo_concurrency import processutils

from nova_powervm.virt.powervm.host import uptime


class UptimeTestCase(testtools.TestCase):
    """The command uptime."""

    def test_host_uptime(self) -> None:
        answer = (' 12:00:00 up 3 days, load average: 0.1\n', '')
        with mock.patch.object(
            processutils, 'execute', autospec=True, return_value=answer
        ) as execute:
            self.assertEqual(
                '12:00:00 up 3 days, load average: 0.1', uptime.host_uptime()
            )
        execute.assert_called_once_with('env', 'LC_ALL=C', 'uptime')
