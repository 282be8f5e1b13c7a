# SPDX-License-Identifier: Apache-2.0
"""Clean virtual environments with nova and the driver, installed either way.

The dependencies are those of the running Python environment: links to them
lie in one directory, and each new environment has it at the end of its path.
Neither nova nor the driver is among them.
"""

import importlib.metadata
import pathlib
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
from collections.abc import Iterable

ROOT = pathlib.Path(__file__).resolve().parents[3]
# What belongs to nova, to this project, or to the site itself.
_LEFT_OUT = re.compile(
    r'(nova|nova_powervm|novalink_sim)$|nova(_powervm)?-[^/]*\.dist-info$'
    r'|__editable__|.*\.pth$|.*\.egg-link$'
)


def run(*command: str | pathlib.Path, cwd: pathlib.Path | None = None) -> str:
    """Run a command; return what it prints.

    :raises RuntimeError: it failed; the text is its output
    """
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f'{command}:\n{done.stdout}\n{done.stderr}')
    return done.stdout


def pip(*arguments: str | pathlib.Path) -> str:
    """Run pip; builds use the setuptools and pbr that are installed here."""
    return run(sys.executable, '-m', 'pip', '-q', *arguments)


class Factory:
    """Builds the wheels and the sources once, then environments of them."""

    def __init__(self, work: pathlib.Path) -> None:
        self._work = work
        self.driver_source = self._checkout()
        self.driver_wheel = self._build_wheel()
        self.nova_wheel, self.nova_source = self._get_nova()

    def _checkout(self) -> pathlib.Path:
        # A copy of what git knows, so that builds leave the tree alone.
        target = self._work / 'driver'
        run('git', 'init', '-q', target)
        names = run(
            'git', '-C', ROOT, 'ls-files', '-z', '-co', '--exclude-standard'
        )
        for name in filter(None, names.split('\0')):
            if (ROOT / name).is_file():
                copy = target / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes((ROOT / name).read_bytes())
        return target

    def _build_wheel(self) -> pathlib.Path:
        wheels = self._work / 'wheels'
        options = ('--no-deps', '--no-build-isolation', '-w', wheels)
        pip('wheel', *options, self.driver_source)
        return next(wheels.glob('nova_powervm-*.whl'))

    def _get_nova(self) -> tuple[pathlib.Path, pathlib.Path]:
        wanted = f'nova=={importlib.metadata.version("nova")}'
        options = ('--no-deps', '--no-build-isolation', '-d', self._work)
        pip('download', *options, '--only-binary', 'nova', wanted)
        pip('download', *options, '--no-binary', 'nova', wanted)
        archive = next(self._work.glob('nova-*.tar.gz'))
        with tarfile.open(archive) as tar:
            tar.extractall(self._work, filter='data')
        source = self._work / archive.name.removesuffix('.tar.gz')
        return next(self._work.glob('nova-*.whl')), source

    def _dependencies(self, without: Iterable[str]) -> pathlib.Path:
        left_out = tuple(without)
        name = '-'.join(('dependencies', *left_out))
        directory = self._work / name
        if not directory.exists():
            directory.mkdir()
            site = pathlib.Path(sysconfig.get_paths()['purelib'])
            for entry in site.iterdir():
                if not _LEFT_OUT.match(entry.name) and not (
                    left_out and entry.name.startswith(left_out)
                ):
                    (directory / entry.name).symlink_to(entry)
        return directory

    def create(
        self, name: str, packages: Iterable[str], without: Iterable[str] = ()
    ) -> pathlib.Path:
        """Make a virtual environment; return its Python.

        :param name: its directory
        :param packages: `nova` or `driver`, and `wheel` or `editable`
        :param without: top-level names of dependencies that are left out
        """
        target = self._work / name
        venv.create(target, symlinks=True)
        python = target / 'bin' / 'python'
        site = next((target / 'lib').glob('python*/site-packages'))
        dependencies = self._dependencies(without)
        (site / 'zz-dependencies.pth').write_text(f'{dependencies}\n')
        choices: dict[str, tuple[str | pathlib.Path, ...]] = {
            'nova wheel': (self.nova_wheel,),
            'nova editable': ('-e', self.nova_source),
            'driver wheel': (self.driver_wheel,),
            'driver editable': ('-e', self.driver_source),
        }
        for package in packages:
            options = ('--no-deps', '--no-build-isolation')
            pip('--python', python, 'install', *options, *choices[package])
        return python
