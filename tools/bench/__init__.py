# SPDX-License-Identifier: Apache-2.0
"""Counts what each driver operation costs on the wire."""
