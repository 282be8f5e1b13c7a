# SPDX-License-Identifier: Apache-2.0
"""Tests through the real Nova services, in one process.

Nova decides about threads when it is first imported: this package makes
sure that the decision is native threads, as in production.
"""

import gc
import logging
import os
import pathlib
import unittest

import testscenarios

os.environ['OS_NOVA_DISABLE_EVENTLET_PATCHING'] = 'true'

from nova import monkey_patch

monkey_patch.patch()

# It reports at the very end of a test, when nobody captures logs any more.
logging.getLogger('nova.thread_pool_factory').setLevel(logging.WARNING)


def load_tests(
    loader: unittest.TestLoader, tests: unittest.TestSuite, pattern: str | None
) -> unittest.TestSuite:
    """Discover the tests, each scenario by itself; unittest calls this.

    So the workers share the scenarios of a test, which else go to one of them.
    """
    here = pathlib.Path(__file__).parent
    found = loader.discover(
        str(here), pattern or 'test*.py', top_level_dir=str(here.parents[2])
    )
    tests.addTests(testscenarios.generate_scenarios(found))
    _collect_seldom()
    return tests


def _collect_seldom() -> None:
    """Look for garbage less often, and never among what was imported.

    A tenth of the time of a test went there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
