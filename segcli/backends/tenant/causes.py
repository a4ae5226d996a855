"""Why a connection failed: the cause at the end of a chain of errors, in words."""

import ssl

from segcli.text import openssl_message

_NAME_HINT = "use the host name that the certificate was issued for"
_CLOCK_HINT = "check the clock of this machine; if it is right, the host needs a new certificate"
# By OpenSSL's code: not yet valid, expired, another host name, another IP address.
_HINTS = {9: _CLOCK_HINT, 10: _CLOCK_HINT, 62: _NAME_HINT, 64: _NAME_HINT}


def certificate_hint(error: ssl.SSLCertVerificationError) -> str:
    """What to do about a certificate that was not accepted."""
    authority = "if a private authority issued it, pass its certificate with --ca-bundle FILE"
    return _HINTS.get(error.verify_code, authority)


def reason_of(error: Exception) -> str:
    """The message of the innermost cause, the only informative part of such a chain."""
    cause = innermost(error)
    message: str = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return openssl_message(message)


def innermost(error: Exception) -> BaseException:
    cause: BaseException = error
    while True:
        inner = getattr(cause, "reason", None) or cause.__cause__ or cause.__context__
        if not isinstance(inner, BaseException):
            inner = next((arg for arg in cause.args if isinstance(arg, BaseException)), None)
        if inner is None:
            break
        cause = inner
    return cause
