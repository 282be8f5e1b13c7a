# SPDX-License-Identifier: Apache-2.0
"""The project's own lints; HACKING.rst lists them."""
