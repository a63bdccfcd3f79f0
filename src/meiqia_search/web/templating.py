"""Templates: everything is escaped, and nothing may be undefined."""

import re
from datetime import date
from functools import cache
from hashlib import blake2b
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from meiqia_search import clock
from meiqia_search.fields import WORDS

FOLDER = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"


@cache
def version(path: str) -> str:
    """A digest of a static file's content."""
    return blake2b((FOLDER / path).read_bytes(), digest_size=6).hexdigest()


def static(path: str) -> str:
    """The address of a static file, another one whenever its content changes."""
    return f"/static/{path}?v={version(path)}"


class VersionedFiles(StaticFiles):
    """Static files; an address with the right version is kept by browsers for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file."""
        response = await super().get_response(path, scope)
        asked = scope["query_string"].decode("latin-1")
        kept = response.status_code in {200, 304} and asked == f"v={version(path)}"
        response.headers["Cache-Control"] = FOREVER if kept else "no-cache"
        return response


def files() -> VersionedFiles:
    """The static files."""
    return VersionedFiles(directory=FOLDER)


def _grouped(number: int) -> str:
    return f"{number:,}"


def _time_of_day(instant: int) -> str:
    return clock.local(instant).strftime("%H:%M:%S")


def _minute(instant: int) -> str:
    return clock.show(instant)[:16]


def _with_weekday(day: date) -> str:
    return f"{day} 周{'一二三四五六日'[day.weekday()]}"


_BROWSERS = {
    "MicroMessenger/": "微信", "Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
_SYSTEMS = {
    "Windows": "Windows", "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Mac OS": "macOS", "Linux": "Linux",
}  # fmt: skip
"""Signs in what a browser says of itself; the first that is there counts, as later ones pretend."""


def _browser(program: str) -> str:
    known = [next((name for sign, name in signs.items() if sign in program), "") for signs in (_BROWSERS, _SYSTEMS)]
    return " · ".join(filter(None, known)) or program[:30] or "未知"


_TEMPLATES = Environment(
    loader=PackageLoader("meiqia_search.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals |= {
    "static": static,
    "exact": "|".join(re.escape(word) for word, field in WORDS.items() if field.exact),
}
_TEMPLATES.filters |= {
    "browser": _browser,
    "grouped": _grouped,
    "iso": clock.iso,
    "moment": clock.show,
    "minute": _minute,
    "time_of_day": _time_of_day,
    "with_weekday": _with_weekday,
}


def render(name: str, **values: object) -> str:
    """The page as text."""
    return _TEMPLATES.get_template(name).render(**values)
