# SPDX-License-Identifier: Apache-2.0
"""Typed topologies, their YAML form and presets."""
