# SPDX-License-Identifier: Apache-2.0
"""What the simulator serves, beside what was recorded."""

import functools
from collections.abc import Iterator
from typing import Any

from lxml import etree

from novalink_sim.tests.conformance import base
from novalink_sim.tests.conformance import coverage
from novalink_sim.tests.conformance import recordings
from novalink_sim.wire import document

#: Elements that pypowervm knows and no recording has (there).
NEWER = frozenset(
    {
        'AutoStart',
        'SharedEthernetAdapters/SharedEthernetAdapter/ConfigurationState',
        'CurrentSecureBoot',
        'Description',
        'DeviceName',
        'IsManagementPartition',
        'PendingSecureBoot',
        'LogicalUnits/LogicalUnit/ClonedFrom',
        'MinimumAllocationSize',
        'NportLoggedInStatus',
        'VirtualFibreChannelMappings/VirtualFibreChannelMapping/'
        'ClientAdapter/NportLoggedInStatus',
        'VersionInfo/Version',
        'VirtualDisks/VirtualDisk/VirtualDiskType',
    }
)
#: A trunk looks the same in its bridge as beside it.
BRIDGE = 'SharedEthernetAdapters/SharedEthernetAdapter/'
#: Recorded of volumes behind ports and mappings, served of all.
VOLUME = (
    'PhysicalVolume/DescriptorPage83',
    'PhysicalVolume/PersistentReserveKeyValue',
    'PhysicalVolume/StorageLabel',
)
#: Recordings whose order was changed by hand: see test_recordings.
BY_HAND = {
    'lpar.txt',
    'fake_vios_feed.txt',
    'fake_vios_hosting_vios_feed.txt',
    'fake_vios_ssp_npiv.txt',
    'fake_cna.txt',
}


def _children(element: etree._Element) -> list[str]:
    """Return the names of children, repeated ones once."""
    found: dict[str, None] = {}
    for child in document.children(element):
        found.setdefault(recordings.local(child))
    return list(found)


def _parents(
    element: etree._Element,
) -> Iterator[tuple[str, etree._Element]]:
    yield '', element
    yield from recordings.paths(element)


@functools.cache
def _orders(kind: str) -> dict[str, set[tuple[str, ...]]]:
    """Return the recorded orders of children by path."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for name, recorded in recordings.recorded(kind):
        if name not in BY_HAND:
            for path, element in _parents(recorded):
                order = tuple(_children(element))
                found.setdefault(path, set()).add(order)
    return found


@functools.cache
def _attributes(kind: str) -> dict[str, dict[str, set[Any]]]:
    """Return the recorded attributes by path."""
    found: dict[str, dict[str, set[Any]]] = {}
    for _, recorded in recordings.recorded(kind):
        for path, element in recordings.paths(recorded):
            seen = found.setdefault(path, {})
            for key in ('kb', 'group', 'ksv'):
                seen.setdefault(key, set()).add(element.get(key))
    return found


class ServedTest(base.ConformanceCase):
    """Elements, their order and attributes."""

    def setUp(self) -> None:
        super().setUp()
        lpar = self.fill()
        system, vios = self.system(), self.vios()
        child = f'uom/LogicalPartition/{lpar.uuid}'
        below = f'uom/ManagedSystem/{system.uuid}'
        self.paths = {
            'ManagedSystem': 'uom/ManagedSystem',
            'ManagementConsole': 'uom/ManagementConsole',
            'LogicalPartition': 'uom/LogicalPartition?group=All',
            'VirtualIOServer': f'uom/VirtualIOServer/{vios.uuid}?group=All',
            'VolumeGroup': f'uom/VirtualIOServer/{vios.uuid}/VolumeGroup',
            'ClientNetworkAdapter': f'{child}/ClientNetworkAdapter',
            'VirtualFibreChannelClientAdapter': (
                f'{child}/VirtualFibreChannelClientAdapter'
            ),
            'Cluster': 'uom/Cluster',
            'SharedStoragePool': 'uom/SharedStoragePool',
            'Tier': 'uom/Tier?group=None',
            'LogicalUnit': f'uom/Tier/{self.tier().uuid}/LogicalUnit',
            'SharedProcessorPool': f'{below}/SharedProcessorPool',
            'VirtualSwitch': f'{below}/VirtualSwitch',
            'VirtualNetwork': f'{below}/VirtualNetwork',
            'ManagedSystemPcmPreference': (
                f'pcm/ManagedSystem/{system.uuid}/preferences'
            ),
        }

    def each(self) -> Iterator[tuple[str, etree._Element]]:
        for kind, path in self.paths.items():
            for element in self.read(path):
                yield kind, element

    def test_all_types(self) -> None:
        # Files are there only while something is uploaded.
        served = set(self.paths) | {'File'}
        self.assertEqual(set(coverage.declarations()), served)

    def test_root(self) -> None:
        """Names, namespaces, schema version and Metadata come first."""
        for kind, element in self.each():
            recorded = recordings.recorded(kind)[0][1]
            self.assertEqual(recorded.tag, element.tag)
            self.assertTrue(element.get('schemaVersion'))
            self.assertEqual('Metadata', recordings.local(element[0]))

    def test_order(self) -> None:
        """Elements stand in the order that was recorded."""
        for kind, element in self.each():
            known = _orders(kind)
            for path, served in _parents(element):
                ours = _children(served)
                for theirs in known.get(path, ()):
                    common = [name for name in theirs if name in ours]
                    mine = [name for name in ours if name in common]
                    self.assertEqual(common, mine, f'{kind} {path}')

    def test_no_inventions(self) -> None:
        """Whatever is served was recorded, or is newer than that."""
        for kind, element in self.each():
            known = _attributes(kind)
            if kind == 'VirtualIOServer':
                # Some were recorded of the other kind of partition only.
                known = known | _attributes('LogicalPartition')
            paths = {path for path, _ in recordings.paths(element)}
            unknown = {
                path
                for path in paths - set(known) - NEWER
                if path.removeprefix(BRIDGE) not in known
                and not path.endswith(VOLUME)
            }
            self.assertEqual(set(), unknown)

    def test_attributes(self) -> None:
        """Behaviour, schema and group attributes are recorded ones."""
        for kind, element in self.each():
            known = _attributes(kind)
            for path, child in recordings.paths(element):
                for key, values in known.get(path, {}).items():
                    self.assertIn(child.get(key), values, f'{path} {key}')

    def test_groups(self) -> None:
        """Sections of a group are there only when it is asked for."""
        vios = self.paths['VirtualIOServer'].partition('?')[0]
        sections = {
            'ViosSCSIMapping': 'VirtualSCSIMappings',
            'ViosFCMapping': 'VirtualFibreChannelMappings',
            'ViosStorage': 'PhysicalVolumes',
            'ViosNetwork': 'TrunkAdapters',
        }
        for group in ('None', *sections):
            (element,) = self.read(f'{vios}?group={group}')
            found = set(_children(element)) & set(sections.values())
            wanted = {sections[group]} if group != 'None' else set()
            self.assertEqual(wanted, found)
