# SPDX-License-Identifier: Apache-2.0
"""From a topology to the storage of the network.

It is there before the systems, whose management partitions are its clients.
"""

import shutil
from pathlib import Path

from novalink_sim.hostroot import ceph
from novalink_sim.hostroot import mounting
from novalink_sim.model import remote
from novalink_sim.model import system as systems
from novalink_sim.topology import remote_spec
from novalink_sim.topology import spec

DIRECTORY = 'remote'


def build(wanted: spec.TopologySpec, root: Path) -> remote.RemoteStorage:
    """Return the storage; files of an earlier one are gone.

    :param root: directory of the simulator
    :raises ValueError: for names that cannot be
    """
    directory = root / DIRECTORY
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=0o700)
    made = remote.RemoteStorage(directory)
    for wish in wanted.shares:
        share = made.add_share(remote.Share(wish.source, wish.kind))
        for file in wish.files:
            size = remote.gigabytes(file.size_gb)
            remote.set_size(share.file(file.name), size)
    for cluster in wanted.ceph:
        made.add_cluster(_cluster(cluster))
    made.note_shares()
    return made


def _cluster(wanted: remote_spec.CephSpec) -> remote.CephCluster:
    return remote.CephCluster(
        wanted.name,
        wanted.monitors,
        [
            remote.CephPool(
                pool.name,
                [
                    remote.CephImage(
                        image.name, remote.gigabytes(image.size_gb)
                    )
                    for image in pool.images
                ],
            )
            for pool in wanted.pools
        ],
        [remote.CephUser(user.name, user.pools) for user in wanted.users],
    )


def prepare(model: systems.ManagedSystem, wanted: spec.TopologySpec) -> None:
    """Let a management partition be the client that the topology names."""
    model.mounts = [
        mounting.Mount(share.source, mount.at.strip('/'), share.type)
        for share in wanted.shares
        for mount in share.mounts
        if mount.system == model.name
    ]
    for cluster in wanted.ceph:
        made = model.remote.cluster(cluster.name)
        if model.name in cluster.systems:
            ceph.write_config(model.hostroot, made.fsid, made.monitors)
        for wish in cluster.users:
            user = made.user(wish.name)
            if user is not None and model.name in wish.systems:
                key = made.key_of(user)
                ceph.write_key(model.hostroot, user.name, key)
