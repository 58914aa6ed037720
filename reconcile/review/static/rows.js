// One line of the list: two cells and the spine between them. Elements are made once and filled again and again.
import { attribute, el, text } from "./dom.js";
import { middle } from "./diff.js";
import { say, word } from "./say.js";
import { conversation } from "./state.js";
import { shown } from "./visible.js";

export const SIGNS = { agreement: "=", conflict: "≠", doubtful: "?", one_sided: "∅", set_aside: "·" };
export const TONES = { conflict: "is-conflict", one_sided: "is-one", doubtful: "is-doubt" };

let serial = 0;

export function makeRow() {
  serial += 1;
  const node = el("div", { class: "line", role: "row", id: `line-${serial}` });
  const sign = el("span", { class: "sign", "aria-hidden": "true" });
  const relation = el("span", { class: "unseen" });
  const judged = el("span", { class: "judged" });
  const marks = el("span", { class: "marks" });
  node.parts = { left: makeCell(), right: makeCell(), sign, relation, judged, marks };
  node.append(node.parts.left.cell, el("div", { class: "spine", role: "gridcell" }, sign, relation, judged, marks), node.parts.right.cell);
  return node;
}

function makeCell() {
  const time = el("span", { class: "time" });
  const who = el("span", { class: "who" });
  const tag = el("span", { class: "tag" });
  const words = el("div", { class: "words", dir: "auto" });
  const why = el("span", { class: "why" });
  const cell = el("div", { class: "cell", role: "gridcell" }, el("div", { class: "meta" }, time, who, tag), words, why);
  return { cell, time, who, tag, words, why };
}

/** Fills a row with a line; `line` undefined = not yet here. `former` is the line above, for the day's sign. */
export function fillRow(node, index, line, { former, isSelected, search, count }) {
  const parts = node.parts;
  attribute(node, "aria-rowindex", index + 1);
  attribute(node, "aria-selected", isSelected ? "true" : "false");
  node.dataset.index = index;
  const judgement = line?.decisions?.[0];
  const name = `line ${line ? `r-${line.relation}` : "is-loading"}${judgement ? " is-judged" : ""}`;
  if (node.className !== name) node.className = name;
  attribute(node, "data-day", line ? newDay(line, former) : null);
  text(parts.sign, line ? sign(line) : "");
  text(parts.relation, line ? `${word("relation", line.relation)} ${line.cause ? word("cause", line.cause) : ""}` : "");
  text(parts.judged, judgement ? `${SECONDS[line.second]} ${mark(judgement)}` : "");
  text(parts.marks, line?.mark ? marks(line.mark) : "");
  attribute(parts.marks, "title", line?.mark?.tags.length ? line.mark.tags.map(shown).join(" · ") : null);
  const [from, leftTo, rightTo] = differing(line);
  fillCell(parts.left, line, "left", search, [from, leftTo]);
  fillCell(parts.right, line, "right", search, [from, rightTo]);
}

function mark({ judgement, left, right }) {
  const isLone = left === null || right === null;
  return say(`mark_${isLone && judgement === "not_same" ? "lone_" : ""}${judgement}`);
}

/** One reviewer, several in agreement, several who differ. */
const SECONDS = { "": "✓", agreed: "✓✓", disputed: "✓≠" };

const marks = (mark) => [mark.is_bookmarked && "★", mark.is_masked && "▮", mark.tags.length && `#${shown(mark.tags[0])}`].filter(Boolean).join(" ");

function sign(line) {
  return line.relation === "agreement" && line.cause === "form" ? "≈" : SIGNS[line.relation] ?? "";
}

function differing(line) {
  if (line?.relation !== "conflict" || !line.left || !line.right) return [0, 0, 0];
  return middle(line.left.text, line.right.text);
}

const timeOf = (line) => line?.left?.time || line?.right?.time || "";

function newDay(line, former) {
  const day = timeOf(line).slice(0, 10);
  return former && day && timeOf(former).slice(0, 10) !== day ? day : null;
}

function fillCell(cell, line, side, search, range) {
  const said = line?.[side];
  cell.cell.className = `cell ${said ? owner(said, side) : "blank"}`;
  text(cell.why, line && !said ? absence(line, side) : "");
  text(cell.time, said?.time ? said.time.slice(11) || said.time : "");
  attribute(cell.time, "title", said?.time ?? null);
  text(cell.who, said ? shown(said.who ?? say("no_sender")) : "");
  text(cell.tag, said ? tag(said) : "");
  fillWords(cell.words, said, search, range);
}

/** Whose device's owner spoke, so that a person has one colour in both columns; in a group the others have none. */
function owner(said, side) {
  if (said.party === "left owner") return "p-left";
  if (said.party === "right owner") return "p-right";
  if (said.is_self === null) return "";
  if (said.is_self) return `p-${side}`;
  return ["group", "moments"].includes(conversation().conversation_kind) ? "" : `p-${side === "left" ? "right" : "left"}`;
}

function absence(line, side) {
  if (line.relation === "one_sided") return say(`lacks_${side}`);
  if (line.relation === "set_aside") return word("cause", line.cause);
  return say("no_row");
}

function tag(said) {
  const parts = [];
  if (said.kind && said.kind !== "text") parts.push(word("kind", said.kind));
  if (said.amount) parts.push(`¥${shown(said.amount)}`);
  return parts.join(" ");
}

/** The words as text nodes, with at most three hits of the search, or the differing stretch, marked. */
function fillWords(node, said, search, [from, to]) {
  const words = said ? said.text || said.file || "" : "";
  const cut = said?.is_cut ? "…" : "";
  if (search && words) return node.replaceChildren(...hits(words, search), cut);
  if (to > from) return node.replaceChildren(shown(words.slice(0, from)), el("mark", {}, shown(words.slice(from, to))), shown(words.slice(to)), cut);
  return text(node, shown(words) + cut);
}

function hits(words, { words: search, pattern }) {
  const amount = pattern ? new RegExp(pattern, "u").exec(words) : null;
  if (amount) {
    const at = amount.index + amount[0].indexOf(amount[1]);
    return [shown(words.slice(0, at)), el("mark", { class: "hit" }, shown(amount[1])), shown(words.slice(at + amount[1].length))];
  }
  const [hay, needle] = [words.toLowerCase(), search.toLowerCase()];
  if (hay.length !== words.length) return [shown(words)];
  const parts = [];
  let from = 0;
  for (let found = 0; found < 3; found += 1) {
    const at = hay.indexOf(needle, from);
    if (at < 0) break;
    parts.push(shown(words.slice(from, at)), el("mark", { class: "hit" }, shown(words.slice(at, at + needle.length))));
    from = at + needle.length;
  }
  parts.push(shown(words.slice(from)));
  return parts;
}
