/* The audit on the phone. What a person does is an event with a number and a moment of the box's clock. Events are kept
   here until the box has them, and sent in order: a lost connection loses none, a reload neither. */
"use strict";

const WORDS = JSON.parse(document.getElementById("words").textContent);
const app = document.getElementById("app");
const BATCH = 200, BEAT_MS = 5000, RETRY_MS = 1500, ANSWER_MS = 4000, POLL_MS = 1500;

let csrf = null, lines = [], session = null, events = [], have = 0, result = null;
let choice = { line: null, minutes: 15 };
let offset = 0, bestTrip = Infinity, bestAt = 0;
let online = true, sending = false, sheet = false, note = "", seen = recall("seen");

function say(name, values) {
  return WORDS[name].replace(/\{(\w+)\}/g, (_, key) => String((values || {})[key]));
}

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child != null && child !== false));
  return node;
}

/* What a browser without storage cannot keep is kept in memory alone. */
function keep(name, value) { try { localStorage.setItem("footfall-audit-" + name, JSON.stringify(value)); } catch { /* full or off */ } }
function recall(name) { try { return JSON.parse(localStorage.getItem("footfall-audit-" + name)); } catch { return null; } }

const now = () => Math.max(0, Math.round(Date.now() + offset));

/* The quickest of the recent answers tells the box's clock best; an old one grows stale as the phone's clock drifts. */
function tune(sent, answered, there) {
  const trip = answered - sent;
  if (trip > bestTrip && answered - bestAt < 60000) return;
  bestTrip = trip; bestAt = answered; offset = there - (sent + answered) / 2;
}

