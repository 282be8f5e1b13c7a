# SPDX-License-Identifier: Apache-2.0
"""How a batch of intents is carried out on one object.

A plan is one intent in the hands of a worker. It changes the object that the
worker read, and tells the result from the object that the platform returned.
It may be applied again to an object that was read later, and recognises by
then what it did before (a request without a reply).
"""

import abc
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from pypowervm import const as pvm_const

MAPPINGS: Final = frozenset({pvm_const.XAG.VIO_SMAP})
"""The part of a VIOS with its SCSI mappings."""
STORAGE: Final = frozenset({pvm_const.XAG.VIO_STOR})
"""The part of a VIOS with its physical volumes."""

I = TypeVar('I')  # noqa: E741


class Later(Exception):
    """This change needs the outcome of others of its batch.

    Raised by ``Plan.apply``; the change is tried again with what the platform
    returns after those.
    """


class Plan(abc.ABC, Generic[I]):
    """One intent, and what is known of its fate.

    :param intent: what to do
    """

    def __init__(self, intent: I) -> None:
        self.intent = intent
        self.groups: frozenset[str] = MAPPINGS
        """Which parts of a VIOS it takes; says nothing of other objects."""
        self.lpar_exists: Callable[[str], bool] = lambda _uuid: False
        """Whether a partition of that uuid is known to exist."""
        self.freed: list[Any] = []
        """Storage that other changes of the same write unmap."""
        self.sent = False
        """Whether a request with this change may have taken effect."""

    @abc.abstractmethod
    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Change the object in memory; all of it or nothing.

        :param adapter: pypowervm's adapter
        :param wrapper: the object, as read
        :returns: whether there was something to change
        :raises errors.PlatformError: it cannot be done
        :raises Later: it cannot be done together with what is in the object
            already but not on the platform
        """

    @abc.abstractmethod
    def result(self, wrapper: Any) -> Any:
        """Tell the result of the intent.

        :param wrapper: the object as the platform returned it
        :raises errors.PlatformError: the platform did not do it
        """
