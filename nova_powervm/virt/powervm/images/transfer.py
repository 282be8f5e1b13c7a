# SPDX-License-Identifier: Apache-2.0
"""Disks on their way from one host to another, through Glance.

The sender makes a private image of a disk, in the format of ``frames.py``; the
receiver writes it to a disk of its own and deletes it. Nothing listens on any
host, and it is Nova's usual connection that carries the bytes.
"""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Self

from nova import exception
from nova.image import glance
from oslo_log import log as logging
from oslo_utils import uuidutils

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.images import frames
from nova_powervm.virt.powervm.images import reader
from nova_powervm.virt.powervm.images import stream
from nova_powervm.virt.powervm.images import upload

LOG = logging.getLogger(__name__)

PROPERTY = 'powervm_transfer_of'
"""Property of the images that has the uuid of the instance."""


class TransferFailed(errors.PlatformError):
    """A disk did not get to Glance, or not from there; the text says why."""


@dataclasses.dataclass(frozen=True)
class TransferRef:
    """A disk that waits to be received.

    :param image_id: of the image that has its content
    :param size_bytes: of the disk
    """

    image_id: str
    size_bytes: int

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values, for the other host."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Take it over from the other host.

        :raises TransferFailed: it is not to be understood
        """
        try:
            return cls(str(data['image_id']), int(data['size_bytes']))
        except (ArithmeticError, KeyError, TypeError, ValueError) as exc:
            raise TransferFailed(
                f'the other host names a disk on its way by {data!r}'
            ) from exc


def _no_tell(done: int, size: int) -> None:
    """Nobody wants to know."""


def send(
    context: Any,
    instance: Any,
    name: str,
    disk: BinaryIO,
    size: int,
    tell: frames.Tell = _no_tell,
) -> TransferRef:
    """Put the content of a disk into a private image of its own.

    Runs of zeros are left out, a few megabytes are held in memory, and a
    failure leaves no image.

    :param context: the request context; the image belongs to its project
    :param instance: whose disk it is
    :param name: what the instance uses it for, for people
    :param disk: open for reading; nobody writes to it meanwhile
    :param size: how many bytes it has
    :param tell: told of the progress; what it raises ends the transfer
    :raises TransferFailed: the disk cannot be read, or Glance did not take it
    :raises nova.exception.NovaException: as Glance's client or ``tell`` has it
    """
    # An id of our own: when the answer is lost, Nova asks for the image once
    # more, and the first one would be left behind.
    ref = TransferRef(uuidutils.generate_uuid(), size)
    pieces = reader.PieceReader(frames.encode(disk, size, tell))
    try:
        glance.API().create(context, _meta(instance, name, ref))
        found = glance.API().update(context, ref.image_id, {}, data=pieces)
        _check_arrival(found, pieces)
    except Exception as exc:
        # Of Glance's client, of the disk, or of whoever is told.
        discard(context, ref)
        raise _failure(
            f'disk {name} was not sent', pieces.error or exc
        ) from exc
    LOG.info(
        'Disk %s waits in image %s', name, ref.image_id, instance=instance
    )
    return ref


def _check_arrival(found: Mapping[str, Any], pieces: Any) -> None:
    """See that Glance has all of it, and not the rest of a second attempt.

    :raises TransferFailed: it has something else
    """
    sent = pieces.fetched - pieces.held
    if found.get('size') != sent:
        raise TransferFailed(
            f'the image service has {found.get("size")} of {sent} bytes'
        )


def opener(context: Any, ref: TransferRef) -> upload.Opener:
    """Return what starts the content of a disk from the beginning.

    For ``DiskAdapter.fill``. Iterating over the content fails at its end when
    it is not what was sent, be it with Glance's own checksum or with ours.

    :param context: the request context
    :param ref: the disk
    """

    @contextlib.contextmanager
    def opened() -> Iterator[Iterator[bytes]]:
        # What is in it is for nobody but us, so it need not look like a disk.
        source = stream.GlanceStream.for_image(
            context, ref.image_id, inspect=False
        )
        with source.open() as chunks:
            yield frames.decode(chunks, ref.size_bytes)

    return opened


def discard(context: Any, ref: TransferRef) -> bool:
    """Delete the image of a disk; tell whether it is gone.

    A failure is only logged: the disk is where it belongs already.
    """
    try:
        glance.API().delete(context, ref.image_id)
    except exception.ImageNotFound:
        LOG.debug('Image %s is gone already', ref.image_id)
    except Exception as exc:
        # Whatever it is, the operation that is over must not fail by it.
        LOG.warning(
            'Image %s, which held a disk on its way to another host, could '
            'not be deleted; if the server goes before that succeeds, delete '
            'it by hand: %s',
            ref.image_id,
            exc,
        )
        return False
    return True


def _meta(instance: Any, name: str, ref: TransferRef) -> dict[str, Any]:
    return {
        'id': ref.image_id,
        'name': f'powervm-transfer-{instance.uuid}-{name}',
        'visibility': 'private',
        'disk_format': 'raw',
        'container_format': 'bare',
        'properties': {PROPERTY: instance.uuid},
    }


def _failure(what: str, cause: BaseException) -> BaseException:
    if isinstance(cause, exception.NovaException | errors.PlatformError):
        return cause
    if isinstance(cause, OSError):
        return TransferFailed(f'{what}: {cause}')
    return TransferFailed(f'{what}: {type(cause).__name__}: {cause}')
