# SPDX-License-Identifier: Apache-2.0
"""The table of operations, made of the tests that ran."""
