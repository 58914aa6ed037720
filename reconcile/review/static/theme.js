// Light or dark: as the system has it, until the reviewer says otherwise.
import { byId } from "./dom.js";
import { say } from "./say.js";
import { tell } from "./state.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const chosen = () => localStorage.getItem("reconcile-theme");

export function applyTheme() {
  document.documentElement.dataset.theme = chosen() ?? (dark.matches ? "dark" : "light");
  tell("theme");
}

export function labelTheme() {
  byId("theme").title = say("theme");
  byId("theme").setAttribute("aria-label", say("theme"));
}

byId("theme").addEventListener("click", () => {
  localStorage.setItem("reconcile-theme", document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  applyTheme();
});
dark.addEventListener("change", applyTheme);
applyTheme();
