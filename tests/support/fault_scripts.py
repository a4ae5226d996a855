"""Scripts that decide which requests get a fault."""

from tests.support.tenant_server import Fault, Reply, Request, Script


def first(fault: Fault, times: int = 1) -> Script:
    """The fault for the first `times` requests."""
    return lambda request: fault if request.number <= times else None


def first_of(method: str, fault: Fault, times: int = 1) -> Script:
    """The fault for the first `times` requests with that method."""
    left = [times]

    def script(request: Request) -> Fault | None:
        if request.method != method or not left[0]:
            return None
        left[0] -= 1
        return fault

    return script


def always(fault: Fault) -> Script:
    return lambda _: fault


def reply(status: int, body: bytes = b"", **headers: str) -> Fault:
    return Fault(Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()}))
