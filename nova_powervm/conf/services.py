# SPDX-License-Identifier: Apache-2.0
"""Options of the ``[powervm]`` group about NVRAM stores and consoles."""

from oslo_config import cfg

swift_opts = [
    cfg.StrOpt(
        'nvram_store',
        choices=[
            ('none', 'NVRAM is not stored.'),
            ('swift', 'NVRAM is stored in a Swift container.'),
        ],
        ignore_case=True,
        default='none',
        help="""
Where the NVRAM of servers is kept, so that they can be rebuilt on another
host.

It has no effect yet: the driver does not store NVRAM.
""",
    ),
    cfg.StrOpt(
        'swift_container',
        default='powervm_nvram',
        help="""
Swift container for the NVRAM of servers.

It has no effect yet: the driver does not store NVRAM.
""",
    ),
    cfg.StrOpt(
        'swift_username',
        default='powervm',
        help="""
User for access to Swift.

It has no effect yet: the driver does not store NVRAM.
""",
    ),
    cfg.StrOpt(
        'swift_user_domain_name',
        default='powervm',
        help="""
Domain of the user for access to Swift.

It has no effect yet: the driver does not store NVRAM.
""",
    ),
    cfg.StrOpt(
        'swift_password',
        secret=True,
        help="""
Password for access to Swift.

It has no effect yet: the driver does not store NVRAM.
""",
    ),
    cfg.StrOpt(
        'swift_project_name',
        default='powervm',
        help="""
Project that owns the Swift container.

It has no effect yet: the driver does not store NVRAM.
""",
    ),
    cfg.StrOpt(
        'swift_project_domain_name',
        default='powervm',
        help="""
Domain of the project that owns the Swift container.

It has no effect yet: the driver does not store NVRAM.
""",
    ),
    cfg.StrOpt(
        'swift_auth_version',
        default='3',
        help="""
Version of the Keystone API for access to Swift.

It has no effect yet: the driver does not store NVRAM.
""",
    ),
    cfg.StrOpt(
        'swift_auth_url',
        help="""
Keystone URL for access to Swift.

It has no effect yet: the driver does not store NVRAM.
""",
    ),
    cfg.StrOpt(
        'swift_cacert',
        help="""
File with the CA certificates (PEM) for access to Swift by TLS.

It has no effect yet: the driver does not store NVRAM.
""",
    ),
    cfg.StrOpt(
        'swift_endpoint_type',
        help="""
Interface of the Swift endpoint, for example internalURL.

It has no effect yet: the driver does not store NVRAM.
""",
    ),
]

vnc_opts = [
    cfg.BoolOpt(
        'vnc_use_x509_auth',
        default=False,
        help="""
Require X.509 certificates of whoever connects to the VNC console port of this
host? Needs the three following options.

It has no effect yet: the driver has no consoles.
""",
    ),
    cfg.StrOpt(
        'vnc_ca_certs',
        help="""
File with the CA certificates (PEM) that VNC clients are verified against.

It has no effect yet: the driver has no consoles.
""",
    ),
    cfg.StrOpt(
        'vnc_server_cert',
        help="""
File with the certificate (PEM) of the VNC console port.

It has no effect yet: the driver has no consoles.
""",
    ),
    cfg.StrOpt(
        'vnc_server_key',
        help="""
File with the private key (PEM) of the VNC console port.

It has no effect yet: the driver has no consoles.
""",
    ),
]
