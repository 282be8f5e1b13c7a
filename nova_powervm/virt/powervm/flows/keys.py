# SPDX-License-Identifier: Apache-2.0
"""Names of the data that travel between the tasks of a flow.

Tasks take these as arguments of ``execute``, so each value is also the name
of an argument.
"""

# What the caller puts into the store.
CONTEXT = 'context'
INSTANCE = 'instance'
IMAGE_META = 'image_meta'
INJECTED_FILES = 'injected_files'
ADMIN_PASSWORD = 'admin_password'
NETWORK_INFO = 'network_info'
BLOCK_DEVICES = 'block_device_info'
NEW_FLAVOR = 'new_flavor'
IMAGE_ID = 'image_id'
UPDATE_TASK_STATE = 'update_task_state'

# What tasks provide.
SPEC = 'spec'
LPAR = 'lpar'
IMAGE = 'image'
DISKS = 'disks'
MANAGEMENT_VIF = 'management_vif'
MEDIA_REPOSITORY = 'media_repository'
CONFIG_MEDIA = 'config_media'
MAPPED = 'mapped'
LOCATED = 'located'
OWN_DISKS = 'own_disks'
STAND_INS = 'stand_ins'
INSTALL_IMAGE = 'install_image'
INSTALL_MEDIA = 'install_media'
VOLUMES = 'volumes'
FOUND_VOLUMES = 'found_volumes'
MAPPINGS = 'mappings'
MAPPED_VOLUMES = 'mapped_volumes'
ADAPTERS = 'adapters'
EXCHANGE = 'exchange'
BEFORE = 'before'
PARCELS = 'parcels'
FOUND = 'found'
BOOT_DISK = 'boot_disk'
BOOT_STORAGE = 'boot_storage'
READABLE = 'readable'
WAS_RUNNING = 'was_running'
NETBOOT = 'netboot'
