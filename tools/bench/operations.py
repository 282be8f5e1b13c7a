# SPDX-License-Identifier: Apache-2.0
"""The operations that are measured, on one simulated host."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import Any

import fixtures
from nova.compute import provider_tree
from nova.compute import vm_states
from oslo_utils import uuidutils

from nova_powervm.tests.fixtures import connected
from nova_powervm.tests.fixtures import driver
from nova_powervm.tests.fixtures import isos
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import platform
from novalink_sim.topology import spec
from tools.bench import measure

LATENCY = {'get': 0.05, 'write': 0.5}
"""The latencies of the profile novalink, seconds; jobs are told apart."""

NEIGHBOURS = 500
AN_HOUR = 3600.0
HOUR = {'resources': 60, 'power_states': 6, 'deleted': 2, 'images': 2}
"""How often Nova's periodic tasks run in an hour, with default intervals."""

Costs = dict[str, measure.Cost]


@dataclasses.dataclass(frozen=True)
class Pace:
    """How fast the simulated platform is.

    :ivar delays: latencies, or the name of a profile
    :ivar jobs: how jobs progress; None follows the profile
    """

    delays: Any
    jobs: str | None


COUNTING = Pace(LATENCY, 'polls:1')
"""Requests take time, so that it shows which wait for which; jobs are done
at the first poll, so that the length of a job does not count."""

TIMING = Pace('novalink', None)


class Bench(fixtures.Fixture):  # type: ignore[misc]
    """A driver on a simulated host, with a stopwatch.

    :ivar costs: what each operation cost, by name
    """

    def __init__(
        self, pace: Pace, neighbours: int = 0, **options: Any
    ) -> None:
        """Make a bench.

        :param pace: how fast the platform is
        :param neighbours: further partitions on the host
        :param options: further [powervm] options
        """
        super().__init__()
        self._pace = pace
        self._neighbours = neighbours
        self._options = options
        self.costs: Costs = {}

    def _setUp(self) -> None:
        # What follows a change of state later on is none of its cost.
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova_powervm.virt.powervm.events.DELAY', AN_HOUR
            )
        )
        self.host = self.useFixture(self._platform())
        self.host.sim.set_delays(self._pace.delays)
        if self._pace.jobs:
            self.host.sim.job_modes.set(self._pace.jobs)
        self.harness = driver.DriverHarness(self.host, **self.options())
        self.measure('init_host', self._start)

    def options(self) -> dict[str, Any]:
        """The [powervm] options, which may depend on the host."""
        return self._options

    def _platform(self) -> platform.InProcess:
        lpars = (
            [spec.LparSpec('neighbour{n}', self._neighbours)]
            if self._neighbours
            else []
        )
        return platform.InProcess(platform.with_lpars(*lpars))

    def _start(self) -> None:
        self.useFixture(self.harness)

    @property
    def driver(self) -> Any:
        """The driver."""
        return self.harness.driver

    def measure(self, name: str, operation: Callable[[], Any]) -> Any:
        """Run an operation and note what it cost."""
        self.host.clear_journal()
        begin = time.monotonic()
        result = operation()
        seconds = time.monotonic() - begin
        entries = [
            dataclasses.asdict(entry)
            for entry in self.host.sim.journal.entries()
        ]
        self.costs[name] = measure.cost_of(entries, seconds)
        return result


class Guest:
    """An instance and what is done to it."""

    def __init__(
        self,
        bench: Bench,
        image: Any,
        volumes: connected.ConnectedVolumes | None = None,
        **fields: Any,
    ) -> None:
        """Describe an instance.

        :param bench: the host that it is for
        :param image: the image to boot from
        :param volumes: volumes that it has, to boot from or beside its disk
        :param fields: further attributes of the instance
        """
        self._bench = bench
        self.image = image
        self.volumes = volumes
        self.instance = nova_objects.instance(image, **fields)
        self.network_info = nova_objects.network_info()

    @property
    def devices(self) -> Mapping[str, Any]:
        """What the driver is told of block devices."""
        return self.volumes.info() if self.volumes else driver.NO_VOLUMES

    def spawn(self) -> None:
        """Build it."""
        self._bench.harness.spawn(
            self.instance,
            self.image,
            self.network_info,
            devices=self.devices,
        )

    def destroy(self) -> None:
        """Remove it."""
        self._bench.harness.destroy(
            self.instance, self.network_info, self.devices
        )

    def power_off(self) -> None:
        """Stop it at once."""
        self._bench.driver.power_off(self.instance)

    def power_on(self) -> None:
        """Start it."""
        self._bench.driver.power_on(
            None, self.instance, self.network_info, dict(self.devices)
        )

    def rescue(self) -> None:
        """Rescue it, once Nova has stopped it."""
        self._bench.driver.rescue(
            nova_objects.context(),
            self.instance,
            self.network_info,
            nova_objects.image_meta(self.image),
            'password',
            {},
            [],
        )

    def unrescue(self) -> None:
        """Let it boot its own disk again."""
        self._bench.driver.unrescue(nova_objects.context(), self.instance)

    def reboot(self) -> None:
        """Restart it at once."""
        self._bench.driver.reboot(
            None, self.instance, self.network_info, 'HARD', dict(self.devices)
        )

    def rebuild(self) -> None:
        """Give it a new disk, from its image."""
        self.instance.vm_state = vm_states.ACTIVE
        self._bench.harness.rebuild(
            self.instance, self.image, self.network_info
        )

    def snapshot(self) -> None:
        """Make an image of it."""
        image = self._bench.harness.glance.create(None, {'properties': {}})
        self._bench.driver.snapshot(
            nova_objects.context(),
            self.instance,
            image['id'],
            lambda task_state, **_expected: None,
        )


