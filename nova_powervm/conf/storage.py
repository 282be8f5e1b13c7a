# SPDX-License-Identifier: Apache-2.0
"""Options of the ``[powervm]`` group about disks, media and volumes."""

from nova.conf import paths
from oslo_config import cfg
from oslo_config import types

_DIRECTORY = r'^(/(?!\.{1,2}(/|$))[^/\s]+)+$'

storage_opts = [
    cfg.StrOpt(
        'disk_driver',
        choices=[
            ('localdisk', 'Disks in a volume group of a Virtual I/O Server.'),
            ('ssp', 'Disks in a shared storage pool.'),
        ],
        ignore_case=True,
        default='localdisk',
        help="""
Where the disks of servers that are booted from an image are kept.
""",
    ),
    cfg.StrOpt(
        'volume_group_name',
        default='',
        help="""
Volume group for disks of servers and cached images with
``disk_driver = localdisk``.

Not needed when the Virtual I/O Servers have exactly one volume group beside
``rootvg``; ``rootvg`` itself is refused. When several Virtual I/O Servers have
a group of that name, write the name of the server before it:
``vios1/datavg``.
""",
    ),
    cfg.BoolOpt(
        'snapshot_stops_server',
        default=False,
        help="""
Stop a server for the time of its snapshot, and start it again afterwards?

By default a server goes on while its disk is copied. The image then has what
the disk would have after a sudden loss of power: file systems recover from
that, but what the operating system had not written yet is missing. A server
that is stopped is asked to shut down first, as by a stop through the API, and
is away until all of its disk has been copied; its image is complete.

Some Virtual I/O Servers do not let the management partition have a disk that a
server has. There a snapshot of a server that runs is possible with this option
only.
""",
    ),
    cfg.StrOpt(
        'volume_clear',
        choices=[
            ('zero', 'Overwrite them with zeros.'),
            ('none', 'Just delete them.'),
        ],
        ignore_case=True,
        default='zero',
        help="""
What to do with disks of servers and cached images before they are deleted.

A Virtual I/O Server gives out the space of a deleted logical volume as it is:
a blank disk, or the part of a disk that its image does not fill, would show
what an earlier server has written. With ``zero`` deleted disks are overwritten
in the background, and deleted then. Until then their space counts as used.
Disks in directories of files (``QCOW VG``) never show old bytes and are
deleted at once.

In a shared storage pool thin disks show zeros where nothing was written. With
``ssp_thin_disks = false`` blank disks are overwritten before they are used,
and those that are larger than what they are cloned from are thin all the same.
Use ``none`` where the pool clears thick disks by itself: all of them are thick
then, and nothing is overwritten.
""",
    ),
    cfg.IntOpt(
        'volume_clear_rate',
        default=100,
        min=0,
        help="""
How fast disks are overwritten with ``volume_clear = zero``, in MB in a second;
0 means as fast as possible.

It does not count while a server waits for the space.
""",
    ),
    cfg.BoolOpt(
        'volume_clear_free_space',
        default=True,
        help="""
With ``volume_clear = zero``, overwrite free space of which the driver does not
know that it is clean?

That is all of the free space when the driver uses a volume group for the
first time, when somebody has deleted a disk there by hand, when the group has
got more space, and after a time with ``volume_clear = none``. It is taken into
disks that are overwritten one after the other; their space is given out then,
so that the host has little room at first. Switch it off if you see to clean
space yourself, for example with new volumes of a storage system that hands out
zeros.
""",
    ),
    cfg.StrOpt(
        'cluster_name',
        default='',
        help="""
Cluster whose shared storage pool is used with ``disk_driver = ssp``. Not
needed when the host belongs to exactly one cluster.
""",
    ),
    cfg.StrOpt(
        'ssp_tier_name',
        default='',
        help="""
Tier of the shared storage pool in which new disks and cached images are made,
with ``disk_driver = ssp``. By default the pool's default tier.

Disks that exist are found in whatever tier of the pool they are.
""",
    ),
    cfg.BoolOpt(
        'ssp_thin_disks',
        default=True,
        help="""
Make the disks of servers in a shared storage pool thin?

A thin disk takes what is written to it, so that a pool can promise more than
it has; a thick one takes all of its size at once. Cached images are always
thin, and so are disks whose end nobody could clear; see ``volume_clear``.
""",
    ),
    cfg.StrOpt(
        'vopt_media_volume_group',
        default='rootvg',
        help="""
Volume group in which the virtual media repository, which holds config drives
and ISO images, is created when no Virtual I/O Server has one.
""",
    ),
    cfg.IntOpt(
        'vopt_media_rep_size',
        default=1,
        min=1,
        help="""
Size in GB of the virtual media repository when the driver creates one.

1 GB holds hundreds of config drives. Each server that is installed from an ISO
image needs as much as that image. Repositories that are there keep their size:
make them larger with ``chrep`` on the Virtual I/O Server.
""",
    ),
    cfg.StrOpt(
        'image_meta_local_path',
        default='',
        help="""
Directory in which config drives are built before they are uploaded.

They hold user data and passwords: the directory must belong to the user of
nova-compute and must be closed to others (mode 0700), else the service does
not start. By default each one is built in a fresh private directory below the
temporary directory of the system.
""",
    ),
    cfg.BoolOpt(
        'remove_vopt_media_on_boot',
        default=False,
        help="""
Remove the config drive some time after the first start of a server?
""",
    ),
    cfg.IntOpt(
        'remove_vopt_media_time',
        default=60,
        min=0,
        help="""
Minutes after the start of a server until its config drive is removed. Used
only with ``remove_vopt_media_on_boot``.
""",
    ),
]

