# SPDX-License-Identifier: Apache-2.0
"""XML inside of LUARecovery jobs, which goes to the VIOS as it is.

One job has two uses: to search for LUNs, and to ask for the inventory.
"""

import dataclasses
from xml.sax.saxutils import escape
from xml.sax.saxutils import quoteattr

from lxml import etree

from novalink_sim import errors
from novalink_sim.model import hdisks
from novalink_sim.model import san
from novalink_sim.model.storage import DiskPath
from novalink_sim.model.storage import PhysicalVolume
from novalink_sim.wire import document

_INVENTORY = 'QUERY_INVENTORY'
_DECLARATION = '<?xml version="1.0"?>'


@dataclasses.dataclass(frozen=True)
class Inventory:
    """Asks for a physical volume, or for all."""

    udid: str | None


@dataclasses.dataclass(frozen=True)
class Searches:
    """LUNs to look for, each with the mark of the client."""

    devices: tuple[tuple[str, hdisks.Search], ...]


def parse(text: str) -> Inventory | Searches:
    """Read what a client asks for.

    :raises BadRequest: it makes no sense
    """
    root = document.parse_xml(text.encode())
    for request in root.iter('{*}Request'):
        if request.get('action_str') == _INVENTORY:
            chosen = request.find('.//{*}VioUdidFilter')
            return Inventory(None if chosen is None else chosen.get('udid'))
    devices = root.findall('deviceList/device')
    if document.local(root) != 'XML_LIST' or not devices:
        raise errors.BadRequest('inputXML asks for nothing that is known.')
    reliable = root.findtext('reliableITL') == 'true'
    return Searches(
        tuple(
            (device.findtext('deviceTag') or '', _search(device, reliable))
            for device in devices
        )
    )


def _search(device: etree._Element, reliable: bool) -> hdisks.Search:
    found = device.findall('itlList/itl')
    if device.findtext('itlList/number') != str(len(found)) or not found:
        raise errors.BadRequest('The number of ITLs in inputXML is wrong.')
    return hdisks.Search(
        tuple(_path(itl) for itl in found),
        device.findtext('vendor') or hdisks.ANY_VENDOR,
        device.findtext('deviceID'),
        reliable,
    )


def _path(itl: etree._Element) -> DiskPath:
    try:
        return DiskPath(
            san.normalize(itl.findtext('Iwwpn') or ''),
            san.normalize(itl.findtext('Twwpn') or ''),
            hdisks.lua_number(itl.findtext('lua') or ''),
        )
    except ValueError as exc:
        raise errors.BadRequest(
            f'An ITL of inputXML is wrong: {exc}'
        ) from None


def render(outcomes: list[tuple[str, hdisks.Outcome]]) -> str:
    """Write what searches came to."""
    devices = ''.join(_device(tag, outcome) for tag, outcome in outcomes)
    return (
        '<luaResult><version>2.0</version>'
        f'<deviceList>{devices}</deviceList></luaResult>'
    )


def _device(tag: str, outcome: hdisks.Outcome) -> str:
    parts = [_leaf('deviceTag', tag), _leaf('status', f'{outcome.status:d}')]
    if outcome.message:
        length = _leaf('msgLen', str(len(outcome.message)))
        text = _leaf('msgText', outcome.message)
        parts.append(f'<msg>{length}{text}</msg>')
    if outcome.volume is not None:
        parts.append(_leaf('pvName', outcome.volume.name))
        parts.append(_leaf('uniqueID', outcome.volume.unique_id))
        parts.append(_leaf('udid', outcome.volume.udid))
    return f'<device>{"".join(parts)}</device>'


def _leaf(name: str, text: str) -> str:
    return f'<{name}>{escape(text)}</{name}>' if text else ''


def render_inventory(volumes: list[PhysicalVolume]) -> str:
    """Write an inventory: a document for each physical volume."""
    return ''.join(_DECLARATION + _inventory(volume) for volume in volumes)


def _inventory(volume: PhysicalVolume) -> str:
    shown = {
        'deviceName': volume.name,
        'udid': volume.udid,
        'size': str(volume.capacity),
    }
    if volume.page83:
        shown |= {'desType': 'NAA', 'descriptor': volume.page83}
    attributes = ''.join(f' {k}={quoteattr(v)}' for k, v in shown.items())
    return (
        '<VIO><Response><InventoryResponse>'
        f'<PhysicalVolume_base{attributes}/>'
        '</InventoryResponse></Response></VIO>'
    )
