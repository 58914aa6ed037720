// Other jobs: is a submission complete, payments, seal and verify, the checklist, the guide.
import { byId, el } from "./dom.js";
import { outcome, progress } from "./commands.js";
import { choosePath } from "./dialog.js";
import { fileTable } from "./reports.js";
import { pick } from "./drop.js";
import { state, wish } from "./hub.js";
import { say } from "./say.js";
import { toast } from "./toast.js";
import { shown } from "./visible.js";

export function jobs(found) {
  if (!found) return [];
  return [
    el("h1", {}, say("step_jobs")),
    check(found),
    bill(found),
    job(found, "seal", () => wish("seal", { case: found.id })),
    verify(found),
    job(found, "checklist", () => wish("checklist", { case: found.id }), caseForm(found)),
    guide(found),
  ];
}

function check(found) {
  const against = select("against", "check_against", ["left", "right"].map((side) => [side, found[side] ? shown(found[side]) : say(side)]));
  const side = () => byId("against").value;
  const run = () => choosePath((path) => wish("check", { case: found.id, side: side(), path }));
  const sending = state.sending.submission;
  const button = (id, words, act) => el("button", { type: "button", class: "plain", id, on: { click: act } }, say(words));
  const drop = el("div", { class: "drop", "data-area": "submission" }, el("p", { class: "drop-words" }, sending ? say("sending", sending) : say("check_drop")),
    el("div", { class: "row" }, button("check", "choose_path", run), button("check-files", "choose_files", () => pick("files", "submission", side())), button("check-folder", "choose_folder", () => pick("folders", "submission", side()))));
  return job(found, "check", null, [against, drop]);
}

function bill(found) {
  const password = el("div", {}, el("label", { for: "bill-password" }, say("bill_password")), el("input", { type: "password", id: "bill-password", autocomplete: "off", maxLength: 200 }));
  const run = () => {
    const key = byId("bill-password").value;
    choosePath((path) => wish("bill", { case: found.id, path, key }));
  };
  return job(found, "bill", run, password);
}

function verify(found) {
  if (!found.seals.length) return null;
  const which = select("which-seal", "verify_which", found.seals.map((name) => [name, shown(name)]));
  return job(found, "verify", () => wish("verify", { case: found.id, what: byId("which-seal").value }), which);
}

/** The case file as a form; what is filled in stands in the file, which can be edited by hand as well. */
function caseForm(found) {
  if (!found.form.length) return null;
  const id = (field) => `form-${field.line}-${field.key}`;
  const input = (field) => {
    const isFlag = typeof field.value === "boolean";
    const box = isFlag ? el("input", { type: "checkbox", id: id(field), checked: field.value }) : el("input", { type: "text", id: id(field), value: field.value, maxLength: 500, autocomplete: "off" });
    return el("div", {}, isFlag ? el("label", { class: "option" }, box, shown(field.label)) : [el("label", { for: id(field) }, shown(field.label)), box]);
  };
  const groups = Map.groupBy ? [...Map.groupBy(found.form, (f) => f.section).values()] : [found.form];
  const group = (fields) => el("fieldset", {}, el("legend", {}, shown(fields[0].title) || say("case_facts")), el("div", { class: "form-fields" }, fields.map(input)));
  const form = el("form", { class: "case-form" }, groups.map(group), el("div", { class: "row" }, el("button", { class: "strong", id: "fill" }, say("fill"))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const value = (field) => (typeof field.value === "boolean" ? byId(id(field)).checked : byId(id(field)).value);
    const filled = found.form.map((field) => ({ line: field.line, key: field.key, value: value(field) }));
    if (await wish("fill", { case: found.id, filled })) toast(say("filled"));
  });
  return el("details", { id: "case-form" }, el("summary", {}, say("case_form")), form);
}

function guide(found) {
  const form = select("guide-form", "col_form", ["html", "docx"].map((name) => [name, say(`form_${name}`)]));
  return job(found, "guide", () => wish("guide", { case: found.id, form: byId("guide-form").value }), form);
}

function select(id, label, options) {
  return el("div", {}, el("label", { for: id }, say(label)), el("select", { id }, options.map(([value, words]) => el("option", { value }, words))));
}

function job(found, what, act, more = null) {
  const running = found.running.find((j) => j.what === what);
  const told = found.finished[what];
  const files = told?.folder ? found.files.filter((f) => f.folder === told.folder) : [];
  const said = told && !running && !told.error && told.lines.length ? el("details", { id: `said-${what}`, open: what === "verify" }, el("summary", {}, say("said")), el("pre", { class: "said-lines", tabIndex: 0 }, told.lines.map(shown).join("\n"))) : null;
  return el("section", { class: "card", "aria-labelledby": `title-${what}` }, el("h2", { id: `title-${what}` }, say(`${what}_title`)), el("p", { class: "hint" }, say(`${what}_why`)), more,
    running ? progress(running, found.id) : act && el("div", { class: "row" }, el("button", { type: "button", class: "plain", id: what, on: { click: act } }, say(`${what}_run`))),
    running ? null : outcome(told), said, files.length ? fileTable(found.id, files) : null);
}
