"""The JSON interface, version 1."""

from meiqia_search.web.api.routes import router

__all__ = ["router"]
