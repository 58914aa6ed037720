// One line in full: both texts with what differs marked, why the program says what it says, and where to judge it.
import { get } from "./api.js";
import { attribute, byId, el } from "./dom.js";
import { differences } from "./diff.js";
import { partyName } from "./filters.js";
import { absentList, untestedList } from "./head.js";
import { judgeSection } from "./judge.js";
import { showEverything } from "./lines.js";
import { marksSection } from "./marks.js";
import { SIGNS, TONES } from "./rows.js";
import { judged, say, word } from "./say.js";
import { on, state } from "./state.js";
import { complain } from "./toast.js";
import { postPart } from "./posts.js";
import { nodes, shown } from "./visible.js";

/** Facts that are codes, with the family that names them. */
const CODED = { kind: "kind", status: "status", time_precision: "precision", zone_source: "zone" };

const pane = byId("inspector");
export let detail = null;
let asked = 0;

export function drawLine() {
  state.drawn = draw();
  return state.drawn;
}

async function draw() {
  asked += 1;
  const mine = asked;
  if (state.line === null) {
    detail = null;
    return pane.replaceChildren(welcome());
  }
  try {
    const found = await get("line", { c: state.conversation, line: state.line });
    if (mine !== asked) return;
    detail = found;
    const sameLine = pane.dataset.line === `${state.conversation}.${state.line}`;
    pane.dataset.line = `${state.conversation}.${state.line}`;
    const sections = [head(found), texts(found), judgeSection(found), marksSection(found), why(found), account(found), facts(found), history(found)];
    pane.replaceChildren(...sections.filter(Boolean));
    if (!sameLine) pane.scrollTop = 0;
  } catch (error) {
    complain(error);
  }
}

const closer = () => el("button", { type: "button", class: "icon", "aria-label": say("close"), on: { click: close } }, "×");

function welcome() {
  const legend = ["conflict", "one_sided", "doubtful", "set_aside", "agreement"].map((name) =>
    el("li", {}, el("span", { class: `badge ${TONES[name] ?? ""}` }, `${SIGNS[name]} ${word("relation", name)}`), ` ${say(`means_${name}`)}`),
  );
  return el("div", {}, el("div", { class: "inspector-head" }, el("h2", {}, say("details")), closer()), el("section", {}, el("p", {}, say("choose_a_line")), el("p", { class: "hint" }, say("keys_hint"))), el("section", {}, el("h3", {}, say("legend")), el("ul", { class: "history" }, legend)));
}

function head(found) {
  const name = el("h2", {}, el("span", { class: `badge ${TONES[found.relation] ?? ""}` }, `${SIGNS[found.relation]} ${word("relation", found.relation)}`), found.cause ? el("span", {}, word("cause", found.cause)) : null);
  const filtered = Object.keys(state.view).length > 0;
  const context = filtered ? el("button", { type: "button", class: "linklike", on: { click: showEverything } }, say("in_context")) : null;
  return el("div", { class: "inspector-head" }, el("div", {}, name, el("span", { class: "hint" }, say("line_number", { n: (found.line + 1).toLocaleString() })), " ", context), closer());
}

function texts(found) {
  const { left, right } = found.sides;
  const [a, b] = left && right ? differences(left.text, right.text) : [[[left?.text ?? "", false]], [[right?.text ?? "", false]]];
  return el("section", {}, el("h3", {}, say("both_texts")), said("left", left, a, found), said("right", right, b, found));
}

function said(side, message, stretches, found) {
  const label = el("span", {}, say(side));
  if (!message) return el("div", { class: "said" }, el("div", { class: "said-head" }, label), el("div", { class: "said-text is-none" }, say(found.relation === "one_sided" ? `lacks_${side}` : "no_row")));
  const top = el("div", { class: "said-head" }, label, message.who ? el("b", {}, shown(message.who)) : null, el("span", { class: "time" }, message.time ?? say("no_time")));
  const parts = stretches.flatMap(([text, differs]) => (differs ? [el("mark", {}, ...nodes(text))] : nodes(text)));
  const words = !message.text && message.post?.fields?.length ? null : message.text ? el("div", { class: "said-text", dir: "auto", tabIndex: 0, role: "group", "aria-label": say(side) }, ...parts) : el("div", { class: "said-text is-none" }, say(state.overview.has_messages ? "no_words" : "messages_left_out"));
  const other = found.sides[side === "left" ? "right" : "left"];
  return el("div", { class: "said" }, top, words, picture(side, message), message.post ? postPart(side, message, other) : null);
}