volume_opts = [
    cfg.StrOpt(
        'fc_attach_strategy',
        choices=[
            ('vscsi', 'The Virtual I/O Servers log in and map the volume.'),
            ('npiv', 'The server logs in through virtual FC ports.'),
        ],
        ignore_case=True,
        default='vscsi',
        help="""
How Fibre Channel volumes are attached to a server; it is read when
nova-compute starts. A volume that is attached stays as it is when this
changes, until Nova connects it anew: when the server is resized or goes to
another host, its volumes follow.
""",
    ),
    cfg.IntOpt(
        'vscsi_vios_connections_required',
        default=1,
        min=1,
        help="""
Number of Virtual I/O Servers that must map a Fibre Channel volume for the
attachment to succeed. Used with ``fc_attach_strategy = vscsi``.

All that reach the volume map it, however many are needed. With 2 a server
never gets a volume that goes away with one Virtual I/O Server, but none can be
attached either while one is down.
""",
    ),
    cfg.BoolOpt(
        'volume_use_multipath',
        default=False,
        help="""
Use all paths that the storage offers for iSCSI and iSER volumes?

Cinder is told, so that it names all portals, and each Virtual I/O Server logs
in to all of them. Otherwise it uses the first one that leads to the volume.
""",
    ),
    cfg.StrOpt(
        'iscsi_iface',
        default='default',
        help="""
Interface of the Virtual I/O Servers for iSCSI volumes, as their own commands
call it. Those of type iSER always use iser.
""",
    ),
    cfg.StrOpt(
        'rbd_user',
        default='',
        help="""
Ceph user that maps RBD volumes on the management partition, without
``client.``, for volumes with which Cinder names none.

Its key must be in ``/etc/ceph/ceph.client.<user>.keyring`` there. Without a
value NovaLink uses its own default, which is Ceph's: ``admin``.
""",
    ),
    cfg.StrOpt(
        'rbd_cluster_name',
        default='ceph',
        help="""
Name that Cinder has for the Ceph cluster of which the management partition is
a client (``rbd_cluster_name`` of its backend).

NovaLink uses the one cluster of ``/etc/ceph/ceph.conf`` on the management
partition, whatever its name. RBD volumes of a cluster with another name are
refused, because an image of the same name could be somebody else's there.
""",
    ),
    cfg.Opt(
        'nfs_mount_point_base',
        type=types.String(regex=_DIRECTORY),
        default=paths.state_path_def('mnt'),
        sample_default='$state_path/mnt',
        help="""
Directory of the management partition below which NFS exports with volumes are
mounted, each in a directory of its own.

It must belong to the user of nova-compute. An export that is mounted already,
here or elsewhere, is used as it is. What is mounted here is unmounted when the
last volume of its export is detached; other mounts never are.
""",
    ),
    cfg.StrOpt(
        'nfs_mount_options',
        default='',
        help="""
Options for mounts of NFS exports with volumes, as after ``mount -o``, for
example ``vers=4.2,nconnect=4``. Those that Cinder tells for an export follow
them, and ``nosuid,nodev,noexec`` come last in any case.
""",
    ),
]

npiv_opts = [
    cfg.IntOpt(
        'ports_per_fabric',
        default=1,
        min=1,
        help="""
Number of virtual Fibre Channel ports of a server in each fabric. Used with
``fc_attach_strategy = npiv``.

They are spread over the Virtual I/O Servers. A server keeps the number that it
had when its first volume was attached.
""",
    ),
    cfg.StrOpt(
        'fabrics',
        default='A',
        help="""
Names of the Fibre Channel fabrics, separated by commas. For each fabric X the
option ``fabric_X_port_wwpns`` names the physical ports that belong to it. Used
with ``fc_attach_strategy = npiv``.
""",
    ),
    cfg.BoolOpt(
        'npiv_prelogin',
        default=False,
        help="""
Log the virtual ports of a server in to their fabrics before Cinder is told
their WWPNs? Used with ``fc_attach_strategy = npiv``.

A port is logged in only while its server runs. Some storage, and some tools
that set zones, want to see a WWPN in the fabric before they show a volume to
it, so that the first volume of a server cannot be attached. With this option
the ports belong to the management partition until the server gets them. It
needs free virtual slots there, and a management partition that is no Virtual
I/O Server.
""",
    ),
]
