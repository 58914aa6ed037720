// Marks of a line: a bookmark, tags, and whether reports leave its words out.
import { post } from "./api.js";
import { byId, el } from "./dom.js";
import { say } from "./say.js";
import { state, tell } from "./state.js";
import { complain } from "./toast.js";
import { shown } from "./visible.js";

const NOTHING = { is_bookmarked: false, is_masked: false, tags: [] };
let current = null;

/** The part of the details where a line is marked. */
export function marksSection(found) {
  current = found;
  const mark = found.mark ?? NOTHING;
  const toggle = (name, words, sign) => el("button", { type: "button", class: "plain", id: `toggle-${name}`, "aria-pressed": mark[name] ? "true" : "false", on: { click: () => toggleMark(name) } }, el("span", { "aria-hidden": "true" }, sign), say(words));
  const chip = (tag) => el("button", { type: "button", class: "chip", "aria-label": say("tag_remove", { tag: shown(tag) }), on: { click: () => put({ tags: mark.tags.filter((t) => t !== tag) }) } }, el("span", {}, shown(tag)), "×");
  const input = el("input", { type: "text", id: "tag", maxLength: 40, autocomplete: "off", "aria-label": say("tag_add"), placeholder: say("tag_add") });
  input.setAttribute("list", "tags-in-use");
  const form = el("form", { class: "tag-form" }, input, el("datalist", { id: "tags-in-use" }, found.tags_in_use.map((value) => el("option", { value }))), el("button", { class: "plain" }, say("add")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const tag = input.value.replace(/[,，]/g, " ").trim();
    if (tag) put({ tags: [...new Set([...mark.tags, tag])] });
  });
  return el("section", { "aria-label": say("marks"), class: "marks-section" }, el("h3", {}, say("marks")),
    el("div", { class: "toggles" }, toggle("is_bookmarked", "bookmark", "★"), toggle("is_masked", "mask_row", "▮")),
    mark.tags.length ? el("div", { class: "chips" }, mark.tags.map(chip)) : null, form);
}

/** Sets or lifts the bookmark or the mask of the chosen line. */
export async function toggleMark(name) {
  await state.drawn;
  if (current && current.line === state.line) await put({ [name]: !(current.mark ?? NOTHING)[name] });
}

async function put(changes) {
  const found = current;
  const { is_bookmarked, is_masked, tags } = { ...(found.mark ?? NOTHING), ...changes };
  const rows = { left: found.sides.left?.row ?? null, right: found.sides.right?.row ?? null };
  const focused = document.activeElement?.id;
  try {
    await post("mark", { conversation: state.conversation, ...rows, is_bookmarked, is_masked, tags });
    tell("changed");
    await state.drawn;
    if (focused && byId(focused)) byId(focused).focus();
  } catch (error) {
    complain(error);
  }
}
