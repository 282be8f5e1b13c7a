# SPDX-License-Identifier: Apache-2.0
"""Tests through the real Nova services, in one process.

Nova decides about threads when it is first imported: this package makes
sure that the decision is native threads, as in production.
"""

import os

os.environ['OS_NOVA_DISABLE_EVENTLET_PATCHING'] = 'true'

from nova import monkey_patch

monkey_patch.patch()
