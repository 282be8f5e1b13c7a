# SPDX-License-Identifier: Apache-2.0
"""What the tests of tasks on storage have in common."""

import concurrent.futures
from typing import Any

import testtools

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.virt.powervm.vios import intents


class StorageTestCase(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.host = fake_host.make()
        self.host.transactions.submit = self.submit
        self.submitted: list[tuple[str, Any]] = []
        self.broken: dict[str, Exception] = {}
        self.results: dict[str, Any] = {}

    def submit(self, target: intents.ViosTarget, intent: Any) -> Any:
        self.submitted.append((target.uuid, intent))
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        if target.uuid in self.broken:
            future.set_exception(self.broken[target.uuid])
        else:
            default = intents.MappingResult(2, None, None, target.uuid)
            future.set_result(self.results.get(target.uuid, default))
        return future
