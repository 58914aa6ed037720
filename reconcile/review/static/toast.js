// Short words at the foot of the page.
import { byId, el } from "./dom.js";
import { say } from "./say.js";
import { on } from "./state.js";

// What went wrong takes longer to read than that something was done.
const SECONDS = 6;
const BAD_SECONDS = 20;

export function toast(words, { isBad = false, action = null } = {}) {
  const node = el("div", { class: `toast${isBad ? " is-bad" : ""}` }, el("span", {}, words));
  if (action) node.append(el("button", { type: "button", on: { click: () => (node.remove(), action.act()) } }, action.words));
  byId("toasts").append(node);
  while (byId("toasts").children.length > 3) byId("toasts").firstChild.remove();
  setTimeout(() => node.remove(), (isBad ? BAD_SECONDS : SECONDS) * 1000);
}

/** Says what went wrong, in the catalogue's words. */
export function complain(error) {
  if (error?.name === "AbortError") return;
  if (!error?.code) throw error;
  toast(say(`refused_${error.code}`), { isBad: true });
}

on("notice", (words) => toast(words));
