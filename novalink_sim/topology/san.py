# SPDX-License-Identifier: Apache-2.0
"""From the arrays of a topology to a SAN.

It is there before the systems, as shared storage pools are.
"""

import shutil
from pathlib import Path
from typing import Any

from novalink_sim.model import extents
from novalink_sim.model import ids
from novalink_sim.model import records
from novalink_sim.model import san
from novalink_sim.model import storage
from novalink_sim.topology import san_spec
from novalink_sim.topology import spec

DIRECTORY = 'san'


def build(wanted: spec.TopologySpec, root: Path) -> san.San:
    """Return the SAN of a topology; files of an earlier one are gone.

    :param root: directory of the simulator
    :raises ValueError: for a WWPN that is none
    """
    made = san.San(
        arrays=[_array(array) for array in wanted.arrays],
        zones=[
            san.Zone(zone.name, [san.normalize(m) for m in zone.members])
            for zone in wanted.zones
        ],
        directory=root / DIRECTORY,
    )
    shutil.rmtree(made.directory, ignore_errors=True)
    for array in wanted.arrays:
        for volume in array.volumes:
            size = round(volume.size_gb * storage.GIB)
            made.create(volume.name, size, array.name)
    return made


def _array(wanted: san_spec.ArraySpec) -> san.DiskArray:
    return san.DiskArray(
        wanted.name,
        wanted.vendor,
        wanted.product,
        [
            san.TargetPort(_wwpn(wanted, number), port.fabric)
            for number, port in enumerate(wanted.ports)
        ],
    )


def _wwpn(array: san_spec.ArraySpec, number: int) -> str:
    given = array.ports[number].wwpn
    if given is None:
        digits = ids.make_hex(5, 'array', array.name)
        # NAA 5, the IEEE id of IBM, the array, and the port.
        given = f'5005076801{number:01X}{digits}'
    return san.normalize(given)


def restore(state: Any, root: Path) -> san.San:
    """Return a SAN with the state of a dump; missing files are made.

    :raises ValueError: if the state does not fit
    """
    made = records.from_plain(san.San, state)
    assert isinstance(made, san.San)
    made.directory = root / DIRECTORY
    for volume in made.volumes:
        if not volume.naa.isalnum():
            raise ValueError(f'{volume.naa!r} is no NAA identifier')
        volume.san = made
        if not volume.file.exists():
            extents.create(volume.file, volume.size, dirty=False)
        elif volume.file.stat().st_size != volume.size:
            extents.resize(volume.file, volume.size, dirty=False)
    return made
