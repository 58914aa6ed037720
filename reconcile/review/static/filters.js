// The filters: a dialog to set them, chips that show and lift them, and the search box.
import { get } from "./api.js";
import { byId, el, text } from "./dom.js";
import { say, word } from "./say.js";
import { clearView, on, setView, state } from "./state.js";
import { complain } from "./toast.js";
import { shown } from "./visible.js";

const LOOK = "conflict,one_sided,doubtful";
const TYPING_MS = 250;
let choices = null;

export async function openFilters() {
  try {
    choices = await get("choices", { c: state.conversation });
    draw();
    byId("filters-dialog").showModal();
  } catch (error) {
    complain(error);
  }
}

function draw() {
  byId("filters-body").replaceChildren(
    several("relation", "relation"),
    several("cause", "cause"),
    several("kind", "kind"),
    senders(),
    range("date", "since", "until", { min: choices.days[0], max: choices.days[1] }),
    choices.has_amount ? range("number", "least", "most", { min: 0, step: "0.01" }) : null,
    states(),
    marks(),
  );
}

const chosen = (name) => (state.view[name] ?? "").split(",").filter(Boolean);

function several(name, family) {
  if (!choices[name].length) return el("span", { hidden: true });
  const toggle = (code, isOn) => {
    const set = new Set(chosen(name));
    if (isOn) set.add(code);
    else set.delete(code);
    setView({ [name]: [...set].join(",") });
  };
  const options = choices[name].map(({ code, count }) =>
    el("label", { class: "option" }, el("input", { type: "checkbox", name, value: code, checked: chosen(name).includes(code), on: { change: (event) => toggle(code, event.target.checked) } }), word(family, code), el("span", { class: "count" }, count.toLocaleString())),
  );
  return el("fieldset", {}, el("legend", {}, say(`filter_${name}`)), el("div", { class: "options" }, options));
}

function senders() {
  const options = [el("option", { value: "" }, say("anyone")), ...choices.sender.map(({ code, count, names }) => el("option", { value: code, selected: state.view.sender === code }, `${partyName(code, names)} (${count.toLocaleString()})`))];
  return el("div", {}, el("label", { htmlFor: "filter-sender" }, say("filter_sender")), el("select", { id: "filter-sender", on: { change: (event) => setView({ sender: event.target.value }) } }, options));
}

/** A party by the names that the devices show, and whose owner it is where the comparison knows. */
export function partyName(code, names = []) {
  const owner = { "left owner": say("left_owner"), "right owner": say("right_owner") }[code];
  const listed = names.map(shown).join(" / ");
  if (owner) return listed ? `${owner}：${listed}` : owner;
  return listed || shown(code);
}

function range(type, from, to, properties) {
  const one = (name) => {
    const input = el("input", { type, id: `filter-${name}`, value: state.view[name] ?? "", on: { change: (event) => setView({ [name]: event.target.validity.valid ? event.target.value : "" }) } });
    for (const [key, value] of Object.entries(properties)) if (value !== null) input[key] = value;
    return el("div", {}, el("label", { htmlFor: `filter-${name}` }, say(`filter_${name}`)), input);
  };
  return el("div", { class: "pair" }, one(from), one(to));
}

function states() {
  const option = (value, key) => el("label", { class: "option" }, el("input", { type: "radio", name: "state", value, checked: (state.view.state ?? "") === value, on: { change: () => setView({ state: value }) } }), say(key));
  return el("fieldset", {}, el("legend", {}, say("filter_state")), el("div", { class: "options" }, ["any", "open", "judged", "second", "disputed"].map((name) => option(name === "any" ? "" : name, `state_${name}`))));
}

