// The keyboard. Letters act only when nothing is being written and no dialog is open.
import { byId } from "./dom.js";
import { openHelp } from "./dialogs.js";
import { openFilters } from "./filters.js";
import { close } from "./inspector.js";
import { judge, pickChosen, stopPicking, undoCurrent } from "./judge.js";
import { move, showEverything, step } from "./lines.js";
import { toggleMark } from "./marks.js";
import { setConversation, state, tell } from "./state.js";
import { complain } from "./toast.js";

const isWriting = (node) => node.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select");

const ACTS = {
  j: () => step(1),
  k: () => step(-1),
  J: () => step(1, "open"),
  K: () => step(-1, "open"),
  1: () => judge("same"),
  2: () => judge("not_same"),
  3: () => judge("set_aside"),
  n: () => (tell("opened"), byId("note")?.focus()),
  u: undoCurrent,
  b: () => toggleMark("is_bookmarked"),
  t: () => (tell("opened"), byId("tag")?.focus()),
  "/": () => (byId("words").focus(), byId("words").select()),
  f: openFilters,
  c: showEverything,
  "[": () => setConversation(state.conversation - 1),
  "]": () => setConversation(state.conversation + 1),
  "?": openHelp,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") return escape(event);
  if (isWriting(event.target)) return;
  if (event.key === "Enter" && state.partner && state.line !== null) {
    event.preventDefault();
    return void pickChosen().catch(complain);
  }
  if (event.target === document.body) move(event);
  const act = ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

function escape(event) {
  if (state.partner) return stopPicking();
  if (event.target.matches("textarea")) return byId("lines").focus();
  byId("side").classList.remove("is-open");
  byId("open-side").setAttribute("aria-expanded", "false");
  return close();
}
