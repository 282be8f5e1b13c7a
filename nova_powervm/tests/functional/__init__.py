# SPDX-License-Identifier: Apache-2.0
"""Tests through the real Nova services, in one process.

Nova decides about threads when it is first imported: this package makes
sure that the decision is native threads, as in production.
"""

import logging
import os

os.environ['OS_NOVA_DISABLE_EVENTLET_PATCHING'] = 'true'

from nova import monkey_patch

monkey_patch.patch()

# It reports at the very end of a test, when nobody captures logs any more.
logging.getLogger('nova.thread_pool_factory').setLevel(logging.WARNING)