function picture(side, message) {
  return message.media ? el("img", { src: `api/picture/${side}/${message.row}`, alt: say("picture_of", { side: say(side) }), loading: "lazy", decoding: "async" }) : null;
}

function why(found) {
  const facts = [];
  // Cut and not rounded, and never whole: what was computed is no certainty.
  const share = (n) => `${Math.min(99.9, Math.floor(n * 1000) / 10)}%`;
  if (found.confidence !== null) facts.push(say("confidence", { n: share(found.confidence) }));
  if (found.similarity !== null) facts.push(say("similarity", { n: Math.floor(found.similarity * 100) / 100 }));
  if (found.offset_seconds !== null) facts.push(say("offset", { n: (found.offset_seconds || 0).toLocaleString() }));
  if (found.detail) facts.push(...found.detail.split(",").map((code) => detailWord(code.trim())));
  if (found.method) facts.push(say("method", { what: word("method", found.method) }));
  for (const odd of found.irregularities) facts.push(`${say(odd.side)}：${word("odd", odd.reason)}`);
  const parts = [el("h3", {}, say("why")), el("ul", { class: "list" }, facts.map((f) => el("li", {}, f)))];
  if (found.gap) parts.push(...gap(found.gap));
  return el("section", {}, ...parts);
}

/** What decided about the line: factors and hypotheses with their weights, the next best, what would change it. */
function account(found) {
  const told = found.account;
  if (!told) return null;
  const cells = (name, odds, what) => el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: "weight" }, weight(odds)), el("td", {}, what));
  const table = (rows) => (rows.length ? el("table", { class: "facts weights" }, el("tbody", {}, rows)) : null);
  const factors = told.factors.map((f) => cells(say(`account_factor_${f.name}`), f.log_odds, factorWord(f)));
  if (told.sum !== null) factors.push(cells(say("account_sum"), told.sum, ""));
  const both = found.sides.left && found.sides.right;
  const head = !told.is_compared ? say("account_not_compared") : factors.length ? say(both ? "account_of_pair" : "account_of_candidate", { row: rowWord(told.other) }) : both ? say("account_equal", { name: word("method", found.method) }) : say("account_no_candidate");
  const reasons = told.hypotheses.filter((h) => h.state !== "none").map((h) => cells(word("cause", h.cause), h.log_odds, say(`account_state_${h.state}`)));
  const rest = told.hypotheses.filter((h) => h.state === "none").map((h) => el("li", {}, `${word("cause", h.cause)}：${say(`account_needs_${h.cause}`)}`));
  const listed = (title, lines) => (lines.length ? [el("h3", {}, say(title)), el("ul", { class: "list" }, lines.map((l) => el("li", {}, l)))] : []);
  return el(
    "section",
    {},
    el("h3", {}, say("account_title")),
    el("p", { class: "hint" }, head),
    table(factors),
    factors.length || reasons.length ? el("p", { class: "hint" }, say("account_scale")) : null,
    told.hypotheses.length ? el("h3", {}, say("account_hypotheses")) : null,
    table(reasons),
    rest.length ? el("details", {}, el("summary", {}, say("account_state_none")), el("ul", { class: "list" }, rest)) : null,
    ...listed("account_alternatives", told.alternatives.map((a) => `${weight(a.log_odds)} ${alternativeWord(a)}`)),
    ...listed("account_changes", told.changes.map(changeWord)),
  );
}

const weight = (odds) => (odds === null ? "" : `${odds < 0 ? "-" : "+"}${Math.abs(odds).toFixed(1)}`);

/** A row of the other side, named `left:12` as it is typed, in words. */
function rowWord(name) {
  const [side, n] = name.split(":");
  return say("account_row_named", { side: say(side), n: Number(n).toLocaleString() });
}

function factorWord(factor) {
  const n = factor.value === null ? "–" : factor.name === "time" ? factor.value.toLocaleString() : Math.floor(factor.value * 100) / 100;
  return say(`account_${factor.name}_${factor.text}`, { n });
}

function alternativeWord(one) {
  if (one.name === "partner") return say(`account_alternative_partner_${one.text}`, { row: rowWord(one.other) });
  const told = say(`account_alternative_${one.name}`);
  return told === `account_alternative_${one.name}` ? word("cause", one.name) : told;
}

function changeWord(change) {
  const name = [`account_factor_${change.name}`, `method_${change.name}`, `cause_${change.name}`].map((key) => [key, say(key)]).find(([key, told]) => key !== told);
  const n = change.log_odds !== null ? change.log_odds.toFixed(1) : change.value !== null ? Math.floor(change.value) : "–";
  const text = change.text === "unstated" && change.log_odds === null ? "unknown" : change.text;
  return say(`account_change_${text}`, { n, name: name ? name[1] : change.name, what: say(`account_undone_${change.name}`) });
}

