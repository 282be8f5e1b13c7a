# SPDX-License-Identifier: Apache-2.0
"""File: uploads and downloads."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from novalink_sim.api.hrefs import required
from novalink_sim.http.resource import ContentSink
from novalink_sim.http.resource import Resource
from novalink_sim.model import files
from novalink_sim.wire.document import Document
from novalink_sim.wire.types.file import FILE

_CHUNK = 1024 * 1024


def _read(path: Path) -> Iterator[bytes]:
    with open(path, 'rb') as source:
        while chunk := source.read(_CHUNK):
            yield chunk


class FileResource(Resource):
    """Files that clients upload."""

    name = 'File'
    decl = FILE
    service = 'web'

    def list(self, system: Any, parent: Any) -> Sequence[files.BrokeredFile]:
        found: Sequence[files.BrokeredFile] = system.files
        return found

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)

    def create(
        self, system: Any, parent: Any, doc: Document
    ) -> files.BrokeredFile:
        """Announce an upload."""
        file = files.BrokeredFile(
            uuid='',
            filename=required(doc, 'Filename'),
            enum_type=required(doc, 'FileEnumType'),
            vios_uuid=required(doc, 'TargetVirtualIOServerUUID'),
            media_type=doc.get('InternetMediaType')
            or 'application/octet-stream',
            expected_size=doc.get('ExpectedFileSizeInBytes'),
            sha256=doc.get('SHA256') or None,
            device_udid=doc.get('TargetDeviceUniqueDeviceID') or None,
        )
        return files.create(system, file)

    def delete(self, system: Any, obj: Any) -> None:
        """Forget a file; what it wrote stays."""
        system.files.remove(obj)

    def open_upload(self, system: Any, obj: Any) -> ContentSink:
        file: files.BrokeredFile = obj
        return file.open()

    def open_download(self, system: Any, obj: Any) -> Iterator[bytes]:
        file: files.BrokeredFile = obj
        return _read(file.source())
