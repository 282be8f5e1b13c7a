# SPDX-License-Identifier: Apache-2.0
"""nova-compute dies while it builds or removes a server."""

from nova_powervm.tests.fixtures import images
from nova_powervm.tests.functional import dying
from nova_powervm.tests.functional import sweeps


class TestDyingSpawn(dying.DyingTest):
    """The server is in error then, and its user deletes it."""

    scenarios = [(tag, {'disk_tag': tag}) for tag in sweeps.DISK_TAGS]

    def test_nothing_is_left_of_a_build(self) -> None:
        self.check(self.guest, self.spawn, self.destroy)


class TestDyingUpload(dying.DyingTest):
    """The same with an image that was not cached."""

    def next_image(self) -> images.ImageFile:
        return self.harness.glance.make(1)

    def test_nothing_is_left_but_the_image(self) -> None:
        self.check(self.guest, self.spawn, self.destroy)


class TestDyingDestroy(dying.DyingTest):
    """A removal is repeated when the service is back."""

    def test_removal_can_be_repeated(self) -> None:
        self.check(self.spawn, self.destroy, self.destroy)
