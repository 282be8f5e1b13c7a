# SPDX-License-Identifier: Apache-2.0
import dataclasses
import json

import testtools
from nova import exception as nova_exc

from nova_powervm.virt.powervm.images import transfer
from nova_powervm.virt.powervm.records import moving_data

MOVED = moving_data.Moved(
    'pool',
    ('b_1',),
    {'boot': transfer.TransferRef('image', 1024)},
    (('b_1', '27cafe'), ('boot_1', '27babe')),
)


class MovingDataTest(testtools.TestCase):
    def test_arrives_as_it_was_sent(self) -> None:
        for data in (moving_data.Stayed('live'), moving_data.Moved(), MOVED):
            self.assertEqual(data, moving_data.read(data.to_json()))

    def test_of_a_release_that_told_less(self) -> None:
        record = json.loads(MOVED.to_json())
        del record['disks']
        found = moving_data.read(json.dumps(record))
        self.assertEqual(dataclasses.replace(MOVED, disks=()), found)

    def test_what_cannot_be_understood(self) -> None:
        record = json.loads(MOVED.to_json())
        newer = json.dumps({**record, 'version': 2})
        other = json.dumps({**record, 'parcels': {'boot': {}}})
        endless = MOVED.to_json().replace('1024', 'Infinity')
        odd = json.dumps({**record, 'disks': ['b_1']})
        for text in ('', 'null', '[]', '{}', newer, other, endless, odd):
            error = self.assertRaises(
                nova_exc.MigrationError, moving_data.read, text
            )
            self.assertIn('another release', str(error))