async function ask(path, body) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ANSWER_MS);
  const sent = Date.now();
  try {
    const options = { credentials: "same-origin", cache: "no-store", signal: stop.signal };
    if (body) Object.assign(options, { method: "POST", body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-CSRF": csrf || "" } });
    const response = await fetch(path, options);
    const answer = await response.json();
    online = true;
    if (answer.now_ms) tune(sent, Date.now(), answer.now_ms);
    return { status: response.status, answer };
  } catch {
    online = false;
    return { status: 0, answer: { error: "offline" } };
  } finally { clearTimeout(timer); }
}

function adopt(state) {
  csrf = state.csrf;
  lines = state.lines || [];
  const told = state.session;
  // A box that was started anew knows neither the log-in nor the audit: both pages say so.
  const before = session ? session.id : recall("current");
  if (before && before !== seen && !(told && told.id === before) && !result) note = say("lost_session");
  keep("current", told && told.id !== seen && !told.result ? told.id : null);
  if (!told || told.id === seen) { session = null; events = []; result = null; sheet = false; return; }
  // What this browser kept is compared with what the box has from the first event on: `send` does it.
  if (!session || session.id !== told.id) { events = recall(told.id) || []; have = 0; setTimeout(send); }
  have = Math.min(have, told.have);
  session = told; result = told.result;
}

/* The box's events from number `first` on come first; whatever else happened here follows, and is sent. */
function take(first, there) {
  const name = (event) => event.kind + event.at_ms;
  const known = new Set(there.map(name));
  const own = closing(there) ? [] : events.slice(first).filter((event) => !known.has(name(event)));
  events = [...events.slice(0, first), ...there, ...own];
  have = first + there.length;
  keep(session.id, events);
}

async function refresh() {
  const { status, answer } = await ask("/api/state");
  if (status === 200) adopt(answer);
  draw();
}

function standing() {
  const taps = [];
  let active = 0, since = session.started_ms;
  for (const event of events) {
    if (event.kind === "in" || event.kind === "out") taps.push(event);
    else if (event.kind === "undo") taps.pop();
    else if (event.kind === "pause" && since !== null) { active += event.at_ms - since; since = null; }
    else if (event.kind === "resume" && since === null) since = event.at_ms;
  }
  if (since !== null) active += now() - since;
  const left = Math.max(0, Math.min(session.minutes * 60 - active / 1000, 3600 - (now() - session.started_ms) / 1000));
  return { taps, left, paused: since === null };
}

const closing = (list) => list.length > 0 && ["end", "discard"].includes(list[list.length - 1].kind);
const closed = () => closing(events);

function happen(kind) {
  if (!session || closed()) return;
  events.push({ kind, at_ms: now() });
  keep(session.id, events);
  sheet = false;
  if (navigator.vibrate && (kind === "in" || kind === "out")) navigator.vibrate(kind === "in" ? 20 : [15, 60, 15]);
  draw();
  send();
}

async function send() {
  if (!session || sending || result) return;
  sending = true;
  const id = session.id, first = have, batch = events.slice(first, first + BATCH);
  const { status, answer } = await ask("/api/events", { session: id, first, events: batch });
  sending = false;
  if (!session || session.id !== id) return;
  const other = status === 409 && answer.error === "conflict";
  if (status === 200 || other) {
    if (answer.there) take(first, answer.there); else have = answer.session.have;
    // What came after somebody else's end is part of no audit.
    if (have < first + batch.length && !other) events = events.slice(0, have);
    if (status === 200) result = answer.session.result;
  } else if (status === 409 && answer.error === "too_many") {
    // The box holds as many as it can: what it refused is taken back here, and the audit can only be finished.
    events = events.slice(0, have).concat(events.slice(have).filter((event) => event.kind === "end" || event.kind === "discard"));
    note = say("too_many");
  } else if (status) {
    await refresh();
  }
  draw();
  if ((status === 200 || other) && have < events.length) send();
}

function tick() {
  if (!session || result) return;
  if (!closed() && standing().left <= 0) happen("end");
  draw();
}

async function submit(path, body) {
  const { status, answer } = await ask(path, body);
  note = "";
  if (status === 200) adopt(answer);
  else if (answer.error === "locked") note = say("locked", { min: Math.max(1, Math.ceil(answer.wait_s / 60)) });
  else if (status === 401 || answer.error === "csrf") { csrf = null; note = ""; }
  else note = WORDS[answer.error] || say("failed");
  if (status === 409) await refresh();
  draw(true);
}

/* ---- pages ---- */

const warned = () => [note && el("p", { class: "warn", role: "alert" }, note), !online && el("p", { class: "warn" }, say("offline"))];

function otherLanguage() {
  const chinese = document.documentElement.lang.startsWith("zh"), lang = chinese ? "en" : "zh-Hans";
  return el("a", { id: "language", href: chinese ? "?lang=en" : "?lang=zh", lang, hreflang: lang }, chinese ? "English" : "中文");
}

function loginPage() {
  const field = el("input", { id: "pin", inputmode: "numeric", autocomplete: "off", "aria-label": say("pin"), maxlength: 64 });
  return el("form", { onsubmit: (event) => { event.preventDefault(); if (field.value.trim()) submit("/api/login", { pin: field.value }); } },
    el("h1", {}, say("title")), warned(), el("h2", {}, say("pin")), field, el("p", { class: "muted" }, say("pin_where")),
    el("button", { class: "primary", type: "submit" }, say("enter")), el("div", { class: "foot" }, otherLanguage()));
}

function pick(group, value) { choice[group] = value; draw(true); }

function choosePage() {
  if (!lines.some((line) => line.name === choice.line && !line.busy)) choice.line = (lines.find((line) => !line.busy) || {}).name || null;
  const kept = choice.auditor != null ? choice.auditor : recall("auditor") || "";
  const begin = el("button", { class: "primary", type: "submit" }, say("begin"));
  const ready = () => { begin.disabled = !(choice.line && /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/.test(initials.value)); };
  const initials = el("input", { id: "initials", value: kept, maxlength: 12, autocapitalize: "none", autocomplete: "off", spellcheck: "false",
    "aria-label": say("initials"), oninput: () => { initials.value = initials.value.toLowerCase().replace(/[^a-z0-9_-]/g, ""); choice.auditor = initials.value; ready(); } });
  ready();
  return el("form", { onsubmit: (event) => { event.preventDefault(); keep("auditor", initials.value);
    submit("/api/begin", { line: choice.line, auditor: initials.value, minutes: choice.minutes }); } },
    el("h1", {}, say("choose")), warned(), el("p", { class: "muted" }, say("choose_why")),
    el("div", { class: "choices" }, lines.map((line) => el("button", { type: "button", disabled: line.busy, "data-line": line.name,
      "aria-pressed": String(line.name === choice.line), onclick: () => pick("line", line.name) },
      line.name, el("span", { class: "muted" }, say(line.role) + (line.busy ? " · " + say("busy") : ""))))),
    el("h2", {}, say("initials")), initials, el("p", { class: "muted" }, say("initials_why")),
    el("h2", {}, say("how_long")),
    el("div", { class: "choices across" }, [15, 30, 45].map((n) => el("button", { type: "button", "aria-pressed": String(n === choice.minutes),
      onclick: () => pick("minutes", n) }, say("minutes", { n })))),
    el("p", { class: "muted" }, say("screen_on")), begin,
    el("div", { class: "foot" }, otherLanguage(), el("button", { class: "quiet", type: "button", onclick: () => submit("/api/logout", {}) }, say("leave"))));
}

const names = () => session.role === "entrance" ? { in: say("in"), out: say("out") } : { in: say("one_way"), out: say("other_way") };
const clock = (ms) => new Date(ms).toTimeString().slice(0, 8);
const watch = (s) => Math.floor(Math.ceil(s) / 60) + ":" + String(Math.ceil(s) % 60).padStart(2, "0");

/* Built once and then only changed in place: a button that is replaced under a thumb loses the tap. */
function tappingPage() {
  const parts = { line: el("b", {}), sent: el("span", { class: "sent", id: "sent" }), left: el("b", { id: "left" }), note: el("span", { class: "muted" }) };
  const big = (kind, arrow) => {
    parts[kind] = el("b", { id: kind + "-count" });
    parts[kind + "-name"] = el("span", {});
    return parts[kind + "-button"] = el("button", { class: "tap " + kind, id: kind, type: "button", onpointerdown: (event) => { if (event.button === 0) happen(kind); },
      onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); if (!event.repeat) happen(kind); } } },
      el("i", { "aria-hidden": "true" }, arrow), parts[kind + "-name"], parts[kind]);
  };
  parts.undo = el("button", { type: "button", id: "undo", onclick: () => happen("undo") });
  parts.pause = el("button", { type: "button", id: "pause", onclick: () => happen(standing().paused ? "resume" : "pause") });
  const page = el("div", { class: "tapping" },
    el("div", { class: "bar" }, parts.line, parts.sent), el("div", { class: "time" }, parts.left, parts.note), big("in", "↓"), big("out", "↑"),
    el("div", { class: "tools" }, parts.undo, parts.pause, el("button", { type: "button", id: "finish", onclick: () => { sheet = true; draw(); } }, say("finish"))));
  page.parts = parts;
  return page;
}

