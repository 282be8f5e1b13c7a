# SPDX-License-Identifier: Apache-2.0
"""One declaration for each REST type, after the recorded replies."""
