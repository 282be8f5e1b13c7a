# SPDX-License-Identifier: Apache-2.0
"""What goes into LUARecovery jobs and comes out of them."""

import testtools
from lxml import etree

from novalink_sim import errors
from novalink_sim.model import hdisks
from novalink_sim.model import storage
from novalink_sim.wire import luaxml

PORT, TARGET = '10000090FA000001', '5005076801000001'
ITL = (
    f'<itl><Iwwpn>{PORT.lower()}</Iwwpn><Twwpn>{TARGET}</Twwpn>'
    '<lua>1000000000000</lua></itl>'
)
DISK = storage.PhysicalVolume(
    'hdisk2', '01AB', 1024, unique_id='33213ab', page83='QUI='
)


def request(itls: str = ITL, number: int = 1, more: str = '') -> str:
    """Return a search for a LUN."""
    return (
        '<XML_LIST><reliableITL>false</reliableITL><deviceList><device>'
        f'<vendor>OTHER</vendor>{more}<deviceTag>7</deviceTag>'
        f'<itlList><number>{number}</number>{itls}</itlList>'
        '</device></deviceList></XML_LIST>'
    )


class LuaXmlTest(testtools.TestCase):
    """Searches and inventories."""

    def test_search(self) -> None:
        """A search names paths, and who the device shall be."""
        found = luaxml.parse(request(more='<deviceID>QUI=</deviceID>'))
        path = storage.DiskPath(PORT, TARGET, 1)
        search = hdisks.Search((path,), page83='QUI=')
        self.assertEqual(luaxml.Searches((('7', search),)), found)

    def test_refused(self) -> None:
        """What makes no sense is refused."""
        for text in (
            '',
            '<XML_LIST/>',
            '<other><deviceList><device/></deviceList></other>',
            request(number=2),
            request(itls='', number=0),
            request(ITL.replace(TARGET, '12')),
            request(ITL.replace('1000000000000', '1')),
        ):
            self.assertRaises(errors.BadRequest, luaxml.parse, text)

    def test_outcome(self) -> None:
        """The words are those of the platform."""
        outcome = hdisks.Outcome(
            hdisks.Status.SOME_ITL_WRONG, DISK, '1 < 2 paths'
        )
        root = etree.fromstring(luaxml.render([('7', outcome)]))
        self.assertEqual('luaResult', root.tag)
        (device,) = root.iterfind('deviceList/device')
        self.assertEqual(
            [
                ('deviceTag', '7'),
                ('status', '8'),
                ('msg', None),
                ('pvName', 'hdisk2'),
                ('uniqueID', '33213ab'),
                ('udid', '01AB'),
            ],
            [(child.tag, child.text) for child in device],
        )
        self.assertEqual('11', device.findtext('msg/msgLen'))

    def test_nothing_found(self) -> None:
        """A device that was not found has no name."""
        outcome = hdisks.Outcome(hdisks.Status.INCORRECT_ITL)
        text = luaxml.render([('7', outcome)])
        self.assertIn('<status>6</status></device>', text)

    def test_inventory(self) -> None:
        """There is a document for each disk."""
        asked = (
            '<u:VIO xmlns:u="http://u"><u:Request '
            'action_str="QUERY_INVENTORY"><u:InventoryRequest>'
            '<u:VioUdidFilter udid="01AB"/></u:InventoryRequest>'
            '</u:Request></u:VIO>'
        )
        self.assertEqual(luaxml.Inventory('01AB'), luaxml.parse(asked))
        text = luaxml.render_inventory([DISK, DISK])
        documents = text.split('<?xml version="1.0"?>')[1:]
        self.assertEqual(2, len(documents))
        (found,) = etree.fromstring(documents[0]).iter('PhysicalVolume_base')
        self.assertEqual(
            ('NAA', 'QUI='), (found.get('desType'), found.get('descriptor'))
        )
