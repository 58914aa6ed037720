// What reports mask: nothing, third parties, or the people, numbers and rows that the user chose.
import { el } from "./dom.js";
import { get } from "./api.js";
import { complain } from "./hub.js";
import { say } from "./say.js";
import { shown } from "./visible.js";

let known = null; // of one case: what could be masked
let asked = "";
let mode = "none";

/** The choice, and for the third of its modes the lists to choose from. */
export function maskChoice(found) {
  const radio = (value) => el("label", { class: "option" }, el("input", { type: "radio", name: "mask", id: `mask-${value}`, value, checked: mode === value, on: { change: () => choose(value, found) } }), say(`mask_${value}`));
  if (asked !== found.id) [known, asked, mode] = [null, found.id, "none"];
  return el("fieldset", { class: "mask" }, el("legend", {}, say("mask")), el("div", { class: "options" }, ["none", "third", "chosen"].map(radio)), mode === "chosen" ? lists(found) : null);
}

async function choose(value, found) {
  mode = value;
  if (value === "chosen") {
    try {
      known = await get("maskable", { case: found.id });
    } catch (error) {
      complain(error);
    }
  }
  document.dispatchEvent(new Event("changed"));
}

function lists(found) {
  if (!known) return el("p", { class: "hint" }, say("opening"));
  const people = known.chosen.people.map((names) => names.join("\n"));
  return el("div", { class: "mask-lists" },
    list("mask_people", known.people.map((p, n) => box(`mask-person-${n}`, p.names.map(shown).join(" · "), p.rows, people.includes(p.names.join("\n"))))),
    list("mask_numbers", known.numbers.map((p, n) => box(`mask-number-${n}`, shown(p.number), p.count, known.chosen.numbers.includes(p.number)))),
    el("p", { class: "hint" }, say("mask_rows", { n: known.rows }), " ", el("a", { href: `/review/${encodeURIComponent(found.id)}/` }, say("open_review"))));
}

function list(title, boxes) {
  return el("fieldset", {}, el("legend", {}, say(title)), boxes.length ? el("div", { class: "options mask-options", tabIndex: 0, role: "group", "aria-label": say(title) }, boxes) : el("p", { class: "hint" }, say("mask_nothing")));
}

function box(id, words, count, checked) {
  return el("label", { class: "option" }, el("input", { type: "checkbox", id, checked }), words, el("span", { class: "count" }, count.toLocaleString()));
}

/** What the form says, as the server takes it. */
export function chosenMasks(form) {
  const picked = (name, all) => all.filter((_, n) => form.querySelector(`#mask-${name}-${n}`)?.checked);
  const masks = known && mode === "chosen" ? { people: picked("person", known.people).map((p) => p.names), numbers: picked("number", known.numbers).map((p) => p.number) } : { people: [], numbers: [] };
  return { mask: mode, masks };
}
