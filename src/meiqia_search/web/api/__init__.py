"""The JSON interface, version 1."""

from meiqia_search.web.api import audit, routes

ROUTERS = (routes.router, audit.router)

__all__ = ["ROUTERS"]
