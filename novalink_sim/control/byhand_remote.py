# SPDX-License-Identifier: Apache-2.0
"""What happens by hand to the storage of the network.

Actions as those of :mod:`novalink_sim.control.byhand`. Sizes are in GB.
"""

from typing import Literal

from novalink_sim.hostroot import mounting
from novalink_sim.model import remote
from novalink_sim.model import system as systems

_System = systems.ManagedSystem


def create_share(model: _System, source: str, gpfs: bool = False) -> None:
    """Let there be an NFS export (host:/path) or a GPFS file system."""
    kind: Literal['nfs', 'gpfs'] = 'gpfs' if gpfs else 'nfs'
    model.remote.add_share(remote.Share(source, kind))


def set_share(model: _System, source: str, answers: bool) -> None:
    """Let the servers of a shared file system answer mounts, or not."""
    share = model.remote.share(source)
    share.answers = answers
    model.remote.note_shares()


def set_share_file(
    model: _System, source: str, file: str, size_gb: float
) -> None:
    """Make a file of a shared file system, or give it another size."""
    share = model.remote.share(source)
    remote.set_size(share.file(file), remote.gigabytes(size_gb))


def delete_share_file(model: _System, source: str, file: str) -> None:
    """Delete a file of a shared file system."""
    model.remote.share(source).file(file).unlink()


def mount_share(model: _System, source: str, at: str) -> None:
    """Mount a file system on the management partition of a system."""
    share = model.remote.share(source)
    place = _place(at)
    (model.hostroot / place).mkdir(parents=True, exist_ok=True)
    try:
        mounting.mount(
            model.hostroot, mounting.Mount(source, place, share.type)
        )
    except mounting.MountError as exc:
        raise ValueError(str(exc)) from None


def unmount_share(model: _System, at: str) -> None:
    """Unmount a file system of the management partition of a system."""
    try:
        mounting.unmount(model.hostroot, _place(at))
    except mounting.MountError as exc:
        raise ValueError(str(exc)) from None


def set_host_file(model: _System, path: str, size_gb: float) -> None:
    """Make a file of the management partition, or give it another size."""
    file = model.hostroot / _place(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    remote.set_size(file, remote.gigabytes(size_gb))


def _place(path: str) -> str:
    if not path.startswith('/') or '..' in path.split('/'):
        raise ValueError(f'{path!r} is no absolute path')
    return path.strip('/')


def _ceph_pool(model: _System, pool: str, ceph: str | None) -> remote.CephPool:
    found = model.remote.cluster(ceph).pool(pool)
    if found is None:
        raise ValueError(f'there is no Ceph pool {pool!r}')
    return found


def _ceph_image(
    model: _System, pool: str, image: str, ceph: str | None
) -> remote.CephImage:
    found = _ceph_pool(model, pool, ceph).find(image)
    if found is None:
        raise ValueError(f'there is no RBD image {pool}/{image}')
    return found


def set_image(
    model: _System,
    pool: str,
    image: str,
    size_gb: float,
    ceph: str | None = None,
) -> None:
    """Make an RBD image, or give it another size."""
    found = _ceph_pool(model, pool, ceph)
    there = found.find(image)
    size = remote.gigabytes(size_gb)
    if there is None:
        model.remote.add_image(found, image, size)
    else:
        model.remote.resize_image(there, size)


def delete_image(
    model: _System, pool: str, image: str, ceph: str | None = None
) -> None:
    """Delete an RBD image."""
    model.remote.remove_image(_ceph_image(model, pool, image, ceph))
