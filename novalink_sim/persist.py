# SPDX-License-Identifier: Apache-2.0
"""Dump and load of a simulator's state as JSON.

The sections ``systems``, ``pools``, ``remote`` and ``san`` are the state of
the platform: comparable, without times or counters. The others are for reading
only.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TYPE_CHECKING

from novalink_sim.model import records
from novalink_sim.model import san as sans
from novalink_sim.model.pool import SharedPool
from novalink_sim.topology import build
from novalink_sim.topology import pools as pool_building
from novalink_sim.topology import san as san_building

if TYPE_CHECKING:
    from novalink_sim.simulator import SimulatedSystem
    from novalink_sim.simulator import Simulator

VERSION = 1
#: Values that become parts of file names.
_NAMES = ('name', 'uuid')


def dump(simulator: 'Simulator') -> dict[str, Any]:
    """Return the state; sessions are counted, their tokens never shown."""
    systems: dict[str, Any] = {}
    jobs: dict[str, Any] = {}
    counters: dict[str, Any] = {}
    for name, system in simulator.systems.items():
        with system.runtime.locked() as model:
            systems[name] = model.to_dict()
            jobs[name] = system.jobs.to_dict()
        counters[name] = {
            'event_queues': len(system.events.to_dict()),
            'jobs_started': dict(system.jobs.counts),
        }
    return {
        'version': VERSION,
        'systems': systems,
        'pools': {p.name: _dump_pool(p) for p in simulator.shared.pools},
        'remote': simulator.remote.to_dict(),
        'san': _dump_san(simulator.san),
        'jobs': jobs,
        'counters': counters,
        'unknown': simulator.unknown,
        'journal': [entry.to_dict() for entry in simulator.journal.entries()],
    }


def _dump_pool(pool: SharedPool) -> Any:
    with pool.lock:
        return records.to_plain(pool)


def _dump_san(found: sans.San) -> Any:
    with found.lock:
        return records.to_plain(found)


def canonical(data: Any) -> str:
    """Return JSON that is equal for equal data."""
    return json.dumps(data, sort_keys=True, indent=1) + '\n'


def load(simulator: 'Simulator', data: Mapping[str, Any]) -> None:
    """Replace the platform state of what a dump names.

    :raises ValueError: for another version, an unknown system, or a value
        that would lead out of the simulator's directory
    """
    if data.get('version') != VERSION:
        raise ValueError(f'unknown version of a dump: {data.get("version")}')
    states = data.get('systems')
    if not isinstance(states, dict):
        raise ValueError('the dump has no systems')
    for name, state in states.items():
        if name not in simulator.systems:
            raise ValueError(f'there is no system {name}')
        check_paths(state, simulator.systems[name].directory)
    pools = data.get('pools')
    if pools:
        _load_pools(simulator, pools)
    if data.get('remote'):
        check_paths(data['remote'], simulator.state_dir)
        simulator.remote.from_dict(data['remote'])
    if data.get('san'):
        _load_san(simulator, data['san'])
    for name, state in states.items():
        _load_system(simulator, simulator.systems[name], state)


def _load_pools(simulator: 'Simulator', states: Any) -> None:
    """Replace all pools; systems that are not in the dump join them, too."""
    if not isinstance(states, dict):
        raise ValueError('the pools of a dump are a mapping')
    check_paths(states, simulator.state_dir)
    root = simulator.state_dir
    made = [pool_building.restore(s, root) for s in states.values()]
    simulator.shared.pools[:] = made
    for system in simulator.systems.values():
        with system.model.lock:
            system.model.pools.clear()
            for pool in made:
                pool.join(system.model)
            for vios in system.model.vioses.values():
                vios.note_units()


def _load_san(simulator: 'Simulator', state: Any) -> None:
    check_paths(state, simulator.state_dir)
    made = san_building.restore(state, simulator.state_dir)
    simulator.shared.san = made
    for system in simulator.systems.values():
        with system.model.lock:
            system.model.san = made


def _load_system(
    simulator: 'Simulator', system: 'SimulatedSystem', state: Any
) -> None:
    made = build.restore(
        system.spec,
        system.runtime,
        system.directory,
        simulator.switches,
        state,
    )
    with system.model.lock:
        system.jobs.clear()
        system.runtime.model = made
    system.events.publish('CACHE_CLEARED')


def _strings(data: Any, key: str = '') -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for name, value in data.items():
            yield key, str(name)
            yield from _strings(value, str(name))
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value, key)
    elif isinstance(data, str):
        yield key, data


def check_paths(state: Any, directory: Path) -> None:
    """Refuse a state with values that lead out of a directory.

    :raises ValueError: naming the key and the value
    """
    for key, text in _strings(state):
        parts = text.split('/')
        absolute = text.startswith('/')
        inside = Path(text).is_relative_to(directory)
        bad = '\0' in text or '..' in parts or (absolute and not inside)
        if bad or (key in _NAMES and len(parts) > 1 and not inside):
            raise ValueError(
                f'{key}: {text!r} leads out of the simulator directory'
            )
