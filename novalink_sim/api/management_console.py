# SPDX-License-Identifier: Apache-2.0
"""ManagementConsole: exactly one."""

from collections.abc import Sequence
from typing import Any

from novalink_sim.http.resource import Resource
from novalink_sim.model.console import ManagementConsole
from novalink_sim.wire.document import Document
from novalink_sim.wire.fields import Groups
from novalink_sim.wire.types.management_console import MANAGEMENT_CONSOLE


class ManagementConsoleResource(Resource):
    """NovaLink itself."""

    name = 'ManagementConsole'
    decl = MANAGEMENT_CONSOLE

    def list(self, system: Any, parent: Any) -> Sequence[ManagementConsole]:
        return [system.console]

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)

    def update(
        self, system: Any, obj: Any, doc: Document, groups: Groups
    ) -> ManagementConsole:
        """Append the keys that the console does not trust yet."""
        console: ManagementConsole = obj
        for key in doc.items('AuthorizedKeys/AuthorizedKey'):
            text = key.text.strip()
            if text and text not in console.authorized_keys:
                console.authorized_keys.append(text)
        return console
