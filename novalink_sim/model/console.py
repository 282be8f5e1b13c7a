# SPDX-License-Identifier: Apache-2.0
"""The management console: here, NovaLink itself."""

import dataclasses


@dataclasses.dataclass
class Mtms:
    """Machine type, model and serial number."""

    machine_type: str = '9009'
    model: str = '42A'
    serial: str = '7800000'

    @property
    def text(self) -> str:
        """The form that location codes start with."""
        return f'{self.machine_type}.{self.model}.{self.serial}'

    @property
    def dashed(self) -> str:
        """The form that people write."""
        return f'{self.machine_type}-{self.model}*{self.serial}'


@dataclasses.dataclass
class ManagementConsole:
    """NovaLink as a management console, with the keys it trusts."""

    uuid: str
    name: str
    public_key: str
    authorized_keys: list[str] = dataclasses.field(default_factory=list)
    version: str = '2.2.1'
