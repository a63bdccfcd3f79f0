"""Pages of docs/ that are made of the code: ``python tools/docs.py`` writes them, a test compares."""

from pathlib import Path

from meiqia_search.acl.role import (
    ABILITY_LABELS,
    BUILT_IN,
    COMING,
    FIXED,
    MEASURES,
    REACH_LABELS,
    SHOW_LABELS,
    Ability,
    Reach,
    Role,
)
from meiqia_search.acl.rolefile import FORMAT
from meiqia_search.errors import TREE
from meiqia_search.fields import EXACT, FIELDS, PERSONAL_LABELS, Field

DOCS = Path(__file__).parent.parent / "docs"


def pages() -> dict[str, str]:
    """The generated pages, by file name."""
    return {"errors.md": errors(), "fields.md": fields(), "roles.md": roles()}


def errors() -> str:
    rows = (f"| `{kind.code}` | {kind.status} | {kind.exit_code} | {kind.title} | {kind.remedy} |\n" for kind in TREE)
    return (
        "# Errors\n\n"
        "Generated from `errors.py`. Over HTTP an error is `application/problem+json` (RFC 9457) with this code and\n"
        "status, on the command line a sentence on standard error and this exit code.\n\n"
        "| code | HTTP | exit | 发生了什么 | 怎么办（默认说法） |\n|---|---|---|---|---|\n" + "".join(rows)
    )


def fields() -> str:
    return (
        "# Fields\n\nGenerated from `fields.py`. Any of the words finds the field in the search box. *exact*: by its\n"
        "whole value alone, of which the index keeps a keyed hash.\n\n"
        "| field | 名称 | words | kind | 个人信息 | find | sort | chart | Meiqia |\n"
        "|---|---|---|---|---|---|---|---|---|\n" + "".join(_row(field) for field in FIELDS.values())
    )


def _row(field: Field) -> str:
    words = "、".join((field.pinyin, *field.also))
    personal = PERSONAL_LABELS[field.personal] if field.personal else ""
    find = "exact" if field.exact else "✓" if field.searchable else ""
    can = " | ".join((find, *("✓" if able else "" for able in (field.sortable, field.chartable))))
    kind = f"{field.kind}{' (many)' if field.many else ''}{f' ({field.unit})' if field.unit else ''}"
    return f"| `{field.name}` | {field.label} | {words} | {kind} | {personal} | {can} | {'、'.join(field.source)} |\n"


def roles() -> str:
    held = list(BUILT_IN.values())
    head = f"| | {' | '.join(f'{role.label} `{role.name}`' for role in held)} |\n|---|{'---|' * len(held)}\n"
    rows = [("可见范围", [role.reach_label for role in held])]
    rows += [
        (label, [SHOW_LABELS[role.personal_show(kind)] for role in held]) for kind, label in PERSONAL_LABELS.items()
    ]
    rows += [(label, [_granted(role, each) for role in held]) for each, label in ABILITY_LABELS.items()]
    rows.append(("可查看明文的个人信息", [_kinds(role) for role in held]))
    table = head + "".join(f"| {label} | {' | '.join(cells)} |\n" for label, cells in rows)
    return ROLES.format(
        table=table,
        exact="、".join(FIELDS[name].label for name in EXACT),
        fixed="、".join(FIELDS[name].label for name in FIELDS if name in FIXED),
        reach="".join(f"| `{each}` | {REACH_LABELS[each]} |\n" for each in Reach),
        abilities="".join(_ability(each) for each in Ability),
        format=FORMAT,
    )


def _granted(role: Role, ability: Ability) -> str:
    measure = MEASURES.get(ability)
    return "" if ability not in role.abilities else f"{getattr(role.limits, measure.name):,}" if measure else "✓"


def _kinds(role: Role) -> str:
    kinds = [label for kind, label in PERSONAL_LABELS.items() if kind in role.reveals]
    return "全部" if len(kinds) == len(PERSONAL_LABELS) else "、".join(kinds)


def _ability(ability: Ability) -> str:
    measure = MEASURES.get(ability)
    limit = f"`{measure.name}`: {measure.label}, 0 to {measure.most:,}, usually {measure.usual:,}" if measure else ""
    used = "not yet" if ability in COMING else "yes"
    return f"| `{ability}` | {ABILITY_LABELS[ability]} | {limit} | {used} |\n"


ROLES = """\
# Roles

Generated from `acl/role.py`. Everybody has one role. An archive begins with these; an administrator changes them with
`meiqia-search roles`. Every version is kept, the newest is in force, every process obeys it within a second, and its
number is in each audit row and each cursor.

{table}
## What a role says

| reach | 可见范围 |
|---|---|
{reach}
- `where` narrows the reach by any further condition on fields that can be searched and are not personal, in the filter
  syntax of the interface: `{{"term": {{"field": "channel", "values": ["wechat"]}}}}`.
- `personal` says per kind of personal value in which form it leaves, in the customer's card and in every text: `hidden`
  (as its kind), `masked` or `clear`. A kind that is not named is hidden.
- `fields` says per field what differs from that: `show` (`masked` only for personal fields), `search` (of {exact}: by
  the exact whole value, also where it is masked or hidden; usually whoever sees it clear), `sort` and `export`. What is
  hidden can be none of these otherwise; what cannot be searched cannot be sorted by. {fixed} cannot be hidden: other
  parts of the answer would tell them. Hiding a number does not hide what can be counted in the messages.
- `abilities` say what may be done; what is not named may not. Some can be granted and nothing asks for them yet.
  `limits` belong to those that have one.
- `reveals` are the kinds of personal value that holders of `reveal` may see in clear for five minutes, each time with a
  reason and their password, in one conversation.

| ability | 功能 | limit | in use |
|---|---|---|---|
{abilities}
A number in the first table is the limit. Roles from before there were these abilities have none of them.

An unknown role, a missing attribute (an agent without agents, a leader without groups) and a role that this version of
the program cannot read any more see nothing. Who may manage people still can, and is told.

## The file

`roles export` writes it, `roles import FILE --check` says what it would change and for whom, `roles import FILE`
changes it or, where anything in it is wrong, nothing:

```json
{{
  "format": "{format}",
  "roles": [
    {{
      "name": "night", "label": "夜班", "reach": "named", "groups": ["g1"],
      "where": {{"term": {{"field": "customer_kind", "values": ["vip"]}}}},
      "personal": {{"name": "masked", "phone": "clear"}},
      "fields": {{"region": {{"show": "hidden"}}, "phone": {{"export": false}}}},
      "abilities": ["charts", "export", "reveal"],
      "limits": {{"export_rows": 5000, "reveals_a_day": 10}}, "reveals": ["name"]
    }}
  ]
}}
```

Refused: an unknown key, field or value, a condition that cannot be understood, a role missing that somebody has, a
change after which nobody who can sign in may manage people, and an `administrator` that does not see everything: as
this role the program keeps its index, and the command line of the machine repairs what went wrong.
"""


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, "utf-8")
