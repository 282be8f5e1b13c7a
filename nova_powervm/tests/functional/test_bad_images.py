# SPDX-License-Identifier: Apache-2.0
"""Images that a server must not be built from."""

from typing import Any

import testscenarios

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.functional import base

QCOW2 = b'QFI\xfb\x00\x00\x00\x03'


class BadImageTest(base.FunctionalTest):
    """Two hosts, so that a build that wanders about is seen."""

    def setUp(self) -> None:
        super().setUp()
        self.before = {h: self.platform.state(h) for h in self.HOSTS}

    def assert_build_failed(self, server: base.Server, text: str) -> None:
        """Assert that a build failed on the first host, leaving nothing."""
        self.assertIn(text, self.fault(server))
        self.assertEqual(0, self.platform.creations('host2'))
        for host, state in self.before.items():
            self.assertEqual([], self.platform.changes(host, state))


class TestWrongFormat(BadImageTest):
    """An image that is not what it says."""

    def test_qcow2_that_calls_itself_raw_is_refused_unwritten(self) -> None:
        image = self.glance.make(1, head=QCOW2)
        server = self.boot(image, status='ERROR')
        self.assert_build_failed(server, 'qcow2')
        self.assertEqual([], self.platform.uploads())

    def test_image_that_admits_to_be_qcow2_is_refused(self) -> None:
        image = self.glance.make(1, head=QCOW2, disk_format='qcow2')
        server = self.boot(image, status='ERROR')
        self.assert_build_failed(server, 'qcow2')
        self.assertEqual([], self.platform.uploads())


class TestBrokenStream(testscenarios.WithScenarios, BadImageTest):
    """An image that does not arrive as Glance described it."""

    scenarios = [
        ('truncated', {'kind': {'truncate': True}}),
        ('corrupt', {'kind': {'corrupt': True}}),
        ('corrupt, noticed', {'kind': {'detected': True}}),
    ]
    kind: dict[str, Any]

    def test_build_fails_and_the_image_is_not_cached(self) -> None:
        image = self.glance.make(3)
        self.glance.faults[image.id] = glance.StreamFault(
            at=2_000_000, **self.kind
        )
        server = self.boot(image, status='ERROR')
        self.assert_build_failed(server, image.id)
        del self.glance.faults[image.id]
        self.boot(image, host='host1')
        self.assertEqual(2, self.glance.downloads[image.id])


class TestGlanceDies(BadImageTest):
    """Glance goes away in the middle of a download."""

    def test_nothing_is_left(self) -> None:
        image = self.glance.make(3)
        self.glance.faults[image.id] = glance.StreamFault(
            at=2_000_000, die=True
        )
        self.boot(image, status='ERROR')
        for host, state in self.before.items():
            self.assertEqual([], self.platform.changes(host, state))
