# SPDX-License-Identifier: Apache-2.0
"""The simulator against replies that were recorded from real platforms."""
