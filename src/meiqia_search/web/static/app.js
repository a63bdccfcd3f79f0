/* What the pages add where scripts run: search while typing, keys, hits, copying. Everything works without it. */
"use strict";

const LIVE_MS = 300;
const SLOW_MS = 3000;
const byId = (id) => document.getElementById(id);

function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    /* private windows may refuse */
  }
}

function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

let saidTimer;
function say(words) {
  const line = byId("said");
  line.textContent = words;
  line.hidden = false;
  clearTimeout(saidTimer);
  saidTimer = setTimeout(() => (line.hidden = true), 2500);
}

/* ── search while typing; never between compositionstart and compositionend ── */

let composing = false;
let typing;

/* a personal value is sent when it is whole, and never in an address */
const isLookUp = () => new RegExp(`(?:${byId("q").dataset.exact})[:：]`, "i").test(byId("q").value);

function typed() {
  clearTimeout(typing);
  if (composing || isLookUp()) return;
  typing = setTimeout(() => {
    if (byId("found") && byId("q").value !== byId("found").dataset.q) byId("search").dispatchEvent(new CustomEvent("live"));
  }, LIVE_MS);
}

document.addEventListener("compositionstart", () => {
  composing = true;
  clearTimeout(typing);
});
document.addEventListener("compositionend", (event) => {
  composing = false;
  if (event.target.id === "q") typed();
});
document.addEventListener("input", (event) => {
  if (event.target.id === "q") typed();
});
document.addEventListener("submit", () => clearTimeout(typing));

const isLive = (detail) => detail.triggeringEvent?.type === "live" || detail.requestConfig?.triggeringEvent?.type === "live";

document.addEventListener("htmx:configRequest", (event) => {
  if (isLive(event.detail)) event.detail.headers["HX-Live"] = "true";
  if (event.detail.elt.id === "search") {
    if (isLookUp()) {
      Object.assign(event.detail, { verb: "post", useUrlParams: false });
      event.detail.headers["Content-Type"] = "application/x-www-form-urlencoded";
    } else {
      event.detail.formData.delete("csrf");
    }
  }
  const parameters = event.detail.formData;
  if (parameters) [...parameters.keys()].forEach((key) => parameters.getAll(key).every((value) => value === "") && parameters.delete(key));
});

/* ── what a swap would lose ── */

let before = {};
let slow;

function endSlow() {
  clearTimeout(slow);
  byId("slow")?.remove();
  byId("found")?.removeAttribute("aria-busy");
}

document.addEventListener("htmx:beforeRequest", (event) => {
  endSlow();
  const source = event.detail.elt;
  byId("found")?.setAttribute("aria-busy", "true");
  slow = setTimeout(() => {
    const note = document.createElement("div");
    note.id = "slow";
    note.className = "slow-note";
    note.setAttribute("role", "status");
    const stop = document.createElement("button");
    stop.className = "btn btn-line";
    stop.type = "button";
    stop.textContent = "停止查询";
    stop.addEventListener("click", () => {
      window.htmx.trigger(source, "htmx:abort");
      endSlow();
    });
    note.append("仍在查询…", stop);
    document.body.append(note);
  }, SLOW_MS);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (isLive(event.detail) && event.detail.xhr.status >= 400) event.detail.shouldSwap = false; // an unfinished query is no mistake
  const filters = byId("filters");
  if (filters) before = { top: filters.scrollTop, open: filters.matches(":popover-open") };
});

document.addEventListener("htmx:afterSettle", () => {
  const filters = byId("filters");
  if (!filters || !byId("found")) return;
  if (before.open) filters.showPopover();
  filters.scrollTop = before.top ?? 0;
  restoreFacets();
  const box = byId("q");
  if (document.activeElement !== box || (isLookUp() && !document.querySelector("#found .note-bad"))) box.value = byId("found").dataset.q;
});

document.addEventListener("htmx:afterRequest", endSlow);
document.addEventListener("htmx:sendError", () => say("连不上服务器，请检查网络后重试。"));

/* ── facets: which are open is remembered ── */

function restoreFacets() {
  for (const facet of document.querySelectorAll("details.facet")) {
    const state = recall(`facet-${facet.dataset.facet}`);
    if (state !== null && !facet.querySelector(".picked")) facet.open = state === "open";
  }
}

