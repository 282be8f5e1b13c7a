# SPDX-License-Identifier: Apache-2.0
"""What all tasks of the driver have in common."""

import inspect
from typing import Any

from oslo_log import log as logging
from taskflow import task
from taskflow.types import failure

from nova_powervm.virt.powervm import runtime

LOG = logging.getLogger(__name__)


class PowerVMTask(task.Task):
    """A step of a flow, working on the collaborators of one host.

    Subclasses implement ``execute`` and, when they change something,
    ``undo``. The arguments of ``execute`` are the keys that the task
    requires; ``undo`` gets the same ones.

    Reverts: by ``undo``, which is shielded so that one failure never keeps
    the reverts of other tasks from running.
    """

    def __init__(
        self, host: runtime.Runtime, name: str | None = None, **kwargs: Any
    ) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param name: name in the flow; default is the name of the class
        :param kwargs: passed to taskflow
        """
        self.host = host
        requires = list(inspect.signature(self.execute).parameters)
        super().__init__(
            name=name or type(self).__name__, requires=requires, **kwargs
        )

    def revert(self, *args: Any, **kwargs: Any) -> None:
        """Undo the task; never raises."""
        result = kwargs.pop('result', None)
        kwargs.pop('flow_failures', None)
        made = None if isinstance(result, failure.Failure) else result
        try:
            self.undo(made, **kwargs)
        except Exception:
            # Whatever goes wrong here, the other tasks still have to clean
            # up; destroy comes back for what is left.
            LOG.exception(
                'Could not undo %s', self.name, instance=kwargs.get('instance')
            )

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Take back what ``execute`` did.

        :param made: what ``execute`` returned, or None when it failed. It
            may have taken effect all the same, so look for the effect.
        :param kwargs: the arguments that ``execute`` got
        """