function updateTapping(page) {
  const { taps, left, paused } = standing(), parts = page.parts, waiting = events.length - have, last = taps[taps.length - 1];
  const set = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  set(parts.line, session.line);
  set(parts.sent, waiting ? say("to_send", { n: waiting }) : say("all_sent"));
  parts.sent.className = waiting && !online ? "sent waiting" : "sent";
  set(parts.left, watch(left));
  set(parts.note, note || (!online ? say("offline") : paused ? say("paused") : say("left")));
  for (const kind of ["in", "out"]) {
    set(parts[kind + "-name"], names()[kind]);
    set(parts[kind], String(taps.filter((tap) => tap.kind === kind).length));
    parts[kind + "-button"].disabled = paused;
  }
  parts.undo.disabled = !last;
  parts.undo.replaceChildren(say("undo"), last ? el("small", {}, names()[last.kind] + " " + clock(last.at_ms - offset)) : "");
  set(parts.pause, paused ? say("resume") : say("pause"));
}

function finishSheet() {
  const button = (kind, name, style) => el("button", { type: "button", class: style, id: "sheet-" + kind, onclick: () => happen(kind) }, say(name));
  return el("div", { class: "sheet", role: "dialog" }, el("div", {}, el("p", {}, say("finish_sure")), button("end", "finish", "primary"),
    el("p", { class: "muted" }, say("give_up_sure")), button("discard", "give_up", ""),
    el("button", { type: "button", onclick: () => { sheet = false; draw(); } }, say("back"))));
}

