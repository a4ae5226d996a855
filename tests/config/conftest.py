"""A tenant without faults, for the profiles that name it."""

from tests.tenant.conftest import tenant as tenant
