# SPDX-License-Identifier: Apache-2.0
import json

import testtools
from nova import exception as nova_exc

from nova_powervm.virt.powervm.images import transfer
from nova_powervm.virt.powervm.records import moving_data

MOVED = moving_data.Moved(
    'pool', ('b_1',), {'boot': transfer.TransferRef('image', 1024)}
)


class MovingDataTest(testtools.TestCase):
    def test_arrives_as_it_was_sent(self) -> None:
        for data in (moving_data.Stayed('live'), moving_data.Moved(), MOVED):
            self.assertEqual(data, moving_data.read(data.to_json()))

    def test_what_cannot_be_understood(self) -> None:
        record = json.loads(MOVED.to_json())
        newer = json.dumps({**record, 'version': 2})
        other = json.dumps({**record, 'parcels': {'boot': {}}})
        endless = MOVED.to_json().replace('1024', 'Infinity')
        for text in ('', 'null', '[]', '{}', newer, other, endless):
            error = self.assertRaises(
                nova_exc.MigrationError, moving_data.read, text
            )
            self.assertIn('another release', str(error))
