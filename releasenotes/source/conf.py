# SPDX-License-Identifier: Apache-2.0
"""How the release notes are built: tox -e releasenotes."""

project = 'nova-powervm release notes'
copyright = 'the nova-powervm developers'

extensions = ['openstackdocstheme', 'reno.sphinxext']

root_doc = 'index'
pygments_style = 'native'
html_theme = 'openstackdocs'
openstackdocs_auto_name = False
openstackdocs_auto_version = False
