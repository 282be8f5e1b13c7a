# SPDX-License-Identifier: Apache-2.0
"""Reading the values of extra specs."""

import math
import re
from collections.abc import Mapping, Sequence

PREFIX = 'powervm:'
TRUE_WORDS = ('true', 't', 'yes', 'y')
FALSE_WORDS = ('false', 'f', 'no', 'n')


class FlavorError(ValueError):
    """A flavor, or an image, that no host can satisfy as it is.

    :ivar key: the extra spec or property at fault
    :ivar value: its value
    :ivar remedy: what to do about it
    :ivar source: what has it: flavor, or image
    """

    def __init__(
        self, key: str, value: object, remedy: str, source: str = 'flavor'
    ) -> None:
        super().__init__(
            f'{key}={value} of the {source} is not valid: {remedy}'
        )
        self.key = key
        self.value = value
        self.remedy = remedy
        self.source = source


class Specs:
    """The extra specs of one namespace, read by type."""

    def __init__(self, prefix: str, values: Mapping[str, str]) -> None:
        """Keep the values.

        :param prefix: the namespace, which error messages put in front
        :param values: the values by key, without the prefix
        """
        self._prefix = prefix
        self._values = dict(values)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def error(self, key: str, remedy: str) -> FlavorError:
        """Make the exception for a key that is set."""
        return FlavorError(self._prefix + key, self._values[key], remedy)

    def text(self, key: str) -> str | None:
        """Give the value as it is, or None if the key is not set.

        :raises FlavorError: if it is empty
        """
        value = self._values.get(key)
        if value is not None and not value.strip():
            raise self.error(key, 'it must not be empty')
        return value

    def integer(
        self, key: str, default: int, low: int, high: int | None = None
    ) -> int:
        """Give a whole number.

        :raises FlavorError: if it is none, or out of range
        """
        if key not in self._values:
            return default
        bounds = f'from {low} up' if high is None else f'{low} to {high}'
        try:
            value = int(self._values[key])
        except ValueError:
            raise self.error(key, f'use a whole number {bounds}') from None
        if value < low or (high is not None and value > high):
            raise self.error(key, f'use a whole number {bounds}')
        return value

    def decimal(
        self, key: str, default: float | None, low: float
    ) -> float | None:
        """Give a number in hundredths.

        :raises FlavorError: if it is none, or too small
        """
        if key not in self._values:
            return default
        remedy = f'use a number from {low} up'
        try:
            value = float(self._values[key])
        except ValueError:
            raise self.error(key, remedy) from None
        if not math.isfinite(value) or value < low:
            raise self.error(key, remedy)
        return round(value, 2)

    def boolean(self, key: str, default: bool) -> bool:
        """Give a truth value.

        :raises FlavorError: if it is not one of the words for it
        """
        if key not in self._values:
            return default
        word = self._values[key].strip().lower()
        if word not in TRUE_WORDS + FALSE_WORDS:
            raise self.error(key, 'use true or false')
        return word in TRUE_WORDS

    def choice(
        self, key: str, default: str | None, choices: Sequence[str]
    ) -> str | None:
        """Give one of some words.

        :raises FlavorError: if it is another one
        """
        value = self._values.get(key, default)
        if value is not None and value not in choices:
            raise self.error(key, f'use one of {", ".join(choices)}')
        return value

    def matching(
        self, key: str, default: str, pattern: str, meaning: str
    ) -> str:
        """Give a text of a certain form in ASCII, whatever its case.

        :raises FlavorError: if it has another form
        """
        value = self._values.get(key, default)
        flags = re.IGNORECASE | re.ASCII
        if re.fullmatch(pattern, value, flags) is None:
            raise self.error(key, f'use {meaning}')
        return value

    def ordered(
        self, stem: str, low: float, desired: float, high: float
    ) -> None:
        """Check minimum, desired value and maximum against each other.

        :param stem: what the keys of the two ends have after their prefix
        :raises FlavorError: naming the end that is on the wrong side
        """
        if low > desired:
            self._misplaced(f'min_{stem}', low, f'at most {desired}', stem)
        if high < desired:
            self._misplaced(f'max_{stem}', high, f'at least {desired}', stem)

    def _misplaced(
        self, key: str, value: float, range_: str, stem: str
    ) -> None:
        raise FlavorError(
            self._prefix + key,
            self._values.get(key, value),
            f'it must be {range_}, what the partition is to have ({stem})',
        )
