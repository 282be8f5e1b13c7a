# SPDX-License-Identifier: Apache-2.0
import types
from typing import Any

import testtools

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.records import volumes as records
from nova_powervm.virt.powervm.tasks import boot
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base

ONE, TWO, UDID = 'A' * 36, 'B' * 36, '01udid'


class BootVolumeTest(testtools.TestCase):
    """Each VIOS has its own name for a volume."""

    def setUp(self) -> None:
        super().setUp()
        self.instance = nova_objects.instance()
        self.looked: list[str] = []
        vioses = [types.SimpleNamespace(uuid=uuid) for uuid in (ONE, TWO)]
        self.host: Any = types.SimpleNamespace(
            vios=types.SimpleNamespace(active=lambda: vioses),
            transactions=types.SimpleNamespace(run=self.look),
            volumes=types.SimpleNamespace(
                connects=lambda volume: True,
                connector=lambda volume: types.SimpleNamespace(
                    refs=lambda volume: self.refs
                ),
            ),
        )
        self.refs: list[intents.StorageRef] = []

    def look(self, target: Any, _intent: Any) -> list[intents.VolumeView]:
        self.looked.append(target.uuid)
        ref = intents.StorageRef('pv', 'hdisk7', UDID)
        return [intents.VolumeView(target.uuid, ref)]

    def know(self, connector: str, udid: str | None) -> None:
        found = records.Attached('v1', 'fibre_channel', connector, udid)
        records.note(self.instance, [found])
        entries = tuple(
            slots.Entry('volume:v1', uuid, slots.Address(4, '0x81' + '0' * 14))
            for uuid in (ONE, TWO)
        )
        slots.store(self.instance, slots.SlotMap(entries))

    def find(self, *located: intents.Located) -> boot.BootStorage:
        volume = base.Volume('v1', 'any', {})
        return boot.find(self.host, self.instance, (), located, volume)

    def at(self, vios: str, ref: intents.StorageRef) -> intents.Located:
        return intents.Located(ref, 4, '0x81' + '0' * 14, vios)

    def test_path_that_was_taken_away_for_a_rescue(self) -> None:
        self.know('vscsi', UDID)
        here = self.at(ONE, intents.StorageRef('pv', 'hdisk2', UDID))
        other = self.at(TWO, intents.StorageRef('pv', 'hdisk2', '01other'))
        found = self.find(here, other)
        self.assertEqual(
            {ONE: 'hdisk2', TWO: 'hdisk7'},
            {uuid: ref.name for uuid, ref in found.refs.items()},
        )
        self.assertEqual([TWO], self.looked)
        self.assertEqual([here], found.mapped([here, other]))

    def test_file_is_known_by_its_mark_or_name(self) -> None:
        """Not every platform keeps marks."""
        self.know('nfs', None)
        mark = intents.StorageRef('file', '', tag='v1')
        for tags, known in (
            (('v1', 'v2'), mark),
            ((None, None), intents.StorageRef('file', '/v1', tag='v1')),
        ):
            self.refs = [known]
            found = self.find(
                self.at(ONE, intents.StorageRef('file', '/v1', tag=tags[0])),
                self.at(TWO, intents.StorageRef('file', '/v2', tag=tags[1])),
            )
            self.assertEqual([ONE], list(found.refs))

    def test_port_of_the_server(self) -> None:
        self.know('npiv', None)
        text = str(self.assertRaises(base.VolumeRefused, self.find))
        self.assertIn('ports of its own (npiv)', text)
