"""E-mail addresses in a plain text, also where the sign and the dot are spelled out."""

import re
from collections.abc import Iterator

from meiqia_search.fields import Personal
from meiqia_search.privacy.found import Found

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SPELLED_DOT = r" [Dd][Oo][Tt] | ?[(\[{（【][Dd][Oo][Tt][)\]}）】] ?| ?[点。] ?| \. ?|\. "
_DOT = rf"(?:\.|{_SPELLED_DOT})"
_WAYS = (
    "@ ?", "%40", " [Aa][Tt] ", "艾特 ?", "圈[Aa] ?", "#",
    *(rf"\{bracket}(?:[Aa][Tt]|@|艾特)[)\]}}）】] ?" for bracket in "([{（【"),
)  # fmt: skip
_SPACED = [f" {way}" for way in _WAYS if not way.startswith((" ", "%", "#"))]
_SIGN = re.compile(f"(?P<at>{'|'.join([*_WAYS, *_SPACED])})(?P<domain>{_LABEL}(?:{_DOT}{_LABEL}){{1,5}})")
"""Every way begins with one known character: so ``re`` runs quickly over everything else."""
_LOCAL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}")
"""Matched backwards."""
_ODD_DOT = re.compile(_SPELLED_DOT)
_SENTENCE = re.compile(r"[^ ]\. ")
_TOP = re.compile(r"[A-Za-z]{2,24}")
_FILES = frozenset({"png", "jpg", "jpeg", "gif", "webp", "svg", "js", "css", "html", "pdf"})
_PROSE = frozenset(
    "look meet visit is are available site us me it found order shop page website buy see live work now arrive"  # noqa: SIM905
    " here stay sale price".split()
)
_PROVIDERS = frozenset(
    {"qq", "163", "126", "gmail", "sina", "sohu", "outlook", "hotmail", "foxmail", "139", "189", "yeah"}
)


def addresses(text: str) -> Iterator[Found]:
    """Every e-mail address."""
    for sign in _SIGN.finditer(text):
        domain, end = _domain(sign)
        start, own = _own(text, sign)
        if domain and own and _is_meant(sign, own, domain):
            yield Found(start, end, Personal.EMAIL, f"{own}@{domain}")


def _own(text: str, sign: re.Match[str]) -> tuple[int, str]:
    """What stands before the sign, and where it begins; a dot is spelled there as it is in the domain."""
    start, own = _last(text, sign.start())
    spelled = _ODD_DOT.search(sign["domain"])
    while own and spelled and text.endswith(spelled[0], 0, start):
        further, more = _last(text, start - len(spelled[0]))
        if not more:
            break
        start, own = further, f"{more}.{own}"
    return start, own


def _last(text: str, end: int) -> tuple[int, str]:
    local = _LOCAL.match(text[max(end - 64, 0) : end][::-1])
    own = local[0][::-1].lstrip(".") if local else ""
    return end - len(own), own


def _domain(sign: re.Match[str]) -> tuple[str, int]:
    """The domain up to the last label that can end one, and where it ends; '' for none."""
    labels = list(re.finditer(_LABEL, sign["domain"]))
    labels = [each for each in labels if each[0].lower() != "dot"]
    while len(labels) > 1:
        top = _TOP.match(labels[-1][0])
        if top and top[0].lower() not in _FILES:
            start = sign.start("domain") + labels[-1].start()
            return ".".join([*(each[0] for each in labels[:-1]), top[0]]), start + top.end()
        labels.pop()
    return "", 0


def _is_meant(sign: re.Match[str], own: str, domain: str) -> bool:
    first = domain.partition(".")[0].lower()
    at = sign["at"].strip(" ")
    if at in {"@", "%40"}:
        return True
    if _SENTENCE.search(sign["domain"]):
        return False
    if at == "#":
        return first in _PROVIDERS
    return own.lower() not in _PROSE and first != "www"
