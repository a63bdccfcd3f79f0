"""The finder finds: otherwise nothing that it does not find would mean anything."""

import base64
import gzip
import html
import io
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from urllib.parse import quote

import pytest

from meiqia_search.fields import FIELDS
from tests.access.canaries import Secret, World, all_secrets, secrets
from tests.access.table import IN_TEXT, OPEN_FIELDS, PEOPLE, PERSONAL_FIELDS, RELATIONS
from tests.access.traces import Finder

FINDER = Finder(all_secrets())
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def zipped(text: str) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<si><t>{html.escape(text)}</t></si>")
    return into.getvalue()


SPELLINGS: dict[str, Callable[[str], str | bytes]] = {
    "plain": str,
    "upper": str.upper,
    "in a sentence": lambda text: f"电话{text}元",
    "spaced": " ".join,
    "in groups": lambda text: "-".join((text[:3], text[3:7], text[7:])),
    "nothing between": "\u200b".join,
    "full width": lambda text: text.translate(FULL_WIDTH),
    "in an address": quote,
    "twice in an address": lambda text: quote(quote(text)),
    "every character in an address": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "marked": lambda text: f"<li>{text[:2]}<mark>{text[2:5]}</mark>{text[5:]}</li>",
    "json": json.dumps,
    "escaped json": lambda text: '"' + "".join(f"\\u{ord(char):04x}" for char in text) + '"',
    "json in pieces": lambda text: json.dumps({"pieces": [{"text": text[:2]}, {"text": text[2:]}]}),
    "json in html": lambda text: html.escape(json.dumps({"values": [text]})),
    "base64": lambda text: base64.b64encode(f"id={text}".encode()).decode(),
    "base64 behind something": lambda text: "x" + base64.urlsafe_b64encode(f"12{text}...".encode()).decode(),
    "compressed in base64": lambda text: base64.urlsafe_b64encode(zlib.compress(text.encode() * 9)).decode(),
    "in a signed cursor": lambda text: base64.urlsafe_b64encode(json.dumps([1, text, 0]).encode()).decode() + ".SIGNED",
    "gzip": lambda text: gzip.compress(text.encode()),
    "workbook": zipped,
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_secret_is_found_in_every_spelling(spelling: str) -> None:
    for secret in all_secrets():
        for needle in secret.needles:
            left = SPELLINGS[spelling](needle)
            assert secret in FINDER.found(left if isinstance(left, bytes) else left.encode()), (spelling, needle)


def test_most_of_a_number_is_as_good_as_the_number() -> None:
    numbers = [secret for secret in all_secrets() if secret.kind == "phone"]
    for secret in numbers:
        assert secret in FINDER.found(f"1{secret.needles[0][2:9]}0".encode())


def test_what_is_masked_or_somebody_elses_is_not_found() -> None:
    for secret in all_secrets():
        others = Finder(each for each in all_secrets() if each.needles != secret.needles)
        assert not FINDER.found(secret.shown("masked").encode()), secret
        assert not FINDER.found(secret.shown("hidden").encode()), secret
        assert not others.found(secret.needles[0].encode()), secret


def test_every_secret_is_one_conversations_alone() -> None:
    needles = Counter((needle, secret.relation) for secret in all_secrets() for needle in secret.needles)
    owners = Counter(needle for needle, _ in needles)
    assert not [needle for needle, count in owners.items() if count > 1]


def test_every_field_and_kind_has_a_secret() -> None:
    tied = {"agent", "owner", "group"}
    assert set(FIELDS) == OPEN_FIELDS | set(PERSONAL_FIELDS)
    for relation in RELATIONS:
        places = {secret.place for secret in secrets(World(relation))}
        assert places >= (set(FIELDS) - tied) | {f"in_text_{kind}" for kind in IN_TEXT}


@pytest.mark.parametrize("login", PEOPLE)
def test_the_other_world_reads_the_same_and_is_different(login: str) -> None:
    def seen(secret: Secret) -> tuple[str, str]:
        form = PEOPLE[login].form_of(secret.place, secret.kind)
        return secret.place, secret.shown(form) if form else ""

    for relation in RELATIONS:
        one, other = secrets(World(relation)), secrets(World(relation, reader=login))
        assert list(map(seen, one)) == list(map(seen, other))
        for a, b in zip(one, other, strict=True):
            clear = PEOPLE[login].form_of(a.place, a.kind) == "clear"
            assert clear == (a.written == b.written) or a.place == "id", a
