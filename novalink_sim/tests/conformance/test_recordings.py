# SPDX-License-Identifier: Apache-2.0
"""Recorded replies through the declarations."""

import testtools

from novalink_sim import errors
from novalink_sim.tests.conformance import coverage
from novalink_sim.tests.conformance import recordings
from novalink_sim.wire import document

#: Recordings that the declarations refuse, with the element they trip over.
#: Elements out of order were added to the recordings by hand.
DEVIATIONS = {
    ('lpar.txt', 'PartitionNVRAM'): 'by hand',
    ('fake_vios_feed.txt', 'IsOperationInProgress'): 'by hand',
    ('fake_vios_hosting_vios_feed.txt', 'ClientAdapter'): 'by hand',
    ('fake_vios_ssp_npiv.txt', 'IsVNICCapable'): 'by hand',
    ('fake_cna.txt', 'VirtualStationInterfaceManagerID'): 'by hand',
    ('managedsystem.txt', 'link'): 'SR-IOV is not simulated',
    ('sys_with_sriov.txt', 'IOAdapterChoice'): 'SR-IOV is not simulated',
}

#: Below these, elements are not known yet.
UNKNOWN = ('AssociatedSystemIOConfiguration/SRIOVAdapters',)


def _element_of(message: str) -> str:
    """Return the element that a refusal names."""
    words = message.split()
    start = words.index('element') if 'element' in words else 0
    return words[start + 1]


class RecordingsTest(testtools.TestCase):
    """What real platforms sent fits the declarations."""

    def test_all_types_were_recorded(self) -> None:
        for name in coverage.declarations():
            self.assertTrue(recordings.recorded(name), name)

    def test_order_and_elements(self) -> None:
        """Every recorded object is accepted as if a client sent it."""
        refused = set()
        for name, decl in coverage.declarations().items():
            for recording, element in recordings.recorded(name):
                try:
                    document.parse(decl, element)
                except errors.BadRequest as exc:
                    refused.add((recording, _element_of(exc.message)))
        self.assertEqual(set(DEVIATIONS), refused)

    def test_coverage(self) -> None:
        """All recorded elements are declared, but for what is named."""
        for name, decl in coverage.declarations().items():
            found = coverage.coverage_of(decl)
            missing = [p for p in found.missing if not p.startswith(UNKNOWN)]
            self.assertEqual([], missing, name)

    def test_values(self) -> None:
        """Values of recorded objects are read with their types."""
        decl = coverage.declarations()['LogicalPartition']
        doc = document.parse(
            decl, recordings.recorded('LogicalPartition')[0][1]
        )
        memory = doc.child('PartitionMemoryConfiguration')
        assert memory is not None
        self.assertIsInstance(memory.get('DesiredMemory'), int)
        self.assertIsInstance(doc.get('AllowPerformanceDataCollection'), bool)
        href = doc.href('AssociatedManagedSystem') or ''
        self.assertIn('/ManagedSystem/', href)
