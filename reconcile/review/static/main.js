// Begins: words, case, then the parts. Asks now and then whether another reviewer has judged.
import { get } from "./api.js";
import { applyTheme, labelTheme } from "./theme.js";
import { byId, text } from "./dom.js";
import { drawReviewer } from "./dialogs.js";
import { drawChips } from "./filters.js";
import { drawHead } from "./head.js";
import { drawLine } from "./inspector.js";
import { load, step } from "./lines.js";
import { loadFindings, loadTalks, showTab } from "./side.js";
import { canSpeak, fill, lang, say, speak } from "./say.js";
import { on, restore, state, tell } from "./state.js";
import { complain } from "./toast.js";
import { shown } from "./visible.js";
import "./keys.js";
import "./minimap.js";

const ASK_EVERY_MS = 4000;

async function begin() {
  history.replaceState(null, "", `${location.pathname}${location.hash}`); // the token leaves the address at once
  await speak(localStorage.getItem("reconcile-language") || document.documentElement.lang.slice(0, 2));
  state.overview = await get("case");
  byId("opening").remove();
  restore();
  byId("words").value = state.view.words ?? "";
  drawWords();
  loadTalks();
  if (!state.overview.conversations.length) return tell("lines", 0);
  if (state.line !== null) showTab("findings");
  await Promise.all([load(), loadFindings(), drawLine()]);
  document.body.dataset.ready = "yes";
  setInterval(ask, ASK_EVERY_MS);
}

/** Everything that is words, drawn in the language of the moment. */
function drawWords() {
  fill();
  applyTheme();
  labelTheme();
  drawReviewer();
  drawChips();
  text(byId("case-name"), shown(state.overview.case));
  document.title = `${shown(state.overview.case)} · reconcile`;
  byId("export-csv").href = `export/decisions.csv?lang=${lang}`;
  banner();
  if (state.overview.conversations.length) drawHead();
}

function banner() {
  const { log, has_messages: hasMessages } = state.overview;
  const said = [];
  if (log.broken_at !== null) said.push(say("banner_log_changed", { n: log.broken_at }));
  if (log.torn) said.push(say("banner_torn", { n: log.torn }));
  if (log.other_run) said.push(say("banner_other_run", { n: log.other_run }));
  if (!hasMessages) said.push(say("messages_left_out"));
  byId("banner").hidden = !said.length;
  text(byId("banner"), said.join(" "));
}

/** Reads the case again after a judgement, of this browser or another. */
async function refresh() {
  try {
    state.overview = await get("case");
    banner();
    drawHead();
    tell("decided");
  } catch (error) {
    complain(error);
  }
}

async function ask() {
  if (document.hidden) return;
  const { head, marks } = await get("changes").catch(() => ({}));
  if (head && (head !== state.overview.log.head || marks !== state.overview.marks)) await refresh();
}

byId("language").addEventListener("click", async () => {
  const next = lang === "zh" ? "en" : "zh";
  localStorage.setItem("reconcile-language", next);
  await speak(next).catch(complain);
  drawWords();
  loadTalks();
  await Promise.all([load({ keepPlace: true }), loadFindings(), drawLine()]);
});
byId("next").addEventListener("click", () => step(1));
byId("previous").addEventListener("click", () => step(-1));
byId("open-side").addEventListener("click", () => {
  const isOpen = byId("side").classList.toggle("is-open");
  byId("open-side").setAttribute("aria-expanded", isOpen ? "true" : "false");
  byId("veil").hidden = !isOpen;
});
byId("veil").addEventListener("click", () => {
  byId("side").classList.remove("is-open");
  byId("inspector").classList.remove("is-open");
  byId("open-side").setAttribute("aria-expanded", "false");
  byId("veil").hidden = true;
});

on("changed", refresh);
on("conversation", () => (drawHead(), load()));
on("opened", () => byId("side").classList.remove("is-open"));

begin().catch((error) => {
  byId("banner").hidden = false;
  text(byId("banner"), !canSpeak() ? byId("opening").textContent : error.code ? say(`refused_${error.code}`) : String(error));
  byId("opening")?.remove();
});
