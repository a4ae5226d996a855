"""The tenant that is served: whom it admits, and the look-up that most SDKs begin with."""

from typing import NamedTuple

from segcli.errors import ForbiddenError
from segcli.server.calls import Call
from segcli.server.responses import Json, Problem, ProblemError

_ANY_SITE = 1


class Tenant(NamedTuple):
    """Its id and its site's; None is any."""

    id: int | None
    site: int | None

    def admit(self, tenant: str | None, site: str | None) -> None:
        """Raises ProblemError where a request names another tenant or site than this one."""
        for what, said, ours in (("tenant", tenant, self.id), ("site", site, self.site)):
            if said and ours is not None and said != str(ours):
                raise ProblemError(Problem(403, ForbiddenError.code, f"the token is not for {what} {said}"))

    def look_up(self, call: Call) -> Json:
        """The tenant by its id: where its API is, which is here. Raises ProblemError."""
        tenant = call.id("tenant")
        self.admit(str(tenant), None)
        site = self.site or _ANY_SITE
        return {
            "id": tenant,
            "name": f"t{tenant}",
            "domain": call.host,
            "sites": [{"id": site, "name": f"s{site}", "domain": call.host}],
        }
