# SPDX-License-Identifier: Apache-2.0
"""Events of what a user asked for: how the driver went about it."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

from nova import exception as nova_exc
from nova import objects
from nova.compute import utils as compute_utils
from oslo_log import log as logging

LOG = logging.getLogger(__name__)


@contextlib.contextmanager
def event(
    context: Any, instance: objects.Instance, host: str, name: str
) -> Iterator[None]:
    """Let an event of the instance's current action last as long as a block.

    The user finds it with those of Nova itself: ``openstack server event
    show``. Work that no user asked for has no action, and gets no event.
    Whether it could be told changes nothing for the block.

    :param context: of the request
    :param host: where it happens
    :param name: of the event; 'powervm_' is put before it
    """
    reporter = compute_utils.EventReporter(
        context, f'powervm_{name}', host, instance.uuid
    )
    begun = _told(instance, name, reporter.__enter__)
    try:
        yield
    finally:
        if begun:
            # What it returns would hide the failure of the block.
            _told(instance, name, reporter.__exit__, *sys.exc_info())


def _told(
    instance: objects.Instance,
    name: str,
    tell: Callable[..., Any],
    *args: Any,
) -> bool:
    """Tell Nova of an event; return whether that worked."""
    try:
        tell(*args)
    except nova_exc.InstanceActionNotFound:
        LOG.debug('No action to tell of %s', name, instance=instance)
    except Exception as exc:
        # Of the database or of RPC: the server is what counts.
        LOG.warning('Nova is not told of %s: %s', name, exc, instance=instance)
    else:
        return True
    return False
