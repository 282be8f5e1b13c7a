# SPDX-License-Identifier: Apache-2.0
"""Functional tests of the simulator with the real client."""
