# SPDX-License-Identifier: Apache-2.0
"""Tests of the lints on TaskFlow tasks."""

import testtools

from tools.lint import tasks
from tools.tests.lint import samples


class RevertTest(testtools.TestCase):
    """P310, P311."""

    def _results(self, body: str) -> list[str]:
        text = (
            'class Create:\n'
            '    def revert(self, result, **kwargs):\n'
            f'        {body}\n'
        )
        return samples.codes(tasks.revert_result, samples.TASK, text)

    def test_arguments(self) -> None:
        """The engine may pass more than a revert asks for."""
        for arguments, count in (('lpar', 1), ('lpar, **kwargs', 0)):
            text = f'class A:\n    def revert(self, {arguments}): ...\n'
            found = samples.codes(tasks.revert_arguments, samples.TASK, text)
            self.assertEqual(['P310'] * count, found)

    def test_fields_of_a_result(self) -> None:
        """A Failure has none of them."""
        self.assertEqual(['P311'], self._results('delete(result.uuid)'))
        self.assertEqual(['P311'], self._results('delete(result[0])'))

    def test_guarded_fields(self) -> None:
        """Where the result is no Failure its fields are there."""
        body = 'name = None if isinstance(result, Failure) else result.name'
        self.assertEqual([], self._results(body))
        body = 'if not isinstance(result, Failure): delete(result.name)'
        self.assertEqual([], self._results(body))

    def test_fields_in_the_wrong_branch(self) -> None:
        """The guard the wrong way round helps nobody."""
        body = 'if isinstance(result, Failure): delete(result.name)'
        self.assertEqual(['P311'], self._results(body))

    def test_leaving_early(self) -> None:
        """After a return for a Failure the result is there."""
        body = (
            'if isinstance(result, Failure):\n'
            '            return\n'
            '        delete(result.name)'
        )
        self.assertEqual([], self._results(body))

    def test_undo(self) -> None:
        """It gets None for a Failure."""
        for body, count in (
            ('delete(made.name)', 1),
            ('if made is None: delete(made.name)', 1),
            ('if made: delete(made.name)', 0),
            ('delete(made.name if made is not None else None)', 0),
        ):
            text = f'class A:\n  def undo(self, made, **kwargs):\n    {body}\n'
            found = samples.codes(tasks.revert_result, samples.TASK, text)
            self.assertEqual(['P311'] * count, found, body)

    def test_key_instead_of_result(self) -> None:
        """Looking for the effect by its key needs no result."""
        self.assertEqual([], self._results('delete(name_of(instance))'))


class DocumentationTest(testtools.TestCase):
    """P312."""

    def _codes(self, docstring: str, path: str = samples.TASK) -> list[str]:
        text = (
            'class Create:\n'
            f'    """{docstring}"""\n'
            '    def execute(self): ...\n'
        )
        return samples.codes(tasks.task_documentation, path, text)

    def test_missing(self) -> None:
        """A task that is silent about its revert."""
        self.assertEqual(['P312'], self._codes('Creates it.'))

    def test_there(self) -> None:
        """Reverts: nothing, with a reason, is an answer too."""
        self.assertEqual([], self._codes('Reads. Reverts: nothing to undo.'))

    def test_elsewhere(self) -> None:
        """Other classes may execute what they like."""
        self.assertEqual([], self._codes('Runs.', 'nova_powervm/x.py'))
