// Characters that cannot be seen, or that turn the direction of what follows, shown as what they are: ⟦U+202E⟧.
import { el } from "./dom.js";

const ODD = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uE000-\uF8FF\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\uFFFE\uFFFF]|\p{Cf}|\p{Cs}|\p{Co}|[\u{E0100}-\u{E01EF}]/gu;
const PICTURE = /^[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F0-9#*]$/u;
const PICTURE_NEXT = /^\p{Extended_Pictographic}/u;
const OTHER_SCRIPT = /[\p{Script=Cyrillic}\p{Script=Greek}]/u;
const MIXED = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]+/gu;
const MAX_PARTS = 400;

const code = (character) => `⟦U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟧`;

/** Joiners and variation signs inside an emoji are part of the picture. */
function isInPicture(text, at, character) {
  const before = Array.from(text.slice(Math.max(0, at - 2), at)).at(-1) ?? "";
  if (character === "\uFE0F" || character === "\uFE0E") return PICTURE.test(before);
  if (character === "\u200D") return PICTURE.test(before) && PICTURE_NEXT.test(text.slice(at + 1, at + 4));
  return false;
}

/** The text as one string with every odd character replaced by its sign; a line end of two characters counts as one. */
export function shown(text) {
  return text.replace(/\r\n/g, "\n").replace(ODD, (character, at, whole) => (isInPicture(whole, at, character) ? character : code(character)));
}

/** Nodes for a text in full: plain stretches as text, odd and look-alike characters as marked signs. */
export function nodes(text) {
  const parts = [];
  let from = 0;
  for (const [at, character, sign] of oddities(text)) {
    if (parts.length > MAX_PARTS) break;
    if (at > from) parts.push(text.slice(from, at));
    parts.push(el("span", { class: "odd" }, sign));
    from = at + character.length;
  }
  if (from < text.length) parts.push(parts.length > MAX_PARTS ? shown(text.slice(from)) : text.slice(from));
  return parts;
}

function* oddities(text) {
  const found = [];
  for (const match of text.matchAll(ODD)) {
    if (!isInPicture(text, match.index, match[0])) found.push([match.index, match[0], code(match[0])]);
  }
  for (const match of text.matchAll(MIXED)) {
    if (!/\p{Script=Latin}/u.test(match[0]) || !OTHER_SCRIPT.test(match[0])) continue;
    let at = match.index;
    for (const letter of match[0]) {
      if (OTHER_SCRIPT.test(letter)) found.push([at, letter, letter + code(letter)]);
      at += letter.length;
    }
  }
  yield* found.sort((a, b) => a[0] - b[0]);
}
