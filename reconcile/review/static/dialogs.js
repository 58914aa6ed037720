// The reviewer's name, and the keys.
import { byId, el } from "./dom.js";
import { say } from "./say.js";
import { on, reviewer, setReviewer } from "./state.js";

const named = byId("reviewer-dialog");
let waiting = null;

/** Asks for the reviewer's name where none is known; true once there is one. */
export function askName(again = false) {
  if (reviewer() && !again) return Promise.resolve(true);
  byId("reviewer-name").value = reviewer();
  named.showModal();
  byId("reviewer-name").focus();
  return new Promise((resolve) => {
    waiting = resolve;
  });
}

function keep() {
  const name = byId("reviewer-name").value.trim();
  if (!name) return byId("reviewer-name").focus();
  setReviewer(name);
  named.close();
}

named.addEventListener("close", () => {
  waiting?.(Boolean(reviewer()));
  waiting = null;
});
byId("reviewer-keep").addEventListener("click", keep);
byId("reviewer-name").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  keep();
});
byId("reviewer").addEventListener("click", () => askName(true));

for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}

const KEYS = [["j / k", "key_finding"], ["J / K", "key_open"], ["↑ ↓", "key_line"], ["1 / 2 / 3", "key_judge"], ["n", "key_note"], ["u", "key_undo"], ["b", "key_bookmark"], ["t", "key_tag"], ["/", "key_search"], ["f", "key_filters"], ["c", "key_context"], ["[ / ]", "key_conversation"], ["Esc", "key_escape"], ["?", "key_help"]];

export function openHelp() {
  const rows = KEYS.flatMap(([keys, name]) => [el("dt", {}, keys.split(" / ").flatMap((k, i) => [i ? " " : null, el("kbd", {}, k)])), el("dd", {}, say(name))]);
  byId("help-body").replaceChildren(el("p", {}, say("help_text")), el("dl", { class: "keys" }, rows), el("p", {}, say("help_log")), el("p", {}, say("limit")));
  byId("help-dialog").showModal();
}

byId("help").addEventListener("click", openHelp);

export function drawReviewer() {
  byId("reviewer").textContent = reviewer() || say("who_are_you");
  byId("reviewer").title = say("reviewer_title");
}

on("reviewer", drawReviewer);
