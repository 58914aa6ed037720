// Begins: words, then the page that the address names; asks the server again while something runs.
import { byId, el, text } from "./dom.js";
import { get } from "./api.js";
import { cases } from "./cases.js";
import { compare } from "./compare.js";
import { drawOnce, place, state } from "./hub.js";
import { jobs } from "./jobs.js";
import { reports } from "./reports.js";
import { start } from "./start.js";
import { applyTheme, labelTheme } from "./theme.js";
import { canSpeak, fill, lang, say, speak } from "./say.js";
import { shown } from "./visible.js";
import { watchDialogs } from "./dialog.js";
import { watchDrops } from "./drop.js";

const SOON_MS = 500;
const LATER_MS = 4000;
const PAGES = { start, compare, reports, jobs };

function drawSteps() {
  const { id, page } = place();
  byId("steps").hidden = !id;
  if (!id) return;
  const steps = ["start", "compare", "result", "reports", "jobs"].map((name, n) => {
    const words = [el("span", { class: "step-number", "aria-hidden": "true" }, String(n + 1)), say(`step_${name}`)];
    if (name === "result") {
      const open = state.case?.result && !state.case.result.broken;
      return open ? el("a", { class: "step", href: `/review/${encodeURIComponent(id)}/` }, ...words) : el("span", { class: "step is-off", "aria-disabled": "true", role: "link" }, ...words);
    }
    return el("a", { class: "step", href: address(id, name), "aria-current": page === name ? "page" : null }, ...words);
  });
  byId("steps").replaceChildren(...steps);
}

const address = (id, page) => `#${new URLSearchParams({ case: id, page })}`;

export function draw() {
  const { id, page } = place();
  drawSteps();
  const name = id ? state.case?.name ?? "" : "";
  text(byId("case-name"), shown(name));
  document.title = name ? `${shown(name)} · reconcile` : `${say("cases")} · reconcile`;
  drawOnce(byId("main"), id ? PAGES[page](state.case) : cases(state.cases));
}

async function read() {
  const { id } = place();
  try {
    if (id) state.case = await get("case", { case: id, lang });
    else state.cases = await get("cases", { lang });
    byId("banner").hidden = true;
    draw();
  } catch (error) {
    if (!error.code) throw error;
    byId("banner").hidden = false;
    text(byId("banner"), error.code === "no_server" ? say("no_server") : say(`refused_${error.code}`));
    if (error.status === 404) location.hash = "";
    else if (!(id ? state.case : state.cases)) drawOnce(byId("main"), stuck());
  }
  document.body.dataset.ready = "yes";
}

/** What can be done where there is nothing to show. */
function stuck() {
  const again = el("button", { type: "button", class: "strong", id: "try-again", on: { click: read } }, say("try_again"));
  return [el("div", { class: "row" }, again, place().id ? el("a", { class: "plain", href: "#" }, say("cases")) : null)];
}

const isBusy = () => {
  const { id } = place();
  if (!id) return Boolean(state.cases?.batch.running.length || state.cases?.cases.some((c) => c.is_running));
  return Boolean(state.case?.running.length || state.case?.exports.some((e) => e.state === "reading"));
};

let asked = 0;
let reading = Promise.resolve();
function tick() {
  const now = Date.now();
  if (document.hidden || now - asked < (isBusy() ? SOON_MS : LATER_MS)) return;
  asked = now;
  reading = reading.then(read);
}

function drawWords() {
  fill();
  applyTheme();
  labelTheme();
}

byId("language").addEventListener("click", async () => {
  const next = lang === "zh" ? "en" : "zh";
  localStorage.setItem("reconcile-language", next);
  await speak(next);
  drawWords();
  await read();
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
window.addEventListener("hashchange", async () => {
  state.case = place().id === state.case?.id ? state.case : null;
  await read();
  byId("main").focus();
});
document.addEventListener("changed", draw);

async function begin() {
  history.replaceState(null, "", `/${location.hash}`); // the token leaves the address at once
  while (!canSpeak()) {
    await speak(localStorage.getItem("reconcile-language") || document.documentElement.lang.slice(0, 2)).catch(() => new Promise((done) => setTimeout(done, LATER_MS)));
  }
  drawWords();
  watchDialogs();
  watchDrops();
  await read();
  setInterval(tick, 250);
}

begin().catch((error) => {
  byId("banner").hidden = false;
  text(byId("banner"), String(error));
});