/** A detail is a form, or what differs, or another cause. */
function detailWord(code) {
  for (const family of ["form", "detail", "cause"]) if (word(family, code) !== code) return word(family, code);
  return code;
}

function gap(found) {
  const parts = found.rows > 1 ? [el("p", { class: "hint" }, say("gap", { n: found.rows, from: found.from_at ?? "?", to: found.to_at ?? "?", authors: found.authors }))] : [];
  const listed = (title, codes, family) => codes?.length && parts.push(el("h3", {}, say(title)), el("ul", { class: "list" }, codes.map((c) => el("li", {}, word(family, c)))));
  listed("not_excluded", found.not_excluded, "open");
  listed("tests_not_possible", found.tests_not_possible, "test");
  return parts;
}

function facts(found) {
  const { left, right } = found.sides;
  const names = [...new Set([...Object.keys(left?.facts ?? {}), ...Object.keys(right?.facts ?? {})])];
  const value = (side, name) => {
    const stated = side?.facts?.[name];
    if (stated === undefined) return "";
    if (name === "party") return partyName(stated);
    return shown(CODED[name] ? word(CODED[name], stated) : String(stated));
  };
  const row = (name) => {
    const [a, b] = [value(left, name), value(right, name)];
    return el("tr", { class: found.relation === "conflict" && a && b && a !== b ? "differs" : "" }, el("th", { scope: "row" }, say(`fact_${name}`)), el("td", {}, a), el("td", {}, b));
  };
  const number = (message) => (message && !message.post ? (message.row + 1).toLocaleString() : "");
  const rowNumber = el("tr", {}, el("th", { scope: "row" }, say("fact_row")), el("td", {}, number(left)), el("td", {}, number(right)));
  const place = el("tr", {}, el("th", { scope: "row" }, say("fact_locator")), el("td", {}, shown(left?.locator ?? "")), el("td", {}, shown(right?.locator ?? "")));
  const table = el("table", { class: "facts" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, el("span", { class: "unseen" }, say("field"))), el("th", { scope: "col" }, say("left")), el("th", { scope: "col" }, say("right")))), el("tbody", {}, rowNumber, place, names.map(row)));
  const command = found.explain ? el("p", { class: "hint" }, say("explain_by"), el("code", {}, shown(found.explain))) : null;
  return el("section", {}, el("h3", {}, say("facts")), table, command, raw("left", left), raw("right", right));
}

function raw(side, message) {
  const fields = Object.entries(message?.raw ?? {}).slice(0, 60);
  if (!fields.length) return null;
  const rows = fields.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, shown(name)), el("td", {}, shown(String(value).slice(0, 2000)))));
  return el("details", {}, el("summary", {}, `${say("raw_fields")} · ${say(side)}`), el("table", { class: "facts" }, el("tbody", {}, rows)));
}

function history(found) {
  if (!found.history.length) return null;
  const undone = new Set(found.history.filter((h) => h.action === "undo").map((h) => h.undoes));
  const line = (h) => {
    const what = h.action === "undo" ? say("action_undo") : judged(h.judgement, { differs: h.differs, isPair: found.sides.left && found.sides.right });
    return el("li", { class: undone.has(h.id) ? "undone" : "" }, `${h.at} · ${shown(h.reviewer)} · ${what}`, h.note ? el("div", { class: "hint" }, shown(h.note)) : null);
  };
  const second = found.second ? el("p", { class: `badge ${found.second === "disputed" ? "is-conflict" : "is-good"}` }, say(`second_${found.second}`)) : null;
  return el("section", {}, el("h3", {}, say("history")), second, el("ul", { class: "history" }, found.history.map(line)));
}

export function open() {
  pane.classList.add("is-open");
  if (matchMedia("(max-width: 1120px)").matches) byId("veil").hidden = !matchMedia("(max-width: 760px)").matches;
}

export function close() {
  pane.classList.remove("is-open");
  byId("veil").hidden = true;
  byId("lines").focus();
}

on("line", drawLine);
on("decided", drawLine);
on("conversation", drawLine);
on("opened", open);
/** Something about the whole conversation takes the place of a line's details. */
function drawInstead(section) {
  state.line = null;
  asked += 1;
  detail = null;
  attribute(pane, "data-line", "");
  pane.replaceChildren(el("div", { class: "inspector-head" }, el("span", { class: "push" }), closer()), section);
  open();
}

on("absent", (found) => drawInstead(absentList(found)));
on("untested", (names) => drawInstead(untestedList(names)));
