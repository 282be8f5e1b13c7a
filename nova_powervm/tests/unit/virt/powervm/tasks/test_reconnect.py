# SPDX-License-Identifier: Apache-2.0
"""Which volumes are to be attached again before a server starts."""

import types
from typing import Any

import testtools

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.tasks import reconnect
from nova_powervm.virt.powervm.volume import base

VOLUME = base.Volume('one', 'fibre_channel', {})


class Volumes:
    """Volumes of which a test says where they are."""

    def __init__(self, there: base.Places) -> None:
        self.there = there
        self.known = True

    def connects(self, _volume: base.Volume) -> bool:
        return self.known

    def connector(self, _volume: base.Volume) -> Any:
        return self

    def least(self, _volume: base.Volume) -> int:
        return 1

    def look(self, _volume: base.Volume, _lpar_uuid: str) -> base.Looking:
        return lambda: self.there


class MissingTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.instance = nova_objects.instance()
        self.working = ['V1', 'V2']

    def had(self, *vioses: str) -> None:
        """Let the slot map say through which VIOSes it had the volume."""
        entries = tuple(
            slots.Entry(VOLUME.slot_name, name, slots.Address(4))
            for name in vioses
        )
        slots.store(self.instance, slots.SlotMap(entries))

    def missing(
        self,
        *mapped: str,
        unread: tuple[str, ...] = (),
        broken: tuple[str, ...] = (),
        known: bool = True,
    ) -> bool:
        """Tell whether it is to be attached again."""
        there = map(frozenset, (mapped, unread, broken))
        volumes = Volumes(base.Places(*there))
        volumes.known = known
        vioses = [types.SimpleNamespace(uuid=name) for name in self.working]
        host: Any = types.SimpleNamespace(
            volumes=volumes,
            vios=types.SimpleNamespace(active=lambda: vioses),
        )
        lpar: Any = types.SimpleNamespace(uuid='LPAR')
        found = reconnect.missing(host, self.instance, lpar, [VOLUME])
        self.assertIn([item.volume for item in found], [[], [VOLUME]])
        for item in found:
            self.assertEqual(bool(mapped), item.usable)
        return bool(found)

    def test_where_it_was(self) -> None:
        self.had('V1', 'V2')
        self.assertFalse(self.missing('V1', 'V2'))
        self.assertTrue(self.missing('V1'))
        self.assertTrue(self.missing())

    def test_where_it_never_was(self) -> None:
        self.had('V1')
        self.assertFalse(self.missing('V1'))

    def test_without_a_map(self) -> None:
        self.assertFalse(self.missing('V2'))
        self.assertTrue(self.missing())

    def test_vios_that_is_down(self) -> None:
        self.had('V1', 'V2')
        self.working = ['V1']
        self.assertFalse(self.missing('V1'))

    def test_vios_that_cannot_be_asked(self) -> None:
        self.had('V1', 'V2')
        self.assertFalse(self.missing('V1', unread=('V2',)))
        self.assertFalse(self.missing(unread=('V1', 'V2')))
        self.assertTrue(self.missing(unread=('V2',)))

    def test_path_that_leads_nowhere(self) -> None:
        self.assertTrue(self.missing('V1', 'V2', broken=('V2',)))
        self.assertTrue(self.missing('V1', broken=('V2',)))
        self.assertTrue(self.missing(unread=('V1',), broken=('V2',)))

    def test_kind_that_nothing_connects(self) -> None:
        self.assertFalse(self.missing(known=False))