function settlingPage() {
  const waiting = events.length - have;
  return el("div", {}, el("h1", {}, session.line), warned(), el("p", { id: "settling" }, waiting ? say("bring_back", { n: waiting }) : say("settling")));
}

const percent = (share, digits) => (100 * share).toFixed(digits) + "%";

function accuracy(kind) {
  const one = result[kind];
  const known = one.accuracy !== null;
  return el("div", { "data-accuracy": kind }, el("span", { class: "muted" }, names()[kind] + " · " + say("accuracy")),
    el("strong", { class: known ? "" : "none" }, known ? percent(one.accuracy, 1) : "–"),
    el("span", { class: "muted" }, known ? say("between", { low: percent(one.low, 0), high: percent(one.high, 0) }) : say("nobody")));
}

function resultPage() {
  const rows = [["tapped", "truth"], ["device", "counted"], ["found", "matched"], ["missed", "misses"], ["doubled", "doubles"]];
  const n = result.in.truth + result.out.truth;
  const fewer = result.in.truth <= result.out.truth ? "in" : "out", least = result[fewer].truth;
  return el("div", {}, el("h1", {}, say("result")), el("p", { class: "muted" }, session.line),
    result.dark ? el("p", { class: "warn" }, say("dark")) : null,
    !result.complete ? el("p", { class: "warn" }, say("incomplete")) : null,
    el("div", { class: "accuracy" }, accuracy("in"), accuracy("out")),
    n ? el("p", { class: least < result.enough ? "warn" : "muted", id: "enough" }, least < result.enough ? say("few", { n: least, way: names()[fewer] }) : say("enough", { n: least })) : null,
    el("table", {}, el("thead", {}, el("tr", {}, el("th", {}), el("th", {}, names().in), el("th", {}, names().out))),
      el("tbody", {}, rows.map(([name, key]) => el("tr", { "data-row": key }, el("th", {}, say(name)), el("td", {}, String(result.in[key])), el("td", {}, String(result.out[key])))))),
    el("p", { class: "muted" }, say("near_ends")),
    result.complete ? el("p", { class: "muted" }, say("stored")) : null,
    el("button", { class: "primary", type: "button", id: "another", onclick: () => { seen = session.id; keep("seen", seen);
      try { localStorage.removeItem("footfall-audit-" + seen); } catch { /* off */ }
      session = null; result = null; events = []; note = ""; refresh(); } }, say("another")));
}

let shown = "";
function draw(anew) {
  const page = !csrf ? "login" : !session ? "choose" : result ? "result" : closed() ? "settling" : "tapping";
  const kept = page === shown && !anew;
  if (kept && page !== "tapping" && page !== "settling" && shownNote === note + online) return;
  if (!(kept && page === "tapping")) app.replaceChildren({ login: loginPage, choose: choosePage, result: resultPage, settling: settlingPage, tapping: tappingPage }[page]());
  if (page === "tapping") {
    updateTapping(app.firstChild);
    const open = app.querySelector(".sheet");
    if (sheet && !open) app.append(finishSheet());
    if (!sheet && open) open.remove();
  }
  shown = page; shownNote = note + online;
}
let shownNote = "";

setInterval(tick, 250);
setInterval(() => { if (session && !result) { if (have < events.length) send(); } }, RETRY_MS);
setInterval(() => { if (session && !result && csrf && !closed()) send(); }, BEAT_MS);
setInterval(() => { if (session && !result && closed() && have >= events.length) refresh(); }, POLL_MS);
addEventListener("online", () => send());
addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
// Another tab of this browser tapped: its taps come back from the box.
addEventListener("storage", (event) => { if (session && !result && event.key === "footfall-audit-" + session.id) { note = say("two_tabs"); draw(); send(); } });
addEventListener("beforeunload", (event) => { if (session && !result && have < events.length) event.preventDefault(); });
refresh();
