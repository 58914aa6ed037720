// Other jobs: is a submission complete, the checklist, the seal.
import { el } from "./dom.js";
import { outcome, progress } from "./commands.js";
import { choosePath } from "./dialog.js";
import { fileTable } from "./reports.js";
import { wish } from "./hub.js";
import { say } from "./say.js";

export function jobs(found) {
  if (!found) return [];
  return [el("h1", {}, say("step_jobs")), check(found), job(found, "checklist", () => wish("checklist", { case: found.id })), job(found, "seal", () => wish("seal", { case: found.id }))];
}

function check(found) {
  const against = el("select", { id: "against" }, ["left", "right"].map((side) => el("option", { value: side }, say(side))));
  const run = () => {
    const side = document.getElementById("against").value;
    choosePath((path) => wish("check", { case: found.id, side, path }));
  };
  return job(found, "check", run, el("div", {}, el("label", { for: "against" }, say("check_against")), against));
}

function job(found, what, act, more = null) {
  const running = found.running.find((j) => j.what === what);
  const told = found.finished[what];
  const files = told?.folder ? found.files.filter((f) => f.folder === told.folder) : [];
  return el("section", { class: "card" }, el("h2", {}, say(`${what}_title`)), el("p", { class: "hint" }, say(`${what}_why`)), more,
    running ? progress(running, found.id) : el("div", { class: "row" }, el("button", { type: "button", class: "plain", id: what, on: { click: act } }, say(`${what}_run`))),
    running ? null : outcome(told), files.length ? fileTable(found.id, files) : null);
}
