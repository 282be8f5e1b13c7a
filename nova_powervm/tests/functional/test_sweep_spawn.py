# SPDX-License-Identifier: Apache-2.0
"""Every write of a build goes wrong."""

import hashlib

from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.functional import sweeps


class TestSpawnSweep(sweeps.SweepTest):
    """Builds with a cached image and a config drive."""

    def clean_run(self) -> list[sweep.Write]:
        """Record the writes of a build without faults."""
        guest = self.guest()
        writes = self.writes(lambda: self.spawn(guest))
        self.destroy(guest)
        self.assertEqual([], self.differences())
        return [write for write in writes if self.strikes(write)]

    def strikes(self, write: sweep.Write) -> bool:
        """Whether a write is one of those that this sweep is about."""
        return True

    def test_one_fault_is_retried_or_leaves_nothing(self) -> None:
        wrong = []
        for write in self.clean_run():
            if trouble := self.strike_once(write):
                wrong.append(f'{write}: {trouble}')
                self.restore()
        self.assertEqual([], wrong)

    def strike_once(self, write: sweep.Write) -> str | None:
        """Let a write go wrong once; tell what the driver did wrong."""
        guest = self.guest()
        with self.host.fault(self.fault.rule(write)) as hits:
            failure = self.attempt(lambda: self.spawn(guest))
        if not hits():
            return 'nothing went wrong'
        if failure is None:
            self.destroy(guest)
        elif self.fault.retryable(write):
            return f'not retried: {failure}'
        return '; '.join(self.differences()) or None

    def test_lasting_fault_leaves_nothing_after_destroy(self) -> None:
        wrong = []
        for write in self.clean_run():
            if trouble := self.strike_for_long(write):
                wrong.append(f'{write}: {trouble}')
                self.restore()
        self.assertEqual([], wrong)

    def strike_for_long(self, write: sweep.Write) -> str | None:
        """Let a write and all later ones of its kind go wrong.

        These may be writes of the revert, so what counts is what is left
        after the destroy by which Nova follows a failed build.
        """
        guest = self.guest()
        rule = self.fault.rule(write, times=sweeps.LOST)
        with self.host.fault(rule):
            self.attempt(lambda: self.spawn(guest))
        self.destroy(guest)
        return '; '.join(self.differences(write)) or None

    def test_failed_revert_is_made_good_by_destroy(self) -> None:
        wrong = []
        for write in self.clean_run():
            if trouble := self.strike_revert(write):
                wrong.append(f'{write}: {trouble}')
                self.restore()
        self.assertEqual([], wrong)

    def strike_revert(self, write: sweep.Write) -> str | None:
        """Let a write go wrong, and the first write of its revert."""
        rule = self.fault.rule(write)
        first = self.first_revert_write(write)
        if first is None:
            return None
        guest = self.guest()
        with self.host.fault(rule), self.host.fault(self.fault.rule(first)):
            self.attempt(lambda: self.spawn(guest))
        self.destroy(guest)
        return '; '.join(self.differences()) or None

    def first_revert_write(self, write: sweep.Write) -> sweep.Write | None:
        """Find out which write the revert of a failed build begins with."""
        guest = self.guest()
        with self.host.fault(self.fault.rule(write)):
            failure = self.attempt(lambda: self.spawn(guest))
        writes = sweep.numbered(self.host.writes())
        self.destroy(guest)
        if failure is None or write not in writes:
            return None
        after = writes[writes.index(write) + 1 :]
        return after[0] if after else None


class TestUncachedSpawnSweep(TestSpawnSweep):
    """Builds that upload an image, a new one each time.

    Only the writes that can belong to the upload go wrong.
    """

    def strikes(self, write: sweep.Write) -> bool:
        return write.stores

    def next_image(self) -> images.ImageFile:
        return self.harness.glance.make(1)

    def strike_once(self, write: sweep.Write) -> str | None:
        trouble = super().strike_once(write)
        image = list(self.harness.glance.files.values())[-1]
        return trouble or self.boot_again(image)

    def boot_again(self, image: images.ImageFile) -> str | None:
        """Boot from the image whose upload may have failed."""
        guest = sweeps.Guest(
            nova_objects.instance(image), image, nova_objects.network_info()
        )
        self.spawn(guest)
        lpar = self.host.lpar('host1', guest.instance.uuid)
        with open(lpar.boot_disk.path, 'rb') as disk:
            found = hashlib.sha256(disk.read(image.size)).hexdigest()
        self.destroy(guest)
        return None if found == image.sha256 else 'the cached image is bad'
