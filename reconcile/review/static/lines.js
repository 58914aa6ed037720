// The two columns: which lines are shown, which one is chosen, and how one gets from line to line.
import { get } from "./api.js";
import { Chunks } from "./chunks.js";
import { attribute, byId, text } from "./dom.js";
import { fillRow, makeRow } from "./rows.js";
import { say } from "./say.js";
import { on, query, setLine, setView, state, tell } from "./state.js";
import { complain } from "./toast.js";
import { VirtualList } from "./virtual.js";

const scroller = byId("lines");
let total = 0;
let stepping = Promise.resolve(); // steps go one after the other, however fast the key repeats
let pattern = null; // what a searched amount looks like in any spelling
let chosen = -1; // place of the chosen line among those shown

const chunks = new Chunks(
  async (start, count, signal) => {
    const found = await get("lines", { ...query(), start, count }, signal);
    pattern = found.pattern;
    return { total: found.total, items: found.lines };
  },
  () => list.refresh(),
  complain,
);

const list = new VirtualList(scroller, {
  create: makeRow,
  fill: (node, index) =>
    fillRow(node, index, chunks.get(index), {
      former: index ? chunks.get(index - 1) : null,
      isSelected: index === chosen,
      search: state.view.words ? { words: state.view.words, pattern } : null,
    }),
  rowHeight: () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row")),
  moved,
});

function moved(first, last) {
  if (!total) return;
  chunks.want(first, last);
  const line = chunks.get(first);
  text(byId("day"), (line?.left?.time || line?.right?.time || "").slice(0, 10));
  tell("range", { first, last, top: list.top / list.row, seen: list.height / list.row, total });
}

/** Loads the lines anew; keeps the chosen line in sight where it still is among them. */
export async function load({ keepPlace = false } = {}) {
  chunks.reset();
  if (!keepPlace) text(byId("where"), say("opening"));
  try {
    total = await chunks.begin();
  } catch (error) {
    if (error.name !== "AbortError") complain(error);
    return;
  }
  attribute(scroller, "aria-rowcount", total);
  byId("no-lines").hidden = total > 0;
  chosen = -1;
  const top = keepPlace ? list.top : 0;
  list.setCount(total);
  list.goTo(top);
  tell("lines", total);
  if (state.line !== null && total) await seek(state.line, !keepPlace);
  readout();
}

async function seek(line, scroll = true) {
  const { at, line: nearest } = await get("place", { ...query(), line }).catch(() => ({}));
  if (at === undefined || nearest !== line) return;
  chosen = at;
  if (scroll) list.show(at, "centre");
  mark();
}

function mark() {
  list.refresh();
  const node = list.nodeOf(chosen);
  attribute(scroller, "aria-activedescendant", node ? node.id : null);
  readout();
}

function readout() {
  text(byId("where"), total ? say(chosen < 0 ? "lines_count" : "line_of", { at: (chosen + 1).toLocaleString(), total: total.toLocaleString() }) : "");
}

/** Chooses the line at a place of the list. */
export async function choose(index, where = "nearest") {
  if (!total) return;
  chosen = Math.min(Math.max(0, index), total - 1);
  list.show(chosen, where);
  mark();
  const line = chunks.get(chosen)?.line ?? (await get("lines", { ...query(), start: chosen, count: 1 })).lines[0]?.line;
  if (line !== undefined) setLine(line);
}

/** Goes to a line by its number; leaves the filters where they would hide it. */
export async function goToLine(line) {
  const { at, line: nearest } = await get("place", { ...query(), line });
  if (nearest === line) return choose(at, "centre");
  state.line = line;
  return showEverything();
}

/** The same line among all its neighbours. */
export function showEverything() {
  const everything = Object.fromEntries(Object.keys(state.view).map((name) => [name, null]));
  byId("words").value = "";
  setView(everything);
}

/** The next (1) or former (-1) finding, or line still to be judged. */
export function step(direction, what = "finding") {
  stepping = stepping.then(() => stepOnce(direction, what));
  return stepping;
}

async function stepOnce(direction, what) {
  try {
    const line = state.line ?? (direction > 0 ? -1 : 2 ** 31);
    const found = await get("step", { ...query(), line, step: direction, what });
    if (found.line === null) return tell("notice", say(direction > 0 ? "no_next" : "no_previous"));
    await choose(found.at, "centre");
  } catch (error) {
    complain(error);
  }
}

/** Goes to a place of the list, 0 its beginning and 1 its end; chooses nothing. */
export const jumpTo = (share) => list.goTo(Math.floor(share * total) * list.row - list.height / 2);

export function move(event) {
  const page = Math.max(1, Math.floor(list.height / list.row) - 1);
  const from = chosen < 0 ? Math.floor(list.top / list.row) - 1 : chosen;
  const to = { ArrowDown: from + 1, ArrowUp: Math.max(0, from - 1), PageDown: from + page, PageUp: from - page, Home: 0, End: total - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  choose(to);
}

scroller.addEventListener("keydown", move);
scroller.addEventListener("click", (event) => {
  const node = event.target.closest(".line");
  if (!node) return;
  const index = Number(node.dataset.index);
  const line = chunks.get(index);
  if (state.partner && line) return tell("picked", line);
  choose(index).then(() => tell("opened"));
});

on("view", () => load());
on("decided", () => load({ keepPlace: true }));
