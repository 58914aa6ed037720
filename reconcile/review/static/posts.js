// What belongs to a post besides its words: link, place, pictures, likes and comments, as this side's device last saw them.
import { el } from "./dom.js";
import { say } from "./say.js";
import { shown } from "./visible.js";

/** The parts of one side's copy; what the other copy does not hold in the same place is marked. */
export function postPart(side, { post, pictures, row }, other) {
  if (post.under !== undefined) return el("p", { class: "hint" }, say("post_under"), shown(post.under || "—"));
  const parts = [];
  if (post.flags.length) parts.push(el("p", { class: "hint" }, post.flags.map((flag) => say(`post_${flag}`)).join(" · ")));
  if (post.fields.length) parts.push(fields(post, other?.post));
  if (pictures?.length) parts.push(el("div", { class: "album" }, pictures.map((place) => picture(side, row, place))));
  if (post.likes.length) parts.push(el("p", { class: "hint" }, say("post_likes", { n: post.likes_found.toLocaleString() }), post.likes.map(shown).join("、"), post.likes_found > post.likes.length ? " …" : ""));
  if (post.comments.length) parts.push(...comments(post));
  if (post.witness) parts.push(el("p", { class: "hint" }, el("b", {}, say("post_witness_is", { place: shown(post.witness) }))));
  return el("div", { class: "post" }, parts);
}

function fields(post, other) {
  const held = other?.fields ? numbered(other.fields) : null;
  const rows = Object.entries(numbered(post.fields)).map(([key, [code, value]]) => {
    const differs = held && held[key]?.[1] !== value;
    return el("tr", { class: differs ? "differs" : "" }, el("th", { scope: "row" }, say(`post_${code}`)), el("td", {}, shown(value)));
  });
  return el("table", { class: "facts" }, el("tbody", {}, rows));
}

/** Fields by name and count, so that the second picture is held beside the second picture. */
function numbered(list) {
  const seen = {};
  return Object.fromEntries(list.map(([code, value]) => [`${code} ${(seen[code] = (seen[code] ?? 0) + 1)}`, [code, value]]));
}

function picture(side, row, place) {
  return el("img", { src: `api/picture/${side}/${row}/${place}`, alt: say("picture_of", { side: say(side) }), loading: "lazy", decoding: "async" });
}

function comments(post) {
  const line = (c) => el("li", { class: c.is_removed ? "undone" : "" }, el("b", {}, shown(c.who)), c.reply_to ? ` ${say("post_reply")} ${shown(c.reply_to)}` : "", `: ${shown(c.text || "—")} `, el("span", { class: "hint" }, c.at ?? "", c.is_removed ? ` (${say("post_comment_removed")})` : ""));
  const more = post.comments_found > post.comments.length ? el("li", {}, "…") : null;
  return [el("p", { class: "hint" }, say("post_comments", { n: post.comments_found.toLocaleString() })), el("ul", { class: "history" }, post.comments.map(line), more)];
}
