# SPDX-License-Identifier: Apache-2.0
import testtools

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import events

UUID = '0A3B64C5-0000-4000-8000-000000000001'
FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><id>1</id>
<entry><id>2</id><content><u:Event
 xmlns:u="http://www.ibm.com/xmlns/systems/power/firmware/uom/mc/2012_10/">
<u:Metadata><u:Atom/></u:Metadata><u:EventType>MODIFY_URI</u:EventType>
<u:EventID>17</u:EventID>
<u:EventData>http://h:1/rest/api/uom/ManagedSystem/x/LogicalPartition/{0}
</u:EventData>
<u:EventDetail>PartitionState,ReferenceCode</u:EventDetail>
</u:Event></content></entry></feed>"""


class ParseTestCase(testtools.TestCase):
    def test_reads_a_feed(self) -> None:
        (event,) = events.parse(FEED.format(UUID).encode())
        self.assertEqual(events.MODIFY, event.kind)
        self.assertEqual(('LogicalPartition', UUID), event.target)
        self.assertEqual({'PartitionState', 'ReferenceCode'}, event.detail)

    def test_query_of_an_address_does_not_matter(self) -> None:
        data = f'http://h/rest/api/uom/VirtualIOServer/{UUID}?group=None'
        event = events.PlatformEvent(events.MODIFY, data)
        self.assertEqual(('VirtualIOServer', UUID), event.target)

    def test_no_address_no_target(self) -> None:
        event = events.PlatformEvent('CUSTOM_CLIENT_EVENT', 'hello')
        self.assertIsNone(event.target)

    def test_garbage_is_an_error(self) -> None:
        self.assertRaises(errors.PlatformError, events.parse, b'no xml')
