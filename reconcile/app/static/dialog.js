// The two dialogs: a path on this machine, and what the user tells of an export.
import { get } from "./api.js";
import { areColumnsWhole, drawColumns } from "./columns.js";
import { byId, el, text } from "./dom.js";
import { wish } from "./hub.js";
import { say } from "./say.js";
import { shown } from "./visible.js";

const ZONES = ["Asia/Shanghai", "Asia/Hong_Kong", "Asia/Singapore", "Asia/Tokyo", "Europe/London", "America/New_York", "America/Los_Angeles", "UTC"];

let chosen = null;
let up = null;
let told = null;

export function watchDialogs() {
  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
  byId("path-up").addEventListener("click", () => up && list(up));
  byId("path-use").addEventListener("click", use);
  byId("path").addEventListener("keydown", (event) => event.key === "Enter" && use());
  byId("tell-save").addEventListener("click", save);
  byId("key").addEventListener("keydown", (event) => event.key === "Enter" && save());
  byId("zones").replaceChildren(...ZONES.map((value) => el("option", { value })));
}

/** Asks for a path; `act` takes it and says whether it was taken. The dialog stays open until it was. */
export function choosePath(act, from = "") {
  chosen = act;
  byId("path-error").hidden = true;
  byId("path").value = "";
  byId("path-dialog").showModal();
  list(from || localStorage.getItem("reconcile-folder") || "");
  byId("path").focus();
}

async function list(path) {
  const before = byId("path").value;
  try {
    const found = await get("folder", { path });
    up = found.up;
    if (byId("path").value === before) byId("path").value = found.path; // else something was typed meanwhile
    byId("path-up").disabled = !up;
    byId("places").replaceChildren(...found.places.map((one, n) => el("button", { type: "button", class: "plain", id: `place-${n}`, on: { click: () => list(one.path) } }, one.code ? say(`place_${one.code}`) : shown(one.path))));
    localStorage.setItem("reconcile-folder", found.path);
    const empty = found.entries.length ? [] : [el("li", { class: "hint" }, say("path_empty"))];
    const more = found.more ? [el("li", { class: "hint" }, say("path_more", { n: found.more }))] : [];
    byId("entries").replaceChildren(...found.entries.map(entry), ...empty, ...more);
  } catch (error) {
    if (!error.code) throw error;
    if (path) await list("");
  }
}

function entry(one) {
  const pick = () => (one.is_folder ? list(one.path) : (byId("path").value = one.path));
  return el("li", {}, el("button", { type: "button", class: "entry", on: { click: pick } }, el("span", { "aria-hidden": "true" }, one.is_folder ? "▸ " : "· "), shown(one.name), one.is_folder ? el("span", { class: "unseen" }, ` ${say("folder")}`) : null));
}

async function use() {
  const done = await chosen(byId("path").value);
  if (done) byId("path-dialog").close();
  byId("path-error").hidden = Boolean(done);
  if (!done) text(byId("path-error"), byId("toasts").lastChild?.firstChild?.textContent ?? "");
}

/** Asks for a key, or for how an export is to be read. */
export function tellExport(id, one, isKey = false) {
  told = { id, one };
  const guess = (what) => one.facts?.guesses.find((g) => g.what === what)?.guess ?? "";
  byId("key").value = "";
  drawColumns(one.mapping, one.told.columns || guess("columns") || one.mapping?.spelled || "");
  byId("timezone").value = one.told.timezone || guess("timezone");
  byId("owner").value = one.told.owner;
  byId("senders").replaceChildren(...(one.facts?.senders ?? []).map((s) => el("option", { value: s.sender }, s.name ?? "")));
  byId("tell-key").hidden = !isKey;
  for (const part of document.querySelectorAll(".tell-more")) part.hidden = isKey;
  // The columns of a known form are known.
  if (one.state === "ready" && !one.mapping && !one.told.columns) byId("tell-columns").hidden = true;
  text(byId("tell-title"), say(isKey ? "key_title" : "tell_title"));
  byId("tell-dialog").showModal();
  const first = isKey ? byId("key") : byId("tell-dialog").querySelector("select, .tell-more:not([hidden]) :is(summary, input:not([type=radio]))");
  first.focus();
}

async function save() {
  const { id, one } = told;
  const value = (name) => byId(name).value.trim();
  const values = { columns: value("columns"), timezone: value("timezone"), owner: value("owner") };
  const isKey = !byId("tell-key").hidden;
  if (!isKey && !areColumnsWhole()) return;
  const done = await wish("tell", { case: id, export: one.id, told: isKey ? one.told : values, key: value("key"), is_confirmed: false });
  byId("key").value = "";
  if (done) byId("tell-dialog").close();
}
