"""The served tenant: which requests are for it, and GetTenant, the first request of most SDKs."""

from typing import NamedTuple

from segcli.errors import ForbiddenError
from segcli.result import Json
from segcli.server.calls import Call
from segcli.server.responses import Problem, ProblemError

_DEFAULT_SITE = 1  # the id of the only site in GetTenant, unless one was configured


class Tenant(NamedTuple):
    """The ids of the tenant and of its site; None accepts any."""

    id: int | None
    site: int | None

    def require_match(self, tenant: str | None, site: str | None) -> None:
        """Raises ProblemError (403) if a request names another tenant or site.

        The arguments are its x-vol-tenant and x-vol-site headers; None or empty if it names none.
        """
        for label, requested, own in (("tenant", tenant, self.id), ("site", site, self.site)):
            if requested and own is not None and requested != str(own):
                message = f"the access token is not valid for {label} {requested}"
                raise ProblemError(Problem(403, ForbiddenError.code, message))

    def get_tenant(self, call: Call) -> Json:
        """GetTenant: the host of its API, which is this server. Raises ProblemError."""
        tenant = call.path_id("tenant")
        self.require_match(str(tenant), None)
        site = self.site or _DEFAULT_SITE
        return {
            "id": tenant,
            "name": f"t{tenant}",
            "domain": call.host,
            "sites": [{"id": site, "name": f"s{site}", "domain": call.host}],
        }
