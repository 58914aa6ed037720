// Reports: which forms, masked or not, and the files to look at or keep.
import { el } from "./dom.js";
import { outcome, progress } from "./commands.js";
import { size, wish } from "./hub.js";
import { chosenMasks, maskChoice } from "./masks.js";
import { lang, say } from "./say.js";
import { shown } from "./visible.js";

const FORMS = ["html", "docx", "xlsx", "pdf"];
const LOOKED_AT = ["html", "pdf"];

export function reports(found) {
  if (!found) return [];
  const running = found.running.find((job) => job.what === "report");
  return [
    el("h1", {}, say("reports_title")),
    found.result ? choose(found, running) : el("p", { class: "note" }, say("refused_compare_first")),
    running ? progress(running, found.id) : found.finished.report?.error ? outcome(found.finished.report) : null,
    el("h2", {}, say("files")),
    found.files.length ? fileTable(found.id, found.files) : el("p", { class: "hint" }, say("files_none")),
  ];
}

function choose(found, running) {
  const box = (id, words, checked) => el("label", { class: "option" }, el("input", { type: "checkbox", id, checked }), words);
  const form = el("form", { class: "card" }, el("p", { class: "hint" }, say("reports_why")),
    el("div", { class: "options" }, FORMS.map((f) => box(`form-${f}`, say(`form_${f}`), f !== "pdf"))), maskChoice(found),
    el("div", { class: "row" }, el("button", { class: "strong", id: "write", disabled: Boolean(running) }, say("write_reports"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const forms = FORMS.filter((f) => form.querySelector(`#form-${f}`).checked);
    if (forms.length) wish("report", { case: found.id, forms, ...chosenMasks(form) });
  });
  return form;
}

/** Files, each with what to do with it. */
export function fileTable(id, files) {
  const head = ["file", "size"].map((name) => el("th", { scope: "col", class: name === "size" ? "number" : "" }, say(`col_${name}`)));
  const called = [...new Set(files.map((file) => shown(file.folder)))].join(", ");
  const row = (file) => {
    const at = `/file/${[id, file.folder, file.name].map(encodeURIComponent).join("/")}`;
    const look = LOOKED_AT.includes(file.form) ? el("a", { href: `${at}?look=1`, target: "_blank", rel: "noopener" }, say("look"), el("span", { class: "unseen" }, ` ${shown(file.name)}`)) : null;
    const name = `${shown(file.folder)} / ${shown(file.name)}`;
    return el("tr", {}, el("th", { scope: "row" }, name, /-masked/.test(file.folder) ? el("span", { class: "badge" }, say("masked")) : null), el("td", { class: "number" }, size(file.bytes)),
      el("td", { class: "keep" }, look, el("a", { href: at, download: file.name }, say("download"), el("span", { class: "unseen" }, ` ${name}`))));
  };
  return el("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": `${say("files")} ${called}`, lang }, el("table", { class: "files" }, el("thead", {}, el("tr", {}, head, el("td", {}))), el("tbody", {}, files.map(row))));
}