document.addEventListener("click", (event) => {
  const summary = event.target.closest("details.facet > summary");
  if (summary) remember(`facet-${summary.parentElement.dataset.facet}`, summary.parentElement.open ? "closed" : "open");
  for (const open of document.querySelectorAll("details.drop[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

/* ── hits of a conversation ── */

const hits = () => [...document.querySelectorAll(".has-hit")];
let current = -1;

function showHit(at) {
  const all = hits();
  if (!all.length) return;
  current = (at + all.length) % all.length;
  document.querySelectorAll(".has-hit.at").forEach((each) => each.classList.remove("at"));
  all[current].classList.add("at");
  all[current].scrollIntoView({ block: "center" });
  history.replaceState(history.state, "", `#${all[current].id}`);
  byId("hit-now").textContent = `${current + 1} / ${all.length}`;
}

function startHits() {
  const all = hits();
  if (!all.length || document.querySelector(".parts")) return; // in parts the links lead from one to the next
  const target = location.hash ? byId(decodeURIComponent(location.hash.slice(1))) : null;
  current = all.indexOf(target);
  if (current >= 0) byId("hit-now").textContent = `${current + 1} / ${all.length}`;
  byId("hit-up")?.addEventListener("click", (event) => (event.preventDefault(), showHit(current - 1)));
  byId("hit-down")?.addEventListener("click", (event) => (event.preventDefault(), showHit(current + 1)));
}

/* ── what is clear for a while: gone when its time is over, whatever the server says then ── */

const ANSWERS_MS = 5000;
let counting;

function countDown() {
  const note = byId("revealed");
  clearInterval(counting);
  if (!note) return;
  const end = Date.now() + note.dataset.left * 1000;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left <= 0) maskAgain();
    else byId("revealed-left").textContent = `还剩 ${Math.floor(left / 60)} 分 ${String(left % 60).padStart(2, "0")} 秒，`;
  };
  counting = setInterval(tick, 1000);
  tick();
}

async function maskAgain() {
  clearInterval(counting);
  byId("main").classList.add("stale");
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(ANSWERS_MS) });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
    if (!answer.ok || !fresh) throw new Error("no conversation");
    byId("main").replaceWith(fresh);
    startHits();
    countDown();
    say("已恢复脱敏");
  } catch {
    const note = document.createElement("p");
    note.className = "note note-warn band";
    note.textContent = "明文已到时收起。请刷新页面。";
    byId("main").replaceChildren(note);
    byId("main").classList.remove("stale");
  }
}

/* ── copying and printing ── */

async function copyPermalink() {
  const link = byId("permalink");
  if (!link) return;
  try {
    await navigator.clipboard.writeText(new URL(link.getAttribute("href"), location.href).href);
    say("已复制永久链接");
  } catch {
    say("浏览器不允许复制；请在“永久链接”上点右键复制。");
  }
}

/* ── keys ── */

const names = () => [...document.querySelectorAll(".hit .name")];

function move(step) {
  const all = names();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
  all[next].focus();
  all[next].closest(".hit").scrollIntoView({ block: "nearest" });
}

function toFilters() {
  const filters = byId("filters");
  if (!filters) return;
  if (getComputedStyle(filters).display === "none") filters.showPopover();
  filters.querySelector("summary, input")?.focus();
}

function escape() {
  const open = document.querySelector("details.drop[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  } else if (document.activeElement === byId("q")) {
    byId("q").blur();
  } else {
    document.activeElement?.blur();
  }
}

const KEYS = {
  "/": () => (byId("q").focus(), byId("q").select()),
  j: () => move(1),
  k: () => move(-1),
  o: () => document.activeElement?.matches?.(".hit .name") && document.activeElement.click(),
  "[": () => byId("previous")?.click(),
  "]": () => byId("next")?.click(),
  n: () => showHit(current + 1),
  N: () => showHit(current - 1),
  c: copyPermalink,
  f: toFilters,
  "?": () => byId("keys").showModal(),
};
const GO = { s: "/search" };
let going = 0;

const isWriting = (element) => Boolean(element?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]"));

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !composing && !event.isComposing) {
    escape();
    return;
  }
  if (composing || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isWriting(event.target) || document.querySelector("dialog[open]") || recall("keys") === "off") return;
  if (Date.now() - going < 1500 && GO[event.key]) {
    event.preventDefault();
    location.assign(GO[event.key]);
  } else if (event.key === "g") {
    going = Date.now();
  } else if (Object.hasOwn(KEYS, event.key)) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

/* ── beginning ── */

document.documentElement.classList.add("js");
restoreFacets();
startHits();
countDown();
document.addEventListener("click", (event) => {
  if (event.target.closest("#print")) window.print();
  if (!event.target.closest("#permalink") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  copyPermalink();
});
byId("keys-on").checked = recall("keys") !== "off";
byId("keys-on").addEventListener("change", (event) => remember("keys", event.target.checked ? "on" : "off"));