def life(pace: Pace) -> Costs:
    """Measure the life of instances on an otherwise idle host."""
    with Bench(pace) as bench:
        image, other = (
            bench.harness.glance.make(1),
            bench.harness.glance.make(1),
        )
        first, uncached = Guest(bench, image), Guest(bench, other)
        cached = Guest(bench, image)
        drive = Guest(bench, image, config_drive='True')
        again = Guest(bench, image, config_drive='True')
        bench.measure('spawn, first of the process', first.spawn)
        bench.measure('spawn, image not cached', uncached.spawn)
        bench.measure('spawn, image cached', cached.spawn)
        bench.measure('spawn, first config drive', drive.spawn)
        bench.measure('spawn, config drive', again.spawn)
        installed = Guest(
            bench,
            bench.harness.glance.add(
                isos.make_iso(bench.harness.glance.directory)
            ),
        )
        bench.measure('spawn, ISO image', installed.spawn)
        bench.measure('destroy, ISO image', installed.destroy)
        _queries(bench, cached.instance)
        first.power_off()
        bench.measure('power_on', first.power_on)
        bench.measure('power_off', first.power_off)
        bench.measure('reboot, hard', cached.reboot)
        _rescues(bench, cached, '')
        _rescues(bench, again, ', config drive')
        bench.measure('rebuild', cached.rebuild)
        bench.measure('rebuild, config drive', again.rebuild)
        bench.measure('destroy', cached.destroy)
        bench.measure('destroy, config drive', again.destroy)
        return bench.costs


def _rescues(bench: Bench, guest: Guest, kind: str) -> None:
    guest.power_off()
    bench.measure(f'rescue{kind}', guest.rescue)
    bench.measure(f'unrescue{kind}', guest.unrescue)


def snapshots(pace: Pace) -> Costs:
    """Measure images of servers; nobody looks at their bytes."""
    with Bench(pace) as bench:
        model = bench.host.model('host1')
        bench.costs.clear()
        bench.harness.glance.discard = True
        guest = Guest(bench, bench.harness.glance.make(1))
        guest.spawn()
        for name, second in (
            ('snapshot', 'allow'),
            ('snapshot, disk lent by the server', 'refuse'),
        ):
            model.switches = dataclasses.replace(
                model.switches, second_mapping=second
            )
            bench.measure(name, guest.snapshot)
            guest.power_off()
        return bench.costs


def clearing(pace: Pace) -> Costs:
    """Measure the removal of a server whose disk is cleared, and that."""
    options: dict[str, Any] = {
        'volume_clear': 'zero',
        'volume_clear_free_space': False,
    }
    with Bench(pace, **options) as bench:
        guest = Guest(bench, bench.harness.glance.make(1))
        guest.spawn()
        # Reads the job template that the removal needs.
        guest.power_off()
        guest.power_on()
        disks = bench.driver.host.disk
        disks.close()
        bench.measure('destroy, disk to be cleared', guest.destroy)
        disks.start()
        bench.measure('clearing of 1 GB', lambda: _settle(disks))
        disks.close()
        other = Guest(bench, bench.harness.glance.make(1))
        other.spawn()
        _rescues(bench, other, ', disk to be cleared')
        del bench.costs['rescue, disk to be cleared']
        del bench.costs['init_host']
        return bench.costs


def _settle(disks: Any) -> None:
    """Wait until all disks are cleared, as somebody who wants the room."""
    while disks.wait_for_room():
        pass


def _queries(bench: Bench, instance: Any) -> None:
    # With this Nova's start ends: from now on the driver asks when told to.
    bench.driver.update_provider_tree(_tree(), 'host1')
    bench.driver.host.resources.invalidate()
    bench.measure(
        'get_available_resource',
        lambda: bench.driver.get_available_resource('host1'),
    )
    bench.measure('get_info', lambda: bench.driver.get_info(instance))
    bench.measure(
        'get_info, not from the cache',
        lambda: bench.driver.get_info(instance, use_cache=False),
    )


def _tree() -> provider_tree.ProviderTree:
    tree = provider_tree.ProviderTree()
    tree.new_root('host1', uuidutils.generate_uuid())
    return tree


def crowd(pace: Pace) -> Costs:
    """Measure what must not grow with the number of partitions."""
    with Bench(pace, NEIGHBOURS) as bench:
        bench.costs[f'init_host, {NEIGHBOURS} LPARs'] = bench.costs.pop(
            'init_host'
        )
        guest = Guest(bench, bench.harness.glance.make(1))
        guest.spawn()
        bench.measure(
            f'idle hour, {NEIGHBOURS} LPARs',
            lambda: _idle_hour(bench, guest.instance),
        )
        return bench.costs


def _idle_hour(bench: Bench, instance: Any) -> None:
    """Ask the driver what Nova's periodic tasks ask in an hour."""
    tree = _tree()
    context = nova_objects.context()
    for _ in range(HOUR['resources']):
        # A minute lies between two of them in reality.
        bench.driver.host.resources.invalidate()
        bench.driver.get_available_resource('host1')
        bench.driver.update_provider_tree(tree, 'host1')
    for _ in range(HOUR['power_states']):
        bench.driver.get_num_instances()
        for _ in range(NEIGHBOURS):
            bench.driver.get_info(instance)
    for _ in range(HOUR['deleted']):
        bench.driver.list_instance_uuids()
    for _ in range(HOUR['images']):
        bench.driver.manage_image_cache(context, [instance])


def merged(counted: Mapping[str, measure.Cost], timed: Costs) -> Costs:
    """Take requests and chains of one run, and the seconds of another."""
    return {
        name: dataclasses.replace(
            cost,
            seconds=timed[name].seconds if name in timed else cost.seconds,
        )
        for name, cost in counted.items()
    }
