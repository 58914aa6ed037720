// The words of the page, in the language chosen.
import { get } from "./api.js";

let words = {};
export let lang = "zh";

export async function speak(language) {
  words = await get("words", { lang: language });
  lang = language;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}

/** Whether the words are there; they come from the program, which may fail. */
export const canSpeak = () => Object.keys(words).length > 0;

/** The catalogue's words for a key, with {fields} filled in; the key itself where there are none. */
export function say(key, values = {}) {
  const found = words[key];
  if (found === undefined) return key;
  return found.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The name of a code of the frames; the code itself where the catalogue has none. */
export function word(family, code) {
  return code ? words[`${family}_${code}`] ?? code : "";
}

/** A judgement in words; about a row without a counterpart, "not the same" says that there is none. */
export function judged(judgement, { differs = false, isPair }) {
  return say(`judged_${judgement === "not_same" && !isPair ? "lone_" : ""}${judgement}${differs && judgement === "same" ? "_differs" : ""}`);
}

/** Puts words into every element that asks for them. */
export function fill(root = document) {
  for (const node of root.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
  for (const node of root.querySelectorAll("[data-say-label]")) {
    node.setAttribute("aria-label", say(node.dataset.sayLabel));
    if (node.matches("button")) node.title = say(node.dataset.sayLabel);
  }
  for (const node of root.querySelectorAll("[data-say-placeholder]")) node.placeholder = say(node.dataset.sayPlaceholder);
}
