# SPDX-License-Identifier: Apache-2.0
"""File."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Link
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import WEB
from novalink_sim.wire.types import refs

FILE = TypeDecl(
    'File',
    WEB,
    Leaf('Filename', 'filename', kb='COR'),
    Leaf('DateModified', 'modified', 'int', kb='ROR'),
    Leaf('InternetMediaType', 'media_type', kb='COR'),
    Leaf('FileUUID', 'uuid', kb='ROR'),
    Link('AssetLink', refs.file_contents, kb='ROR'),
    Leaf('AssetFile', optional=True),
    Leaf('SHA256', 'sha256', kb='COD', optional=True),
    Leaf('ExpectedFileSizeInBytes', 'expected_size', 'int', kb='COD'),
    Leaf('CurrentFileSizeInBytes', 'current_size', 'int', kb='ROR'),
    Leaf('FileEnumType', 'enum_type', kb='COR'),
    Leaf('TargetVirtualIOServerUUID', 'vios_uuid', kb='COR'),
    Leaf('TargetDeviceUniqueDeviceID', 'device_udid', kb='COR'),
    schema_version='V1_8_0',
)
