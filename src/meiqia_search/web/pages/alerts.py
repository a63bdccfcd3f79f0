"""The pages of what looks unusual in the audit: taking note of it, and the rules behind it."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from meiqia_search import clock
from meiqia_search.acl.role import Ability
from meiqia_search.archive.alerts import EFFECT_DAYS, NOTE
from meiqia_search.audit import rules as ruling
from meiqia_search.audit import setting
from meiqia_search.audit.rules import DEFAULTS, Rules
from meiqia_search.errors import ArchiveError, ChangedMeanwhile
from meiqia_search.web.pages.audit import Reading, Sending
from meiqia_search.web.pages.people import attempt, require_ability
from meiqia_search.web.problems import Problem, of
from meiqia_search.web.templating import render
from meiqia_search.web.typed import mark
from meiqia_search.web.visitor import SignedIn

router = APIRouter(include_in_schema=False, prefix="/audit")
MOST = 100
"""So many alerts stand on a page."""
DONE = {"noted": "已确认，写入审计。", "saved": "已保存，从现在起按新的规则判断；以前的异常不变。"}
Text = Annotated[str, Form()]


@router.get("/alerts")
def show_alerts(request: Request, visitor: Reading) -> Response:
    """What nobody has taken note of; with ``all`` everything."""
    return _alerts(visitor, request, done=DONE.get(request.query_params.get("done", ""), ""))


@router.post("/alerts/{key}")
def acknowledge(request: Request, visitor: Sending, key: str, note: Text = "") -> Response:
    """Take note of an alert."""
    try:
        visitor.services.alerts.acknowledge(visitor.caller, key, note)
    except ArchiveError as wrong:
        return _alerts(visitor, request, problem=of(wrong), typed={key: note})
    return RedirectResponse("/audit/alerts?done=noted", 303)


def _alerts(
    visitor: SignedIn,
    request: Request,
    *,
    problem: Problem | None = None,
    typed: Mapping[str, str] | None = None,
    done: str = "",
) -> Response:
    services, every = visitor.services, "all" in request.query_params
    found = services.alerts.all(visitor.caller)
    shown = [each for each in found if every or each.acknowledged is None]
    body = render(
        "alerts.html", frame=visitor.frame, shown=shown[:MOST], total=len(shown), every=every, note=NOTE,
        names=services.people.names(), typed=typed or {}, problem=problem, done=done, trace=visitor.visit.trace,
    )  # fmt: skip
    return HTMLResponse(body, problem.status if problem else 200, problem.headers if problem else {})


@router.get("/rules")
def show_rules(request: Request, visitor: Reading) -> Response:
    """The rules in force, and how they came to be."""
    services = visitor.services
    body = render(
        "alert_rules.html", frame=visitor.frame, rules=services.alerts.rules().rules.values(),
        history=services.alerts.history(), names=services.people.names(), may=_may_change(visitor),
        done=DONE.get(request.query_params.get("done", ""), ""),
    )  # fmt: skip
    return HTMLResponse(body)


@router.get("/rules/{name}")
def show_rule(visitor: Reading, name: str) -> Response:
    """The form of a rule."""
    require_ability(visitor, Ability.MANAGE_PEOPLE)
    alerts = visitor.services.alerts
    return _Form(visitor, name, alerts.rules().version).page(setting.written(alerts.rule(name)))


@router.post("/rules/{name}")
def change(
    visitor: Sending,
    name: str,
    most: Text = "",
    window: Text = "",
    hours: Text = "",
    factor: Text = "",
    where: Text = "",
    enabled: Text = "off",
    version: Text = "",
    seen: Text = "",
    password: Text = "",
) -> Response:
    """Change a rule, after its effect was seen."""
    require_ability(visitor, Ability.MANAGE_PEOPLE)
    services = visitor.services
    sent = {"most": most, "window": window, "hours": hours, "factor": factor, "where": where, "enabled": enabled}
    typed = {each: sent[each] for each in setting.written(services.alerts.rule(name))}

    def rules() -> Rules:
        values = setting.read(typed, services.archive.vocabulary_of_links(visitor.caller), clock.now())
        return services.alerts.adjusted(name, values)

    form = _Form(visitor, name, _number(version))
    try:
        return form.decide(typed, rules(), seen, password)
    except ArchiveError as wrong:
        return form.page(typed, problem=of(wrong))


@router.post("/rules/{name}/reset")
def reset(visitor: Sending, name: str, version: Text = "", seen: Text = "", password: Text = "") -> Response:
    """Set a rule as an archive begins with it, after the effect was seen."""
    require_ability(visitor, Ability.MANAGE_PEOPLE)
    rules = visitor.services.alerts.reset(name)
    form = _Form(visitor, name, _number(version), "/reset")
    try:
        return form.decide(setting.written(rules[name]), rules, seen, password)
    except ArchiveError as wrong:
        return form.page(setting.written(rules[name]), problem=of(wrong))


class _Form:
    """The form of one rule, over the version of the rules that its reader has seen."""

    def __init__(self, visitor: SignedIn, name: str, version: int, way: str = "") -> None:
        self._visitor = visitor
        self._name = name
        self._version = version
        self._way = way

    def decide(self, typed: Mapping[str, str], new: Rules, seen: str, password: str) -> Response:
        """Show what saving would do; when exactly that was seen, save."""
        services, caller = self._visitor.services, self._visitor.caller
        if self._version != services.alerts.rules().version:
            raise ChangedMeanwhile
        lines = list(ruling.differences(services.alerts.rules().rules, new))
        proposal = mark(ruling.to_json(new), self._version)
        problem = None
        if seen == proposal and lines:
            problem = attempt(self._visitor, password, lambda: services.alerts.change(caller, new, self._version))
            if problem is None:
                return RedirectResponse("/audit/rules?done=saved", 303)
        effect = services.alerts.effect(caller, new)
        return self.page(typed, lines, effect, proposal, problem)

    def page(
        self,
        typed: Mapping[str, str],
        lines: list[str] | None = None,
        effect: tuple[int, int] = (0, 0),
        seen: str = "",
        problem: Problem | None = None,
    ) -> Response:
        """The form with what was typed, and what it would do."""
        rule = DEFAULTS[self._name]
        body = render(
            "alert_rule.html", frame=self._visitor.frame, rule=rule, typed=typed, labels=setting.LABELS,
            version=self._version, lines=lines, effect=effect, days=EFFECT_DAYS, seen=seen, way=self._way,
            problem=problem, trace=self._visitor.visit.trace,
        )  # fmt: skip
        return HTMLResponse(body, problem.status if problem else 200, problem.headers if problem else {})


def _may_change(visitor: SignedIn) -> bool:
    return Ability.MANAGE_PEOPLE in visitor.services.archive.scope(visitor.caller).abilities


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
