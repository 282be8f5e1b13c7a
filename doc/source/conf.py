# SPDX-License-Identifier: Apache-2.0
"""How the documentation is built: tox -e docs."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / 'ext'))

project = 'nova-powervm'
copyright = 'the nova-powervm developers'

extensions = [
    'extra_specs',
    'flows',
    'openstackdocstheme',
    'oslo_config.sphinxconfiggen',
    'oslo_config.sphinxext',
    'properties',
    'sphinx_feature_classification.support_matrix',
]

root_doc = 'index'
exclude_patterns: list[str] = []
pygments_style = 'native'

html_theme = 'openstackdocs'
html_static_path: list[str] = []
openstackdocs_auto_name = False
openstackdocs_auto_version = False
openstackdocs_bug_project = 'nova-powervm'

config_generator_config_file = [
    ('config-generator.conf', '_static/nova-powervm'),
]
