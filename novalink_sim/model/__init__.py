# SPDX-License-Identifier: Apache-2.0
"""The platform as plain objects: no XML, no HTTP."""
