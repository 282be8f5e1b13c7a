# SPDX-License-Identifier: Apache-2.0
"""What the management partition of a system sees below its /."""
