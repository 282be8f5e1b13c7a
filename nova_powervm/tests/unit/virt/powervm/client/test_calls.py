# SPDX-License-Identifier: Apache-2.0
import io
import threading
from typing import Any

import requests
import testtools
from pypowervm import adapter as pvm_adapter
from pypowervm import exceptions as pvm_exc

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import retry

BODY = """<entry xmlns="http://www.w3.org/2005/Atom"><id>1</id>
<content type="application/vnd.ibm.powervm.web+xml">
<HttpErrorResponse
 xmlns="http://www.ibm.com/xmlns/systems/power/firmware/web/mc/2012_10/">
<HTTPStatus>{status}</HTTPStatus><RequestURI>/x</RequestURI>
<ReasonCode>{reason}</ReasonCode><Message>{message}</Message>
</HttpErrorResponse></content></entry>"""


def http_error(
    status: int, message: str = '', reason: str = 'R', body: str | None = None
) -> Any:
    if body is None:
        body = BODY.format(status=status, reason=reason, message=message)
    reply = pvm_adapter.Response('GET', '/x', status, 'No', {}, body=body)
    return pvm_exc.HttpError(reply)


class TranslateTestCase(testtools.TestCase):
    def _translated(self, exc: Exception) -> Any:
        def fail() -> None:
            raise exc

        return self.assertRaises(errors.PlatformError, calls.call, fail)

    def test_gives_the_result(self) -> None:
        self.assertEqual(5, calls.call(lambda a, b: a + b, 2, b=3))

    def test_404_is_not_found(self) -> None:
        found = self._translated(http_error(404))
        self.assertIsInstance(found, errors.NotFound)

    def test_412_is_a_mismatch(self) -> None:
        found = self._translated(http_error(412))
        self.assertIsInstance(found, errors.EtagMismatch)

    def test_refusal_keeps_the_reason_and_the_words(self) -> None:
        found = self._translated(http_error(400, 'too large', 'SIZE'))
        self.assertIsInstance(found, errors.PlatformRefused)
        self.assertEqual('SIZE', found.reason)
        self.assertIn('too large', str(found))

    def test_401_says_access_denied(self) -> None:
        found = self._translated(http_error(401))
        self.assertIsInstance(found, errors.AccessDenied)

    def test_lost_connection(self) -> None:
        found = self._translated(pvm_exc.ConnectionError('gone'))
        self.assertIsInstance(found, errors.ConnectionLost)

    def test_timeout_is_a_lost_connection(self) -> None:
        found = self._translated(pvm_exc.TimeoutError('slow'))
        self.assertIsInstance(found, errors.RequestTimedOut)

    def test_reply_that_broke_off_is_a_lost_connection(self) -> None:
        def fail() -> None:
            try:
                raise requests.exceptions.ChunkedEncodingError()
            except requests.exceptions.RequestException:
                raise pvm_exc.Error('unexpected') from None

        self.assertRaises(errors.ConnectionLost, calls.call, fail)

    def test_other_exceptions_pass(self) -> None:
        def fail() -> None:
            raise ValueError

        self.assertRaises(ValueError, calls.call, fail)


class BusyTestCase(testtools.TestCase):
    def _busy(self, *args: Any, **kwargs: Any) -> bool:
        return calls.is_busy(http_error(*args, **kwargs))

    def test_codes_at_any_status(self) -> None:
        self.assertTrue(self._busy(400, 'HSCL3205 wait'))
        self.assertTrue(self._busy(500, 'VIOS0014 wait'))

    def test_words_at_500_only(self) -> None:
        words = 'VIOS v1 is busy processing some other request'
        self.assertTrue(self._busy(500, words))
        self.assertFalse(self._busy(400, words))

    def test_busy_system(self) -> None:
        self.assertTrue(self._busy(500, 'The system is currently too busy'))

    def test_503_with_and_without_a_body(self) -> None:
        self.assertTrue(self._busy(503))
        self.assertTrue(self._busy(503, body='<html/>'))

    def test_other_failures_are_not_busy(self) -> None:
        self.assertFalse(self._busy(500, 'broken'))
        self.assertFalse(self._busy(500, body='<html/>'))


class RetryHelperTestCase(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.sent: list[str] = []
        self.stop = threading.Event()

    def _send(self, *outcomes: Any, **kwargs: Any) -> Any:
        left = list(outcomes)

        def request(method: str, path: str, **_kwargs: Any) -> Any:
            self.sent.append(method)
            outcome = left.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        helper = calls.RetryHelper(
            retry.RetryPolicy(attempts=3, first=0), self.stop
        )
        method = kwargs.pop('method', 'GET')
        return helper(request)(method, '/x', **kwargs)

    def test_busy_is_repeated(self) -> None:
        reply = self._send(http_error(503), 'ok', method='POST')
        self.assertEqual('ok', reply)
        self.assertEqual(2, len(self.sent))

    def test_busy_for_ever_fails(self) -> None:
        self.assertRaises(
            pvm_exc.HttpError, self._send, *[http_error(503)] * 3
        )
        self.assertEqual(3, len(self.sent))

    def test_refusal_is_not_repeated(self) -> None:
        self.assertRaises(pvm_exc.HttpError, self._send, http_error(400))

    def test_read_without_reply_is_repeated(self) -> None:
        lost = pvm_exc.ConnectionError('gone')
        self.assertEqual('ok', self._send(lost, 'ok'))

    def test_write_without_reply_is_not_repeated(self) -> None:
        lost = pvm_exc.ConnectionError('gone')
        self.assertRaises(
            pvm_exc.ConnectionError, self._send, lost, 'ok', method='PUT'
        )

    def test_upload_is_never_repeated(self) -> None:
        self.assertRaises(
            pvm_exc.HttpError,
            self._send,
            http_error(503),
            'ok',
            method='PUT',
            filehandle=io.BytesIO(),
        )

    def test_stop_ends_repeating(self) -> None:
        self.stop.set()
        self.assertRaises(errors.Stopped, self._send, http_error(503), 'ok')
