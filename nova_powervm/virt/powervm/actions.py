# SPDX-License-Identifier: Apache-2.0
"""Events of what a user asked for: how the driver went about it."""

import contextlib
from collections.abc import Iterator
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

    :param context: of the request
    :param host: where it happens
    :param name: of the event; 'powervm_' is put before it
    """
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(
                compute_utils.EventReporter(
                    context,
                    f'powervm_{name}',
                    host,
                    instance.uuid,
                    graceful_exit=True,
                )
            )
        except nova_exc.InstanceActionNotFound:
            LOG.debug('No action to tell of %s', name, instance=instance)
        yield
