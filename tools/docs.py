"""Pages of docs/ that are made of the code: ``python tools/docs.py`` writes them, a test compares."""

from collections.abc import Iterator
from pathlib import Path

from meiqia_search.errors import ArchiveError
from meiqia_search.fields import FIELDS, PERSONAL_LABELS, Field

DOCS = Path(__file__).parent.parent / "docs"


def pages() -> dict[str, str]:
    """The generated pages, by file name."""
    return {"errors.md": errors(), "fields.md": fields()}


def errors() -> str:
    rows = (
        f"| `{kind.code}` | {kind.status} | {kind.exit_code} | {kind.title} | {kind.remedy} |\n"
        for kind in _tree(ArchiveError)
    )
    return (
        "# Errors\n\n"
        "Generated from `errors.py`. Over HTTP an error is `application/problem+json` (RFC 9457) with this code and\n"
        "status, on the command line a sentence on standard error and this exit code.\n\n"
        "| code | HTTP | exit | 发生了什么 | 怎么办（默认说法） |\n|---|---|---|---|---|\n" + "".join(rows)
    )


def _tree(kind: type[ArchiveError]) -> Iterator[type[ArchiveError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _tree(each)


def fields() -> str:
    return (
        "# Fields\n\nGenerated from `fields.py`. Any of the words finds the field in the search box.\n\n"
        "| field | 名称 | words | kind | 个人信息 | find | sort | chart | Meiqia |\n"
        "|---|---|---|---|---|---|---|---|---|\n" + "".join(_row(field) for field in FIELDS.values())
    )


def _row(field: Field) -> str:
    words = "、".join((field.pinyin, *field.also))
    personal = PERSONAL_LABELS[field.personal] if field.personal else ""
    can = " | ".join("✓" if able else "" for able in (field.searchable, field.sortable, field.chartable))
    kind = f"{field.kind}{' (many)' if field.many else ''}{f' ({field.unit})' if field.unit else ''}"
    return f"| `{field.name}` | {field.label} | {words} | {kind} | {personal} | {can} | {'、'.join(field.source)} |\n"


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, "utf-8")
