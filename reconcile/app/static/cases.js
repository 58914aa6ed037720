// All cases, a new one, the folder in which they lie, and many cases at once.
import { el } from "./dom.js";
import { outcome, progress } from "./commands.js";
import { choosePath } from "./dialog.js";
import { fileTable } from "./reports.js";
import { go, wish } from "./hub.js";
import { say } from "./say.js";
import { shown } from "./visible.js";

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
    outcome(told.finished), told.files.length ? fileTable("-", told.files) : null);
}
