# SPDX-License-Identifier: Apache-2.0
"""What resizes and migrations cost, each with its end and its way back."""

from __future__ import annotations

from typing import Any

import fixtures

from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.fixtures import connected
from nova_powervm.tests.fixtures import driver
from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import platform
from novalink_sim.topology import load
from tools.bench import operations

VOLUME = 'boot from volume'
LIMITS = {
    'powervm:min_mem': '1024',
    'powervm:max_mem': '8192',
    'powervm:max_vcpu': '8',
    'powervm:max_proc_units': '4',
}


class TwoHosts(operations.Bench):
    """A bench with a second host, for servers to go to."""

    PRESET = 'localdisk'

    def _setUp(self) -> None:
        super()._setUp()
        self.second = driver.DriverHarness(self.host, 'host2', **self._options)
        self.useFixture(self.second)
        # Both talk to the image service that was set up last.
        self.harness.glance = self.second.glance

    def _platform(self) -> platform.InProcess:
        return platform.InProcess(load.load_preset(self.PRESET))


class TwoPoolHosts(TwoHosts):
    """The same with a pool that both hosts share."""

    PRESET = 'ssp-pair'

    def _setUp(self) -> None:
        super()._setUp()
        # Nova's database tells it, and there is none here.
        storage = self.second.driver.host.disk.storage_id()
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova_powervm.virt.powervm.records.moves.storage_of',
                lambda context, host: storage,
            )
        )


class TwoSanHosts(TwoHosts):
    """The same on a SAN; each host has two VIOSes."""

    PRESET = 'san-vscsi'


class Mover:
    """A guest that is moved, one measured step after the other."""

    def __init__(self, bench: operations.Bench, target: Any = None) -> None:
        """Name the hosts.

        :param target: DriverHarness of the other host, if there is one
        """
        self._bench = bench
        self._mover = bench.useFixture(mover.Mover(bench.harness, target))

    def both(self, name: str, guest: operations.Guest, flavor: Any) -> None:
        """Measure a move with its revert, and then for good."""
        bench, moves = self._bench, self._mover
        # The platform tells once what memory the hypervisor needs for it.
        moves.move(guest, flavor)
        moves.revert(guest)
        bench.measure(name, lambda: moves.move(guest, flavor))
        bench.measure(f'{name}, revert', lambda: moves.revert(guest))
        moves.move(guest, flavor)
        bench.measure(f'{name}, confirm', lambda: moves.confirm(guest))


def moves(pace: operations.Pace) -> operations.Costs:
    """Measure resizes on one host and migrations to another."""
    with TwoHosts(pace) as bench:
        bench.costs.clear()
        image = bench.harness.glance.make(1)
        first, second = (
            operations.Guest(bench, image),
            operations.Guest(bench, image),
        )
        third = operations.Guest(
            bench, image, type_=nova_objects.flavor(extra_specs=LIMITS)
        )
        for guest in (first, second, third):
            guest.spawn()
        here = Mover(bench)
        large: dict[str, Any] = {'memory_mb': 4096, 'vcpus': 4}
        here.both('resize', first, nova_objects.flavor(**large))
        here.both(
            'resize, larger disk',
            second,
            nova_objects.flavor(**large, root_gb=2),
        )
        here.both(
            'resize, live',
            third,
            nova_objects.flavor(**large, extra_specs=LIMITS),
        )
        away = Mover(bench, bench.second)
        away.both('cold migration', first, first.instance.flavor)
        return bench.costs


def pool_moves(pace: operations.Pace) -> operations.Costs:
    """Measure a migration to another host of a pool."""
    with TwoPoolHosts(pace, disk_driver='ssp') as bench:
        bench.costs.clear()
        guest = operations.Guest(bench, bench.harness.glance.make(1))
        guest.spawn()
        away = Mover(bench, bench.second)
        away.both('pool: cold migration', guest, guest.instance.flavor)
        return bench.costs


def volume_moves(pace: operations.Pace) -> operations.Costs:
    """Measure the life and the moves of a server that boots from a volume."""
    with TwoSanHosts(pace, volume_group_name='vios1/datavg') as bench:
        bench.costs.clear()
        first, guest = _boot_volume(bench), _boot_volume(bench)
        # What the first of a process does once is not measured.
        first.spawn()
        bench.measure(f'{VOLUME}: spawn', guest.spawn)
        guest.power_off()
        bench.measure(f'{VOLUME}: power_on', guest.power_on)
        bench.measure(f'{VOLUME}: reboot, hard', guest.reboot)
        large = nova_objects.flavor(memory_mb=4096)
        Mover(bench).both(f'{VOLUME}: resize', guest, large)
        away = Mover(bench, bench.second)
        away.both(f'{VOLUME}: cold migration', guest, large)
        bench.measure(f'{VOLUME}: destroy', first.destroy)
        return bench.costs


def _boot_volume(bench: operations.Bench) -> operations.Guest:
    """A server that boots from a fibre channel volume, about to be built."""
    array = arrays.FibreChannel(bench.host)
    made = connected.ConnectedVolumes.make(array, 1, from_volume=True)
    image = bench.harness.glance.make(1)
    guest = operations.Guest(bench, image, made, image_ref='')
    made.connect(bench.harness, guest.instance)
    return guest
