# SPDX-License-Identifier: Apache-2.0
"""nova-powervm-status: is this host ready for this release?"""

import sys
from typing import Any

import nova.conf
from nova import exception
from oslo_upgradecheck import upgradecheck

from nova_powervm.conf import powervm
from nova_powervm.virt.powervm import settings

CONF = nova.conf.CONF
COMPUTE_DRIVER = 'powervm_ext.driver.PowerVMDriver'


class Checks(upgradecheck.UpgradeCommands):
    """What to look at before nova-compute is started with a new release."""

    def check_compute_driver(self) -> upgradecheck.Result:
        """Nova is configured with this driver."""
        if CONF.compute_driver == COMPUTE_DRIVER:
            return upgradecheck.Result(upgradecheck.Code.SUCCESS)
        return upgradecheck.Result(
            upgradecheck.Code.FAILURE,
            f'compute_driver is {CONF.compute_driver}; set {COMPUTE_DRIVER}',
        )

    def check_settings(self) -> upgradecheck.Result:
        """The service can start with what nova.conf says."""
        try:
            settings.HostSettings.from_conf(CONF.host)
        except exception.InvalidConfiguration as exc:
            return upgradecheck.Result(upgradecheck.Code.FAILURE, str(exc))
        return upgradecheck.Result(upgradecheck.Code.SUCCESS)

    def check_dropped_options(self) -> upgradecheck.Result:
        """Nothing is set that has no effect any more."""
        found = [
            option.name
            for option in powervm.DROPPED_OPTS
            if getattr(CONF.powervm, option.dest) is not None
        ]
        if not found:
            return upgradecheck.Result(upgradecheck.Code.SUCCESS)
        return upgradecheck.Result(
            upgradecheck.Code.WARNING,
            f'remove from [powervm], without effect: {", ".join(found)}',
        )

    _upgrade_checks = (
        ('Compute driver', check_compute_driver),
        ('Settings', check_settings),
        ('Dropped options', check_dropped_options),
    )


def main(arguments: list[str] | None = None) -> Any:
    """Run ``nova-powervm-status upgrade check``; return the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    return upgradecheck.main(
        CONF, project='nova', upgrade_command=Checks(), argv=words
    )


if __name__ == '__main__':
    sys.exit(main())
