// Commands that run, and how one ended.
import { el } from "./dom.js";
import { wish } from "./hub.js";
import { say } from "./say.js";
import { shown } from "./visible.js";

const STAGES = ["reading", "matching", "writing"];

/** A command that runs: its stage, the time it took so far, and a way to stop it. */
export function progress(job, id) {
  const at = STAGES.indexOf(job.code);
  const bar = el("progress", { max: STAGES.length, "aria-label": job.stage });
  if (at >= 0) bar.setAttribute("value", String(at + 0.5));
  const stop = el("button", { type: "button", class: "plain", id: `stop-${job.what}`, on: { click: () => wish("cancel", { case: id, what: job.what }) } }, say("stop"));
  return el("div", { class: "progress", role: "status" }, el("strong", {}, job.stage), bar, el("span", { class: "hint" }, say("running_for", { n: job.seconds })), stop);
}

/** Commands whose end is a finding; the others are done or not. */
const JUDGING = ["compare", "check", "bill", "verify", "batch"];

/** How a command ended: what it said, or why it could not run. */
export function outcome(finished) {
  if (!finished) return null;
  if (finished.error) return el("p", { class: "note is-bad" }, shown(finished.error));
  return el("p", { class: "note" }, say(JUDGING.includes(finished.what) ? `code_${finished.code}` : "done"));
}

/** The same as one would type it. */
export function command(words) {
  if (!words) return null;
  return el("details", { class: "command", id: "command" }, el("summary", {}, say("command_line")), el("p", { class: "hint" }, say("command_why")), el("pre", { tabIndex: 0 }, shown(words)));
}
