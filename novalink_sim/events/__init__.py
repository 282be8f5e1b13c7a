# SPDX-License-Identifier: Apache-2.0
"""Event queues and the long poll."""
