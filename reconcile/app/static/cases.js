// All cases, a new one, the folder in which they lie, and many cases at once.
import { el } from "./dom.js";
import { outcome, progress } from "./commands.js";
import { choosePath } from "./dialog.js";
import { fileTable } from "./reports.js";
import { go, wish } from "./hub.js";
import { say } from "./say.js";
import { shown } from "./visible.js";

const TONES = { conflicting: "is-conflict", one_sided: "is-one", cannot_determine: "is-doubt", no_gap_found: "is-good", explained_differences: "is-good" };
const CODES = { 0: "is-good", 1: "is-conflict", 3: "is-doubt", 2: "is-one" };

export function cases(found) {
  if (!found) return [];
  return [
    el("h1", {}, say("cases")),
    newCase(),
    found.cases.length ? el("ul", { class: "case-list" }, found.cases.map(caseRow)) : el("p", { class: "empty" }, say("cases_empty")),
    el("section", { class: "card" }, el("h2", {}, say("place")), el("p", { class: "path" }, shown(found.folder)), el("p", { class: "hint" }, say("place_why")),
      el("button", { type: "button", class: "plain", id: "place-change", on: { click: () => choosePath((path) => wish("place", { path }), found.folder) } }, say("place_change"))),
    batch(found.batch),
  ];
}

function newCase() {
  const name = el("input", { type: "text", id: "new-name", maxLength: 100, autocomplete: "off", placeholder: say("case_name_hint") });
  const form = el("form", { class: "card new-case" }, el("label", { for: "new-name" }, say("case_name")), el("div", { class: "row" }, name, el("button", { class: "strong", id: "new-case" }, say("case_new"))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const made = await wish("create", { name: form.querySelector("input").value });
    if (made?.id) go(made.id, "start");
  });
  return form;
}

function caseRow(one) {
  if (one.error) return el("li", { class: "case-row" }, el("span", {}, shown(one.name)), el("span", { class: "badge is-one" }, one.error));
  const words = one.is_running ? say("runs") : one.is_compared && one.code !== null ? say(`code_${one.code}`) : say("not_compared");
  const tone = one.is_running || !one.is_compared ? "" : CODES[one.code] ?? "";
  const page = one.is_compared ? "compare" : "start";
  return el("li", {}, el("a", { class: "case-row", href: `#${new URLSearchParams({ case: one.id, page })}` },
    el("strong", {}, shown(one.name)), el("span", { class: "hint" }, say("n_exports", one.exports)), el("span", { class: "push" }), el("span", { class: `badge ${tone}` }, words)));
}

function batch(told) {
  const run = () => choosePath((path) => wish("batch", { path }), "", true);
  return el("section", { class: "card" }, el("h2", {}, say("batch_title")), el("p", { class: "hint" }, say("batch_why")),
    told.running.length ? told.running.map((job) => progress(job, "")) : el("button", { type: "button", class: "plain", id: "batch", on: { click: run } }, say("batch_run")),
    told.running.length ? null : outcome(told.finished), told.scored.length && !told.running.length ? scored(told.scored) : null, told.files.length ? el("details", { id: "batch-files" }, el("summary", {}, say("files")), fileTable("-", told.files)) : null);
}

/** Disputes by score, the gravest first; each can be opened as a case. */
function scored(rows) {
  const columns = ["score", "conflicts", "left_missing", "right_missing", "doubtful", "amount_at_stake"];
  const named = { left_missing: say("right"), right_missing: say("left") };
  const head = [el("th", { scope: "col" }, say("col_case")), el("th", { scope: "col" }, say("col_grade")), ...columns.map((name) => el("th", { scope: "col", class: "number" }, say(`col_${name}`, { name: named[name] ?? "" })))];
  const open = async (called) => {
    const made = await wish("open_dispute", { name: called });
    if (made?.id) go(made.id, made.result ? "compare" : "start");
  };
  const row = (one, n) => el("tr", {}, el("th", { scope: "row" }, el("button", { type: "button", class: "linklike", id: `dispute-${n}`, on: { click: () => open(one.case) } }, shown(one.case))),
    el("td", {}, el("span", { class: `badge ${TONES[one.grade] ?? ""}` }, one.grade_name)), ...columns.map((name) => el("td", { class: "number" }, one[name].toLocaleString(undefined, { maximumFractionDigits: name === "score" ? 1 : 2 }))));
  return el("div", { class: "scroll batch-list", tabIndex: 0, role: "region", "aria-label": say("batch_list") }, el("table", {}, el("caption", {}, say("batch_list")), el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows.map(row))));
}
