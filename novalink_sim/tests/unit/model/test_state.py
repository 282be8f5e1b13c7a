# SPDX-License-Identifier: Apache-2.0
"""Dump and load."""

import copy
import json

from novalink_sim.model import network
from novalink_sim.model import system
from novalink_sim.tests.unit.model import base


class StateTest(base.ModelCase):
    """A dump tells everything of the platform, and can be loaded."""

    def fill(self) -> None:
        lpar = self.lpar()
        self.map(lpar, self.disk('boot'))
        self.map(lpar, self.media())
        network.create_adapter(
            self.system, lpar, network.AdapterRequest(100, self.switch.uuid)
        )
        self.system.vterms = [lpar.id]

    def test_round_trip(self) -> None:
        self.fill()
        dump = self.system.to_dict()
        copied = json.loads(json.dumps(dump))
        other = system.ManagedSystem(
            'other', 'x', self.system.hostroot / 'other', self.clock
        )
        other.from_dict(copied)
        self.assertEqual(dump, other.to_dict())
        disk = other.vios('vios1').groups[0].disks[0]
        self.assertEqual(disk.size, disk.file.stat().st_size)
        mapping = other.vios('vios1').scsi_mappings[0]
        self.assertIs(disk, mapping.storage)
        self.assertIs(other, other.lpar('vm').system)

    def test_disks_get_their_size_back(self) -> None:
        disk = self.disk('boot')
        dump = self.system.to_dict()
        with disk.file.open('ab') as stream:
            stream.write(b'more')
        self.system.from_dict(dump)
        disk = self.system.vios('vios1').groups[0].disks[0]
        self.assertEqual(disk.size, disk.file.stat().st_size)

    def test_refused(self) -> None:
        self.fill()
        good = self.system.to_dict()
        group = next(iter(good['vioses'].values()))['groups'][0]
        cases = []
        for name in ('../x', '..', ''):
            group['disks'][0]['name'] = name
            cases.append(copy.deepcopy(good))
        group['disks'][0]['name'] = 'boot'
        cases.append(good | {'other': 1})
        cases.append(good | {'memory': {'other': 1}})
        cases.append(good | {'memory': 5})
        cases.append(good | {'memory': good['memory'] | {'installed': 'x'}})
        cases.append(good | {'memory': good['memory'] | {'installed': True}})
        cases.append(good | {'lpars': 3})
        cases.append(good | {'vterms': ['x']})
        cases.append(good | {'files': {}})
        cases.append({'lpars': {}})
        before = self.system.to_dict()
        for data in cases:
            self.assertRaises(ValueError, self.system.from_dict, data)
        self.assertEqual(before, self.system.to_dict())
