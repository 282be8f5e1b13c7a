# SPDX-License-Identifier: Apache-2.0
"""Uploads to disks and media."""

import hashlib
from typing import Any

from novalink_sim import errors
from novalink_sim.model import files
from novalink_sim.model import groups
from novalink_sim.model import power
from novalink_sim.tests.unit.model import base

DATA = b'0123456789' * 1000


class FilesTest(base.ModelCase):
    """Bytes go to their targets, checked."""

    def file(self, **kwargs: Any) -> files.BrokeredFile:
        wanted: dict[str, Any] = {
            'uuid': '',
            'filename': 'image',
            'enum_type': files.DISK_IMAGE,
            'vios_uuid': self.vios.uuid.lower(),
        }
        file = files.BrokeredFile(**(wanted | kwargs))
        return files.create(self.system, file)

    def iso(self, name: str = 'iso', **kwargs: Any) -> Any:
        return self.file(filename=name, enum_type=files.MEDIA_ISO, **kwargs)

    def upload(self, file: files.BrokeredFile, data: bytes = DATA) -> None:
        sink = file.open()
        sink.write(data[:100])
        sink.write(data[100:])
        sink.commit()

    def test_disk(self) -> None:
        disk = self.disk('boot')
        file = self.file(
            device_udid=disk.udid,
            expected_size=len(DATA),
            sha256=hashlib.sha256(DATA).hexdigest().upper(),
        )
        self.upload(file)
        with open(disk.file, 'rb') as data:
            self.assertEqual(DATA, data.read(len(DATA)))
        self.assertEqual(disk.size, disk.file.stat().st_size)
        self.assertEqual(len(DATA), file.current_size)
        self.assertEqual(disk.file, file.source())

    def test_media(self) -> None:
        self.media('other')
        file = self.iso()
        self.assertRaises(errors.NotFound, file.source)
        self.upload(file)
        medium = self.group.repositories[0].find('iso')
        assert medium is not None
        self.assertEqual(DATA, medium.file.read_bytes())
        self.assertEqual(medium.file, file.source())
        self.assertRaises(errors.ServerError, self.iso)

    def test_broken_off(self) -> None:
        self.media('other')
        sink = self.iso().open()
        sink.write(DATA)
        sink.abort()
        self.assertIsNone(self.group.repositories[0].find('iso'))
        self.assertEqual([], list((self.uploads()).iterdir()))

    def uploads(self) -> Any:
        return self.system.storage_root / 'uploads'

    def test_wrong_size_or_sum(self) -> None:
        disk = self.disk('boot')
        for wrong in ({'expected_size': 5}, {'sha256': 'no'}):
            file = self.file(device_udid=disk.udid, **wrong)
            self.assertRaises(errors.BadRequest, self.upload, file)

    def test_too_large(self) -> None:
        disk = self.disk('boot', 0.0625)
        sink = self.file(device_udid=disk.udid).open()
        chunk = bytes(disk.size)
        sink.write(chunk)
        self.assertRaises(errors.ServerError, sink.write, b'x')
        sink.abort()

    def test_repository_filled_meanwhile(self) -> None:
        self.media('other', 0.1)
        data = bytes(1 << 20)
        files_ = [self.iso(name) for name in ('a', 'b')]
        sinks = [file.open() for file in files_]
        for sink in sinks:
            sink.write(data)
        self.group.repositories[0].size = 0.1 + len(data) / (1 << 30)
        sinks[0].commit()
        self.assertRaises(errors.ServerError, sinks[1].commit)

    def test_disk_went_away(self) -> None:
        disk = self.disk('boot')
        sink = self.file(device_udid=disk.udid).open()
        sink.write(b'x')
        groups.update(self.group, groups.GroupRequest(disks=()))
        other = self.disk('boot')
        self.assertEqual(disk.udid, other.udid)
        self.assertRaises(errors.ServerError, sink.commit)

    def test_refused(self) -> None:
        self.assertRaises(errors.ServerError, self.file, device_udid='no')
        self.assertRaises(errors.ServerError, self.iso)
        self.assertRaises(errors.NotSimulated, self.file, enum_type='OTHER')
        self.assertRaises(errors.BadRequest, self.iso, 'x', vios_uuid='no')
        disk = self.disk('boot')
        for _ in range(files.MAX_FILES):
            self.file(device_udid=disk.udid)
        self.assertRaises(errors.ServerError, self.file, device_udid=disk.udid)

    def test_vios_down(self) -> None:
        file = self.file(device_udid=self.disk('boot').udid)
        power.power_off(self.vios)
        self.assertRaises(errors.ServerError, file.open)