function marks() {
  if (!choices.bookmarks && !choices.masks && !choices.tags.length) return null;
  const option = (value, words) => el("label", { class: "option" }, el("input", { type: "radio", name: "mark", value, checked: (state.view.mark ?? "") === value, on: { change: () => setView({ mark: value }) } }), words);
  const tags = [el("option", { value: "" }, say("any_tag")), ...choices.tags.map(({ code, count }) => el("option", { value: code, selected: state.view.tag === code }, `${shown(code)} (${count.toLocaleString()})`))];
  return el("fieldset", {}, el("legend", {}, say("filter_mark")),
    el("div", { class: "options" }, option("", say("mark_any")), option("bookmark", say("mark_bookmarked", { n: choices.bookmarks })), option("mask", say("mark_to_mask", { n: choices.masks }))),
    choices.tags.length ? el("div", {}, el("label", { htmlFor: "filter-tag" }, say("filter_tag")), el("select", { id: "filter-tag", on: { change: (event) => setView({ tag: event.target.value }) } }, tags)) : null);
}

const NAMED = {
  relation: (v) => v.split(",").map((c) => word("relation", c)).join("、"),
  cause: (v) => v.split(",").map((c) => word("cause", c)).join("、"),
  kind: (v) => v.split(",").map((c) => word("kind", c)).join("、"),
  sender: (v) => partyName(v),
  since: (v) => `≥ ${v}`,
  until: (v) => `≤ ${v}`,
  least: (v) => `≥ ¥${v}`,
  most: (v) => `≤ ¥${v}`,
  words: (v) => `“${shown(v)}”`,
  state: (v) => say(`state_${v}`),
  mark: (v) => say(v === "mask" ? "mask_row" : "bookmark"),
  tag: (v) => `# ${shown(v)}`,
};

/** The filters that are set, as chips; those that the three buttons show are left to them. */
export function drawChips() {
  const show = showing();
  const set = Object.entries(state.view).filter(([name, value]) => !(show === "look" && name === "relation") && !(show === "open" && name === "state" && value === "open"));
  const chip = ([name, value]) => {
    const what = NAMED[name](value);
    const lift = () => {
      if (name === "words") byId("words").value = "";
      setView({ [name]: null });
    };
    return el("button", { type: "button", class: "chip", "aria-label": say("lift", { what }), on: { click: lift } }, el("span", {}, what), "×");
  };
  byId("chips").replaceChildren(...set.map(chip));
  byId("filters-count").hidden = !set.length;
  text(byId("filters-count"), String(set.length));
  for (const button of document.querySelectorAll("[data-show]")) button.setAttribute("aria-pressed", button.dataset.show === show ? "true" : "false");
}

function showing() {
  if (state.view.state === "open" && !state.view.relation) return "open";
  if (state.view.relation === LOOK && !state.view.state) return "look";
  return state.view.relation || state.view.state ? "" : "all";
}

for (const button of document.querySelectorAll("[data-show]")) {
  const set = { all: { relation: null, state: null }, look: { relation: LOOK, state: null }, open: { relation: null, state: "open" } };
  button.addEventListener("click", () => setView(set[button.dataset.show]));
}

let typing = 0;
function search() {
  clearTimeout(typing);
  const words = byId("words").value;
  if ((state.view.words ?? "") !== words) setView({ words });
}
byId("words").addEventListener("input", (event) => {
  clearTimeout(typing);
  if (!event.isComposing) typing = setTimeout(search, TYPING_MS);
});
byId("words").addEventListener("compositionend", () => (typing = setTimeout(search, TYPING_MS)));
byId("words").addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter") search();
  if (event.key === "Enter" || event.key === "ArrowDown") byId("lines").focus();
  if (event.key === "Escape") {
    byId("words").value = "";
    search();
    byId("lines").focus();
  }
});

byId("filters-open").addEventListener("click", openFilters);
byId("filters-clear").addEventListener("click", () => {
  byId("words").value = "";
  clearView();
  draw();
});

on("view", drawChips);
on("conversation", () => ((byId("words").value = ""), drawChips()));
on("lines", (total) => text(byId("filters-total"), say("lines_count", { total: total.toLocaleString() })));
