// Reports: which forms, masked or not, and the files to look at or keep.
import { byId, el } from "./dom.js";
import { outcome, progress } from "./commands.js";
import { choosePath } from "./dialog.js";
import { size, wish } from "./hub.js";
import { chosenMasks, maskChoice } from "./masks.js";
import { lang, say, word } from "./say.js";
import { shown } from "./visible.js";

const FORMS = ["html", "docx", "xlsx", "pdf"];
const LOOKED_AT = ["html", "pdf"];
// What a person reads; the other files are for programs.
const READ = ["html", "docx", "xlsx", "pdf"];

export function reports(found) {
  if (!found) return [];
  const running = found.running.find((job) => job.what === "report");
  return [
    el("h1", {}, say("reports_title")),
    found.result ? choose(found, running) : el("p", { class: "note" }, say("refused_compare_first")),
    running ? progress(running, found.id) : found.finished.report?.error ? outcome(found.finished.report) : null,
    el("h2", {}, say("files")),
    found.files.length ? bothTables(found) : el("p", { class: "hint" }, say("files_none")),
  ];
}

function choose(found, running) {
  const box = (id, words, checked) => el("label", { class: "option" }, el("input", { type: "checkbox", id, checked }), words);
  const form = el("form", { class: "card" }, el("p", { class: "hint" }, say("reports_why")),
    el("div", { class: "options" }, FORMS.map((f) => box(`form-${f}`, say(`form_${f}`), f !== "pdf"))), maskChoice(found), signature(),
    el("div", { class: "row" }, el("button", { class: "strong", id: "write", disabled: Boolean(running) }, say("write_reports"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const forms = FORMS.filter((f) => form.querySelector(`#form-${f}`).checked);
    const [path, key, timestamp] = ["sign-path", "sign-password", "stamp-address"].map((id) => byId(id).value);
    if ((path.trim() || timestamp.trim()) && !forms.includes("pdf")) forms.push("pdf"); // only a PDF is signed and stamped
    if (forms.length) wish("report", { case: found.id, forms, path, key, timestamp, ...chosenMasks(form) });
    byId("sign-password").value = "";
  });
  return form;
}

/** The key file that signs the PDF with its password, and the authority that stamps it. */
function signature() {
  const take = (path) => {
    byId("sign-path").value = path;
    return true;
  };
  return el("details", { id: "sign" }, el("summary", {}, say("sign_title")), el("p", { class: "hint" }, say("sign_why")),
    el("div", { class: "pair" }, el("div", {}, el("label", { for: "sign-path" }, say("sign_file")), el("input", { type: "text", id: "sign-path", maxLength: 4000, autocomplete: "off", spellcheck: false })),
      el("div", {}, el("label", { for: "sign-password" }, say("sign_password")), el("input", { type: "password", id: "sign-password", maxLength: 400, autocomplete: "off" }))),
    el("div", { class: "row" }, el("button", { type: "button", class: "plain", id: "sign-choose", on: { click: () => choosePath(take) } }, say("choose_path"))),
    el("div", { class: "pair" }, el("div", {}, el("label", { for: "stamp-address" }, say("stamp_address")), el("input", { type: "text", inputMode: "url", id: "stamp-address", maxLength: 2000, autocomplete: "off", spellcheck: false, "aria-describedby": "stamp-why" }))),
    el("p", { class: "hint", id: "stamp-why" }, say("stamp_why")));
}

function bothTables(found) {
  // What was written last, with decisions and masks, stands before the report of the bare comparison; in it the whole report first.
  const rank = (file) => (file.folder === "result") * 2 + !file.name.startsWith("report.");
  const ordered = [...found.files].sort((a, b) => rank(a) - rank(b));
  const [read, rest] = [true, false].map((wanted) => ordered.filter((file) => READ.includes(file.form) === wanted));
  return [read.length ? fileTable(found.id, read) : el("p", { class: "hint" }, say("files_none")), rest.length ? el("details", { class: "card", id: "more-files" }, el("summary", {}, say("files_more", { n: rest.length })), fileTable(found.id, rest)) : null];
}

const written = (seconds) => new Date(seconds * 1000).toLocaleString(lang === "zh" ? "zh-CN" : "en-GB", { dateStyle: "short", timeStyle: "short" });

/** Files, each with what to do with it. */
export function fileTable(id, files) {
  const head = ["file", "size"].map((name) => el("th", { scope: "col", class: name === "size" ? "number" : "" }, say(`col_${name}`)));
  const called = [...new Set(files.map((file) => shown(file.folder)))].join(", ");
  const row = (file) => {
    const at = `/file/${[id, file.folder, file.name].map(encodeURIComponent).join("/")}`;
    const look = LOOKED_AT.includes(file.form) ? el("a", { href: `${at}?look=1`, target: "_blank", rel: "noopener" }, say("look"), el("span", { class: "unseen" }, ` ${shown(file.name)}`)) : null;
    const name = `${shown(file.folder)} / ${shown(file.name)}`;
    const code = file.name.replace(".", "_");
    const title = word("file", code);
    return el("tr", {}, el("th", { scope: "row" }, title === code ? name : title, title !== code ? el("span", { class: "file-name" }, name) : null, el("span", { class: "file-name" }, say("file_written", { at: written(file.at) })), file.folder === "result" ? el("span", { class: "file-name" }, say("file_of_comparison")) : null, /-masked/.test(file.folder) ? el("span", { class: "badge" }, say("masked")) : null), el("td", { class: "number" }, size(file.bytes)),
      el("td", { class: "keep" }, look, el("a", { href: at, download: file.name }, say("download"), el("span", { class: "unseen" }, ` ${name}`))));
  };
  return el("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": `${say("files")} ${called}`, lang }, el("table", { class: "files" }, el("thead", {}, el("tr", {}, head, el("td", {}))), el("tbody", {}, files.map(row))));
}
