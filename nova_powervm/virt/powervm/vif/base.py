# SPDX-License-Identifier: Apache-2.0
"""What a kind of VIF has to offer."""

import abc
import dataclasses
from typing import Any, ClassVar


@dataclasses.dataclass(frozen=True)
class AdapterInfo:
    """A virtual adapter of a partition, as the platform has it.

    :ivar mac: MAC address as Nova writes it
    :ivar slot: virtual slot number in the partition
    :ivar href: URI of the adapter
    :ivar created: False if it was there already
    """

    mac: str
    slot: int
    href: str
    created: bool


@dataclasses.dataclass(frozen=True)
class KeptAdapter:
    """An adapter of which only the MAC address was noted."""

    mac: str


class VifDriver(abc.ABC):
    """Plugs and unplugs VIFs of one type."""

    vif_type: ClassVar[str]

    @abc.abstractmethod
    def check(self, vif: Any) -> None:
        """See that a VIF has what it takes, without any request.

        :param vif: nova.network.model.VIF
        :raises nova.exception.VirtualInterfacePlugException: if not
        """

    @abc.abstractmethod
    def plug(
        self, lpar_uuid: str, vif: Any, *, new: bool, slot: int | None = None
    ) -> AdapterInfo:
        """Make the adapter, unless the partition has it.

        :param lpar_uuid: the partition
        :param vif: nova.network.model.VIF
        :param new: the partition was just created, so it has no adapters
        :param slot: where it goes; None leaves that to the platform
        :raises nova.exception.VirtualInterfacePlugException: see check
        :raises PlatformError: if the platform refuses or fails
        """

    @abc.abstractmethod
    def unplug(self, lpar_uuid: str, vif: Any, *, with_lpar: bool) -> bool:
        """Remove the adapter if it is there.

        :param lpar_uuid: the partition, which may be gone
        :param vif: nova.network.model.VIF
        :param with_lpar: the partition goes next and takes its adapters
            along, so that only others have to be told
        :returns: whether there was something to remove; True when it was
            not looked for
        :raises PlatformError: if the platform refuses or fails
        """
