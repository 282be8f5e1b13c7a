# SPDX-License-Identifier: Apache-2.0
"""Which changes let storage stand in for other storage, and back."""

import concurrent.futures
from typing import Any

import testtools

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.vios import exchange
from nova_powervm.virt.powervm.vios import intents

BOOT = intents.StorageRef('disk', 'boot', 'udid-boot')
RESCUE = intents.StorageRef('disk', 'rescue', 'udid-rescue')
PLACE = slots.Address(4, '0x8100000000000000')
BESIDE = slots.Address(4, '0x8200000000000000')
LPAR: Any = fake_host.record()


class Changes:
    """Notes intents, and carries them out on what is mapped."""

    def __init__(self, *mapped: intents.Located) -> None:
        self.mapped = list(mapped)
        self.done: list[Any] = []
        self.failure: Exception | None = None

    def submit(self, target: Any, intent: Any) -> Any:
        """Carry out an intent at once."""
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        if self.failure is not None:
            future.set_exception(self.failure)
            return future
        self.done.append(intent)
        if isinstance(intent, intents.ReplaceMapping):
            (old,) = self._take(intent.old)
            self._map(intent.new, old.slot, old.lua)
        elif isinstance(intent, intents.RemoveMappings):
            self._take(*intent.storages or ())
        else:
            self._map(intent.storage, intent.slot, intent.lua)
        future.set_result(None)
        return future

    def _take(self, *refs: intents.StorageRef) -> list[intents.Located]:
        taken = [item for item in self.mapped if item.storage in refs]
        self.mapped = [item for item in self.mapped if item not in taken]
        return taken

    def _map(
        self, ref: intents.StorageRef, slot: int | None, lua: str | None
    ) -> None:
        self.mapped.append(intents.Located(ref, slot, lua, 'VIOS1'))

    @property
    def found(self) -> set[tuple[str, int | None, str | None]]:
        """What is where."""
        return {
            (item.storage.name, item.slot, item.lua) for item in self.mapped
        }


def at(ref: intents.StorageRef, place: slots.Address) -> intents.Located:
    return intents.Located(ref, place.slot, place.lua, 'VIOS1')


def where(
    ref: intents.StorageRef, place: slots.Address
) -> tuple[str, int, str | None]:
    return ref.name, place.slot, place.lua


class ExchangeTest(testtools.TestCase):
    """A rescue disk boots in place of a boot disk, which is set aside."""

    def exchange(self, **changes: Any) -> exchange.Exchange:
        values: dict[str, Any] = {
            'vios_uuid': 'VIOS1',
            'usual': BOOT,
            'stand_in': RESCUE,
            'address': PLACE,
            'aside': True,
        }
        return exchange.Exchange(**{**values, **changes})

    def enter(self, changes: Changes, **item: Any) -> None:
        exchanger = exchange.Exchanger(changes, LPAR)  # type: ignore
        exchanger.enter([self.exchange(**item)], list(changes.mapped))

    def leave(self, changes: Changes, **item: Any) -> None:
        exchanger = exchange.Exchanger(changes, LPAR)  # type: ignore
        exchanger.leave([self.exchange(**item)], list(changes.mapped))

    def test_there_and_back(self) -> None:
        changes = Changes(at(BOOT, PLACE))
        self.enter(changes)
        entered = {where(RESCUE, PLACE), where(BOOT, BESIDE)}
        self.assertEqual(entered, changes.found)
        self.leave(changes)
        self.assertEqual({where(BOOT, PLACE)}, changes.found)

    def test_either_is_done_once(self) -> None:
        changes = Changes(at(RESCUE, PLACE), at(BOOT, BESIDE))
        self.enter(changes)
        self.assertEqual([], changes.done)
        changes = Changes(at(BOOT, PLACE))
        self.leave(changes)
        self.assertEqual([], changes.done)

    def test_from_the_middle(self) -> None:
        for mapped in (
            [at(RESCUE, PLACE)],
            [at(BOOT, BESIDE)],
            [],
            [at(RESCUE, PLACE), at(BOOT, BESIDE)],
            [at(RESCUE, BESIDE), at(BOOT, PLACE)],
        ):
            changes = Changes(*mapped)
            self.leave(changes)
            self.assertEqual({where(BOOT, PLACE)}, changes.found, str(mapped))

    def test_address_that_is_taken(self) -> None:
        third = slots.Address(4, '0x8300000000000000')
        other = intents.StorageRef('disk', 'data')
        changes = Changes(at(BOOT, PLACE), at(other, BESIDE))
        self.enter(changes)
        self.assertIn(where(BOOT, third), changes.found)

    def test_address_in_another_form(self) -> None:
        """What comes after it nobody knows, so the VIOS chooses."""
        odd = slots.Address(4, '0x0001')
        changes = Changes(at(BOOT, odd))
        self.enter(changes, address=odd)
        self.assertIn(('boot', 4, None), changes.found)

    def test_nothing_stands_in(self) -> None:
        changes = Changes(at(BOOT, PLACE))
        self.enter(changes, stand_in=None, aside=False)
        self.assertEqual(set(), changes.found)
        self.leave(changes, stand_in=None, aside=False)
        self.assertEqual({where(BOOT, PLACE)}, changes.found)

    def test_nothing_is_there_otherwise(self) -> None:
        changes = Changes()
        self.enter(changes, usual=None, aside=False)
        self.assertEqual({where(RESCUE, PLACE)}, changes.found)
        self.leave(changes, usual=None, aside=False)
        self.assertEqual(set(), changes.found)

    def test_other_vios(self) -> None:
        """What another VIOS maps under the same name is another thing."""
        other = intents.Located(RESCUE, 4, PLACE.lua, 'VIOS2')
        changes = Changes(at(BOOT, PLACE), other)
        self.enter(changes, aside=False)
        self.assertIn(at(RESCUE, PLACE), changes.mapped)

    def test_failure(self) -> None:
        changes = Changes(at(BOOT, PLACE))
        changes.failure = OSError('busy')
        self.assertRaises(OSError, self.enter, changes)
