# SPDX-License-Identifier: Apache-2.0
"""How fast disks and images travel, beside a plain copy of the same file.

The simulated host is another process, so that the memory of this one is that
of the driver. Both share the processors of the machine with Glance, which is a
file here and takes no checksums of its own. Each stream is measured several
times, and the best one counts, as with the copy.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import pathlib
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import fixtures
from nova import objects
from oslo_utils import uuidutils

from nova_powervm.tests.fixtures import driver
from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import memory
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import platform
from nova_powervm.virt.powervm.images import transfer

MIB = 1024 * 1024
SIZE = 1024
"""MiB of the disk: as large as the smallest that a server can have."""
MOST_MEMORY = 64
"""MiB that a stream may take."""
TRIES = 3


@dataclasses.dataclass(frozen=True)
class Speed:
    """How a stream did.

    :ivar rate: MiB per second
    :ivar share: in percent of a plain copy of the same file
    :ivar processor: seconds of the processors that this process took
    :ivar memory: MiB by which the process grew
    """

    name: str
    rate: float
    share: float
    processor: float
    memory: float

    def __str__(self) -> str:
        return (
            f'{self.name:32}{self.rate:8.0f} MiB/s{self.share:8.0f} %'
            f'{self.processor:8.1f} s{self.memory:8.0f} MiB'
        )

    @property
    def within(self) -> bool:
        """Whether it took no more memory than allowed."""
        return self.memory < MOST_MEMORY


def _without_checksums(glance: Any, image_id: str, data: Any) -> None:
    """Store an image as a copy does, and nothing else."""
    path = os.path.join(glance.directory, image_id)
    with open(path, 'wb') as file:
        while chunk := data.read(images.CHUNK):
            file.write(chunk)
        size = file.tell()
    glance.images[image_id].update(status='active', size=size, checksum=None)
    glance.files[image_id] = images.ImageFile(path, size, '', '', '')


class Streams(fixtures.Fixture):  # type: ignore[misc]
    """A server whose disk holds no zeros, on a host in another process."""

    def _setUp(self) -> None:
        self.host = self.useFixture(
            platform.Subprocess(
                'localdisk', '--switch', 'second_mapping=allow'
            )
        )
        self.harness = self.useFixture(driver.DriverHarness(self.host))
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova_powervm.tests.fixtures.glance.GlanceFixture._store',
                _without_checksums,
            )
        )
        self.image = self.harness.glance.make(SIZE)
        self.guest = nova_objects.instance(self.image)
        self.context = nova_objects.context()

    @property
    def adapter(self) -> Any:
        """The disk adapter of the host."""
        return self.harness.driver.host.disk

    def upload(self) -> None:
        """Bring the image, as a new one, into the cache of the host."""
        self.image = dataclasses.replace(
            self.image, id=uuidutils.generate_uuid()
        )
        self.harness.glance.add(self.image)
        meta = objects.ImageMeta.from_dict(self.image.meta())
        self.adapter.ensure_image(self.context, meta, instance=None)

    def spawn(self) -> None:
        """Build the server."""
        network_info = nova_objects.network_info()
        self.harness.spawn(self.guest, self.image, network_info)

    def snapshot(self) -> None:
        """Make an image of the server."""
        meta: dict[str, Any] = {'properties': {}}
        image = self.harness.glance.create(self.context, meta)
        self.harness.driver.snapshot(
            self.context,
            self.guest,
            image['id'],
            lambda task_state, **_expected: None,
        )

    def send(self) -> None:
        """Send the disk of the server to another host."""
        lpar = self.host.lpar('host1', self.guest.uuid)
        with open(lpar.boot_disk.path, 'rb') as disk:
            self.ref = transfer.send(
                self.context, self.guest, 'boot', disk, SIZE * MIB
            )

    def receive(self) -> None:
        """Write the disk of another host over that of the server."""
        (disk,) = self.adapter.find(self.guest)
        opener = transfer.opener(self.context, self.ref)
        self.adapter.fill(disk, opener, self.ref.size_bytes)

    def copy(self) -> None:
        """Copy a file of the same size and content."""
        path = pathlib.Path(self.image.path)
        target = path.with_suffix('.copy')
        shutil.copyfile(path, target)
        target.unlink()

    def verified_copy(self) -> None:
        """Copy it, and compare the checksum that Glance tells."""
        digest = hashlib.sha512()
        path = pathlib.Path(self.image.path)
        target = path.with_suffix('.copy')
        with open(target, 'wb') as file:
            for chunk in self.image.chunks(MIB):
                digest.update(chunk)
                file.write(chunk)
        target.unlink()
        if digest.hexdigest() != self.image.sha512:
            raise RuntimeError('the copy is another file')

    def bare_upload(self) -> None:
        """Write the bytes to the server's disk, without Glance or sums."""
        (disk,) = self.adapter.find(self.guest)
        self.adapter.fill(
            disk,
            lambda: contextlib.nullcontext(self.image.chunks(MIB)),
            SIZE * MIB,
        )


def _best(name: str, work: Callable[[], None], copy: float) -> Speed:
    """Measure a stream several times.

    :param copy: seconds of a plain copy; 0 if this is one
    """
    best: Speed | None = None
    for _ in range(TRIES):
        used, begun = time.process_time(), time.monotonic()
        with memory.growth() as grown:
            work()
        seconds = time.monotonic() - begun
        peak = max(grown.peak, best.memory if best else 0.0)
        if best is None or SIZE / seconds > best.rate:
            best = Speed(
                name,
                SIZE / seconds,
                100 * (copy or seconds) / seconds,
                time.process_time() - used,
                peak,
            )
        best = dataclasses.replace(best, memory=peak)
    assert best is not None
    return best


def measure() -> Iterator[Speed]:
    """Measure each kind of stream."""
    with Streams() as bench:
        bench.spawn()
        copy = _best('plain copy', bench.copy, 0.0)
        yield copy
        for name, work in (
            ('copy that verifies SHA-512', bench.verified_copy),
            ('upload of the bytes alone', bench.bare_upload),
            ('image to the host', bench.upload),
            ('snapshot', bench.snapshot),
            ('disk to another host: send', bench.send),
            ('disk to another host: receive', bench.receive),
        ):
            yield _best(name, work, SIZE / copy.rate)
