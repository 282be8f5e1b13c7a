# SPDX-License-Identifier: Apache-2.0
"""``tox -e bench [-- --json FILE]``: what operations cost on the wire."""

from __future__ import annotations

import argparse
import json
import logging
import os
import pathlib
import sys

# Nova decides on its threads by the first module of it that is imported.
from nova import monkey_patch

from tools.bench import report

RETIRED: dict[str, tuple[int | None, int | None]] = {
    'init_host': (14, 27),
    'init_host, 500 LPARs': (14, None),
    'get_info': (1, 1),
    'get_info, not from the cache': (1, 1),
    'get_available_resource': (2, 3),
    'spawn, first of the process': (None, 28),
    'spawn, image not cached': (18, 28),
    'spawn, image cached': (13, 22),
    'spawn, first config drive': (None, 27),
    'spawn, config drive': (16, 26),
    'spawn, ISO image': (20, None),
    'destroy, ISO image': (13, None),
    'power_on': (4, 5),
    'power_off': (4, 5),
    'reboot, hard': (None, 5),
    'rescue': (10, 15),
    'rescue, config drive': (13, None),
    'unrescue': (14, 12),
    'unrescue, config drive': (16, None),
    'unrescue, disk to be cleared': (12, 12),
    'rebuild': (21, 37),
    'rebuild, config drive': (26, 45),
    'snapshot': (5, 5),
    'snapshot, disk lent by the server': (12, None),
    'destroy': (10, 15),
    'destroy, config drive': (None, 19),
    'destroy, disk to be cleared': (10, 15),
    'clearing of 1 GB': (7, None),
    'resize': (14, 14),
    'resize, revert': (11, None),
    'resize, confirm': (2, 2),
    'resize, larger disk': (18, None),
    'resize, larger disk, revert': (15, None),
    'resize, larger disk, confirm': (4, None),
    'resize, live': (6, None),
    'resize, live, revert': (3, None),
    'resize, live, confirm': (2, None),
    'cold migration': (35, None),
    'cold migration, revert': (17, None),
    'cold migration, confirm': (7, None),
    'pool: cold migration': (24, None),
    'pool: cold migration, revert': (21, None),
    'pool: cold migration, confirm': (5, None),
    'boot from volume: spawn': (20, 35),
    'boot from volume: power_on': (6, None),
    'boot from volume: reboot, hard': (7, None),
    'boot from volume: resize': (33, None),
    'boot from volume: resize, revert': (31, None),
    'boot from volume: cold migration': (39, None),
    'boot from volume: cold migration, revert': (33, None),
    'boot from volume: cold migration, confirm': (6, None),
    'pool: init_host': (14, 32),
    'pool: spawn, image not there': (None, 30),
    'pool: spawn, image there': (14, 22),
    'pool: destroy': (None, 16),
    'vSCSI: attach': (10, 15),
    'vSCSI: detach': (10, 16),
    'vSCSI, one VIOS: attach': (7, 10),
    'vSCSI, one VIOS: detach': (7, 10),
    'iSCSI: attach': (11, 17),
    'iSCSI: extend': (7, 9),
    'iSCSI: detach': (11, 18),
    'iSCSI, one VIOS: attach': (7, 11),
    'iSCSI, one VIOS: extend': (4, 5),
    'iSCSI, one VIOS: detach': (7, 11),
    'NPIV: connector and first attach': (11, 18),
    'NPIV: connector and second attach': (None, 4),
    'idle hour, 500 LPARs': (250, None),
}
"""What to stay within, and what the retired driver took: requests."""

