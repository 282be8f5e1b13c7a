# SPDX-License-Identifier: Apache-2.0
"""Access to the NovaLink REST API: the only place that waits for it."""
