// The conversations, worst first, and the findings of the one that is open.
import { get } from "./api.js";
import { Chunks } from "./chunks.js";
import { attribute, byId, el, text } from "./dom.js";
import { goToLine } from "./lines.js";
import { SIGNS, TONES } from "./rows.js";
import { say, word } from "./say.js";
import { conversation, on, setConversation, state, tell } from "./state.js";
import { complain } from "./toast.js";
import { shown } from "./visible.js";
import { VirtualList } from "./virtual.js";

export const GRADE_TONES = { conflicting: "is-conflict", one_sided: "is-one", cannot_determine: "is-doubt", no_gap_found: "is-good" };
export const GRADE_SIGNS = { conflicting: "≠", one_sided: "∅", cannot_determine: "?", explained_differences: "≈", no_gap_found: "=" };

let serial = 0;
const item = (name, ...parts) => el("div", { class: `item ${name}`, role: "option", id: `item-${(serial += 1)}` }, ...parts);

function makeTalk() {
  const [name, grade, counts] = [el("div", { class: "talk-name" }), el("span", { class: "badge" }), el("div", { class: "talk-counts" })];
  return Object.assign(item("talk", name, grade, counts), { parts: { name, grade, counts } });
}

function fillTalk(node, index) {
  const talk = state.overview.conversations[index];
  const now = talk.anew ?? talk;
  node.dataset.index = index;
  attribute(node, "aria-selected", index === state.conversation ? "true" : "false");
  text(node.parts.name, shown(talk.name));
  text(node.parts.grade, `${GRADE_SIGNS[now.grade] ?? ""} ${word("grade", now.grade)}`);
  node.parts.grade.className = `badge ${GRADE_TONES[now.grade] ?? ""}`;
  text(node.parts.counts, counts(now, "short").join(" · ") + (talk.anew ? ` · ✓${talk.anew.judged}` : ""));
}

/** The counts that are not nought, in words. */
export function counts(verdict, form = "n", more = []) {
  const named = ["conflicts", "left_missing", "right_missing", "doubtful", ...more].filter((name) => verdict[name]);
  if (!named.length) named.push(verdict.agreements ? "agreements" : "set_aside");
  return named.map((name) => say(`${form}_${name}`, { n: verdict[name].toLocaleString() }));
}

const talks = new VirtualList(byId("conversations"), { create: makeTalk, fill: fillTalk, rowHeight: () => 86 });

const chunks = new Chunks(
  async (start, count, signal) => {
    const found = await get("findings", { c: state.conversation, start, count }, signal);
    return { total: found.total, items: found.findings };
  },
  () => findings.refresh(),
  complain,
);

function makeFound() {
  const parts = { sign: el("span", { class: "badge" }), what: el("span", { class: "found-what" }), done: el("span", { class: "done" }), at: el("span", { class: "found-at" }), words: el("div", { class: "found-text", dir: "auto" }) };
  return Object.assign(item("found", el("div", { class: "found-head" }, parts.sign, parts.what, parts.done, parts.at), parts.words), { parts });
}

function fillFound(node, index) {
  const found = chunks.get(index);
  node.dataset.index = index;
  const length = found ? found.last - found.first + 1 : 0;
  const isOn = found && state.line !== null && state.line >= found.first && state.line <= found.last;
  node.className = `item found${found && found.judged >= length ? " is-judged" : ""}`;
  attribute(node, "aria-selected", isOn ? "true" : "false");
  text(node.parts.sign, found ? `${SIGNS[found.relation]}${length > 1 ? ` ×${length.toLocaleString()}` : ""}` : "");
  node.parts.sign.className = `badge ${TONES[found?.relation] ?? ""}`;
  text(node.parts.what, found ? what(found) : "");
  text(node.parts.done, found?.judged ? (found.judged >= length ? "✓" : `✓${found.judged}`) : "");
  text(node.parts.at, found?.at ? found.at.slice(5, 16) : "");
  text(node.parts.words, found ? `${found.who ? `${shown(found.who)}：` : ""}${shown(found.text || word("kind", found.kind))}` : "");
}

function what(found) {
  if (found.relation === "one_sided") return say(`lacks_${found.holder === "left" ? "right" : "left"}`);
  return found.cause ? word("cause", found.cause) : word("relation", found.relation);
}

const findings = new VirtualList(byId("findings"), { create: makeFound, fill: fillFound, rowHeight: () => 66, moved: (first, last) => findings.count && chunks.want(first, last) });

export async function loadFindings() {
  chunks.reset();
  try {
    const total = await chunks.begin();
    text(byId("findings-count"), total.toLocaleString());
    byId("no-findings").hidden = total > 0;
    findings.setCount(total);
  } catch (error) {
    complain(error);
  }
}

export function loadTalks() {
  talks.setCount(state.overview.conversations.length);
  talks.show(state.conversation);
}

function openTalk(index) {
  if (index !== state.conversation) setConversation(index);
  talks.show(state.conversation);
  if (conversation()) showTab("findings");
}

async function openFound(index) {
  const found = chunks.get(index);
  if (!found) return;
  await goToLine(found.first).catch(complain);
  findings.refresh();
  tell("opened");
}

export function showTab(name) {
  for (const each of ["conversations", "findings"]) {
    const isOn = each === name;
    attribute(byId(`tab-${each}`), "aria-selected", isOn ? "true" : "false");
    byId(`tab-${each}`).tabIndex = isOn ? 0 : -1;
    byId(`panel-${each}`).hidden = !isOn;
  }
}

function listKeys(list, current, open) {
  return (event) => {
    const to = { ArrowDown: current() + 1, ArrowUp: current() - 1, Home: 0, End: list.count - 1 }[event.key];
    if (to === undefined || !list.count) return;
    event.preventDefault();
    const index = Math.min(Math.max(0, to), list.count - 1);
    list.show(index);
    open(index);
    attribute(list.scroller, "aria-activedescendant", list.nodeOf(index)?.id ?? null);
  };
}

let found = -1;
byId("conversations").addEventListener("click", (event) => pick(event, openTalk));
byId("findings").addEventListener("click", (event) => pick(event, (index) => openFound((found = index))));
byId("conversations").addEventListener("keydown", listKeys(talks, () => state.conversation, (index) => setConversation(index)));
byId("conversations").addEventListener("keydown", (event) => event.key === "Enter" && openTalk(state.conversation));
byId("findings").addEventListener("keydown", listKeys(findings, () => found, (index) => openFound((found = index))));

function pick(event, open) {
  const node = event.target.closest(".item");
  if (node) open(Number(node.dataset.index));
}

for (const name of ["conversations", "findings"]) {
  byId(`tab-${name}`).addEventListener("click", () => showTab(name));
  byId(`tab-${name}`).addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = name === "findings" ? "conversations" : "findings";
    showTab(other);
    byId(`tab-${other}`).focus();
  });
}

on("conversation", () => (talks.refresh(), (found = -1), loadFindings()));
on("decided", () => (talks.refresh(), loadFindings()));
on("line", () => findings.refresh());
