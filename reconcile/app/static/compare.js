// The comparison: how far it is, and each conversation's verdict, worst first.
import { el } from "./dom.js";
import { command, outcome, progress } from "./commands.js";
import { wish } from "./hub.js";
import { lang, say } from "./say.js";
import { advice } from "./start.js";
import { shown } from "./visible.js";

const TONES = { conflicting: "is-conflict", one_sided: "is-one", cannot_determine: "is-doubt", no_gap_found: "is-good", explained_differences: "is-good" };
const SIGNS = { conflicting: "≠", one_sided: "◧", cannot_determine: "?", no_gap_found: "✓", explained_differences: "≈" };
const COUNTS = ["agreements", "conflicts", "left_missing", "right_missing", "doubtful"];

export function compare(found) {
  if (!found) return [];
  const running = found.running.find((job) => job.what === "compare");
  const told = found.finished.compare;
  return [
    el("h1", {}, say("step_compare")),
    names(found),
    running ? progress(running, found.id) : begin(found),
    running || !told?.error ? null : outcome(told),
    found.is_outdated && !running ? el("p", { class: "note" }, say("outdated")) : null,
    found.result ? result(found) : running ? null : el("p", { class: "hint" }, say("compare_none")),
    command(found.command),
  ];
}

function names(found) {
  const field = (side) => el("div", {}, el("label", { for: `name-${side}` }, say(`name_${side}`)), el("input", { type: "text", id: `name-${side}`, maxLength: 80, autocomplete: "off", placeholder: say(side), value: found[side], on: { change: (event) => wish("call", { case: found.id, [side]: event.target.value }) } }));
  return el("details", { class: "card", id: "names" }, el("summary", {}, say("names")), el("p", { class: "hint" }, say("name_hint")), el("div", { class: "pair" }, field("left"), field("right")));
}

function begin(found) {
  const said = advice(found);
  const run = () => wish("compare", { case: found.id });
  return el("div", { class: "next", role: "status" }, el("span", {}, found.result && said === "next_compare" && !found.is_outdated ? say(`code_${found.finished.compare?.code ?? 0}`) : say(said)), el("span", { class: "push" }),
    found.result && !found.result.broken ? el("a", { class: "strong", id: "open-review", href: `/review/${encodeURIComponent(found.id)}/` }, say("open_review")) : null,
    el("button", { type: "button", class: found.result ? "plain" : "strong", id: "compare", disabled: said !== "next_compare", on: { click: run } }, say(found.result ? "compare_again" : "compare")));
}

function result(found) {
  const { names: called, verdicts, broken } = found.result;
  if (broken) return el("p", { class: "note is-bad" }, say("result_broken"));
  // What a side lacks, the other alone holds.
  const heads = { left_missing: { name: shown(called.right) }, right_missing: { name: shown(called.left) } };
  const head = [say("col_conversation"), say("col_grade"), ...COUNTS.map((c) => say(`col_${c}`, heads[c] ?? {}))];
  return el("section", {}, said(found), el("h2", {}, say("verdicts")), el("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": say("verdicts") },
    el("table", { class: "verdicts" }, el("thead", {}, el("tr", {}, head.map((words, n) => el("th", { scope: "col", class: n > 1 ? "number" : "" }, words)))), el("tbody", {}, verdicts.map((v) => row(found, v))))));
}

/** The verdict in one sentence and the first findings, as the command said them; in another language they are left to the report. */
function said(found) {
  const told = found.finished.compare;
  if (!told?.command.endsWith(`--lang ${lang}`)) return null;
  const begin = told.lines.indexOf("") + 1;
  const [verdict, ...findings] = begin ? told.lines.slice(begin, told.lines.indexOf("", begin)) : [];
  if (!verdict) return null;
  return el("div", { class: "card found" }, el("p", { class: "found-verdict" }, shown(verdict)), findings.length ? el("p", { class: "found-rows" }, findings.map((line) => shown(line.replace(/^ {2}/, ""))).join("\n")) : null);
}

function row(found, verdict) {
  const open = el("a", { href: `/review/${encodeURIComponent(found.id)}/#c=${verdict.index}` }, shown(verdict.name ?? "-"));
  const badge = el("span", { class: `badge ${TONES[verdict.grade] ?? ""}` }, `${SIGNS[verdict.grade] ?? ""} ${verdict.grade_name}`);
  return el("tr", {}, el("th", { scope: "row" }, open), el("td", {}, badge), COUNTS.map((c) => el("td", { class: "number" }, verdict[c].toLocaleString())));
}