NOTES = {
    'power_on': (
        'this and whatever else changes the state of an LPAR makes the event '
        'loop read that state once more, 15 s after the last event (1 GET)'
    ),
    'spawn, first of the process': (
        'reads the job templates and asks for the memory overhead once'
    ),
    'spawn, first config drive': 'makes the media repository',
    'snapshot, disk lent by the server': (
        'where a VIOS maps a disk only once; the server is off'
    ),
    'unrescue, disk to be cleared': (
        'with volume_clear = zero, the default: the disk of the rescue goes '
        'in the background'
    ),
    'resize': 'the server runs before and after, and is off in between',
    'cold migration': (
        'of local disks, by both hosts together; the retired driver refused it'
    ),
    'spawn, ISO image': (
        'puts the image on media, and overwrites the beginning of the disk'
    ),
    'rebuild': (
        'the retired driver left it to Nova, which removes and builds: the '
        'sum of both'
    ),
    'clearing of 1 GB': (
        'in the background, after the removal; volume_clear_rate slows it '
        'down when nobody waits for the room'
    ),
    'pool: spawn, image there': (
        'in a Shared Storage Pool, on a host with two VIOSes, as all rows '
        'that begin so'
    ),
    'boot from volume: spawn': (
        'from a fibre channel volume, on a host with two VIOSes, as all rows '
        'that begin so'
    ),
    'vSCSI: attach': (
        'a fibre channel volume, on a host with two VIOSes: each searches for '
        'it, is read and is written'
    ),
    'vSCSI: 20 attaches at once': (
        'to as many servers; the VIOSes are written for several of them at a '
        'time'
    ),
    'iSCSI: attach': (
        'a volume of a target with one portal, on a host with two VIOSes: '
        'each logs in, is read and is written'
    ),
    'NPIV: connector and first attach': (
        'a fibre channel volume over ports of the server, on a host with two '
        'VIOSes and two fabrics; WWPNs are reserved for it'
    ),
    'NFS: attach': (
        'a file, on a host whose management partition is the VIOS; its export '
        'is mounted for it'
    ),
    'RBD: attach': 'an image, on the same host; whether it exists is a job',
    'idle hour, 500 LPARs': (
        "Nova's periodic tasks with their default intervals; the event long "
        'poll is not counted'
    ),
}


def rows(quick: bool) -> list[report.Row]:
    """Measure everything.

    :param quick: leave out the run for the seconds
    """
    from tools.bench import hosted
    from tools.bench import iscsi
    from tools.bench import moves
    from tools.bench import npiv
    from tools.bench import operations
    from tools.bench import pools
    from tools.bench import volumes

    costs = operations.life(operations.COUNTING)
    costs |= operations.snapshots(operations.COUNTING)
    costs |= operations.clearing(operations.COUNTING)
    costs |= pools.pools(operations.COUNTING)
    costs |= moves.moves(operations.COUNTING)
    costs |= moves.pool_moves(operations.COUNTING)
    costs |= moves.volume_moves(operations.COUNTING)
    costs |= volumes.vscsi(operations.COUNTING)
    costs |= iscsi.iscsi(operations.COUNTING)
    costs |= npiv.npiv(operations.COUNTING)
    costs |= hosted.hosted(operations.COUNTING)
    costs |= operations.crowd(operations.COUNTING)
    if not quick:
        timed = operations.life(operations.TIMING)
        timed |= operations.snapshots(operations.TIMING)
        timed |= operations.clearing(operations.TIMING)
        timed |= pools.pools(operations.TIMING)
        timed |= moves.moves(operations.TIMING)
        timed |= moves.pool_moves(operations.TIMING)
        timed |= moves.volume_moves(operations.TIMING)
        timed |= volumes.vscsi(operations.TIMING)
        timed |= iscsi.iscsi(operations.TIMING)
        timed |= npiv.npiv(operations.TIMING)
        timed |= hosted.hosted(operations.TIMING)
        costs = operations.merged(costs, timed)
    return [
        report.Row(
            name,
            cost,
            *RETIRED.get(name, (None, None)),
            note=NOTES.get(name, ''),
        )
        for name, cost in costs.items()
    ]


def measure_streams() -> int:
    """Print how fast streams are; fail when one takes too much memory."""
    from tools.bench import streams

    status = 0
    print(f'load average {os.getloadavg()[0]:.1f}', flush=True)
    for speed in streams.measure():
        print(speed, flush=True)
        status |= not speed.within
    return status


def main() -> int:
    """Print the table; fail when a figure is out of reach."""
    parser = argparse.ArgumentParser(prog='bench', description=__doc__)
    parser.add_argument(
        '--json', type=pathlib.Path, metavar='FILE', help='write JSON, too'
    )
    parser.add_argument(
        '--rst', type=pathlib.Path, metavar='FILE', help='write the docs table'
    )
    parser.add_argument(
        '--quick', action='store_true', help='count only, take no times'
    )
    parser.add_argument(
        '--streams', action='store_true', help='measure streams only'
    )
    arguments = parser.parse_args()
    monkey_patch.patch(backend='threading')
    logging.disable(logging.WARNING)
    if arguments.streams:
        return measure_streams()
    found = rows(arguments.quick)
    print(report.as_text(found))
    if arguments.json:
        data = [row.to_dict() for row in found]
        arguments.json.write_text(json.dumps(data, indent=2) + '\n')
    if arguments.rst:
        arguments.rst.write_text(report.as_rst(found) + '\n')
    return 0 if all(row.within for row in found) else 1


if __name__ == '__main__':
    sys.exit(main())
