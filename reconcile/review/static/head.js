// The open conversation's verdict, as found and as judged anew, with the limits beside it.
import { get } from "./api.js";
import { byId, el } from "./dom.js";
import { goToLine } from "./lines.js";
import { say, word } from "./say.js";
import { counts, GRADE_SIGNS, GRADE_TONES } from "./side.js";
import { conversation, state, tell } from "./state.js";
import { complain } from "./toast.js";
import { shown } from "./visible.js";

/** Reasons that the counts beside them already tell. */
const COUNTED = ["conflict", "one_sided", "doubtful_rows", "referenced_absent", "explained"];

const badge = (grade) => el("span", { class: `badge ${GRADE_TONES[grade] ?? ""}` }, `${GRADE_SIGNS[grade] ?? ""} ${word("grade", grade)}`);

export function drawHead() {
  const talk = conversation();
  const lines = [
    el("div", { class: "verdict-line" }, el("h2", { title: shown(talk.name) }, shown(talk.name)), badge(talk.grade)),
    el("div", { class: "verdict-why" }, counts(talk, "n", ["agreements", "set_aside"]).map((c) => el("span", {}, c)), ...reasons(talk), untested(talk), absent(talk)),
  ];
  if (talk.anew) lines.push(anew(talk));
  lines.push(el("p", { class: "limit" }, say("limit")));
  byId("verdict").replaceChildren(...lines);
  drawColumn("left", talk);
  drawColumn("right", talk);
}

function anew(talk) {
  const parts = [say("judged_anew", { n: talk.anew.judged }), badge(talk.anew.grade), counts(talk.anew).join(" · ")];
  return el("div", { class: "verdict-line verdict-anew", id: "anew" }, ...parts.map((p) => (typeof p === "string" ? el("span", {}, p) : p)));
}

function reasons(talk) {
  const stated = (talk.reasons ?? []).filter((code) => !code.includes(":") && !COUNTED.includes(code));
  return stated.slice(0, 4).map((code) => el("span", {}, word("reason", code)));
}

/** The tests that the material did not allow: their number here, their names among the details. */
function untested(talk) {
  const codes = talk.tests_not_possible ?? [];
  if (!codes.length) return null;
  const names = codes.map((code) => word("test", code));
  return el("button", { type: "button", class: "linklike", title: names.join("\n"), on: { click: () => tell("untested", names) } }, say("n_untested", { n: codes.length }));
}

/** The tests that the material did not allow, in the place of a line's details. */
export function untestedList(names) {
  return el("section", {}, el("h2", {}, say("tests_not_possible")), el("p", { class: "hint" }, say("untested_why")), el("ul", { class: "list" }, names.map((name) => el("li", {}, name))));
}

function absent(talk) {
  if (!talk.referenced_absent) return null;
  const open = el("button", { type: "button", class: "linklike" }, say("n_absent", { n: talk.referenced_absent }));
  open.addEventListener("click", async () => {
    try {
      const found = await get("absent", { c: state.conversation });
      tell("absent", found);
    } catch (error) {
      complain(error);
    }
  });
  return open;
}

/** What something speaks of and neither side holds, in the place of a line's details. */
export function absentList(found) {
  const entry = (a) => {
    const words = el("span", {}, [a.at, a.who && shown(a.who), a.text ? shown(a.text) : word("kind", a.kind), a.count && `×${a.count}`].filter(Boolean).join(" · "));
    const source = el("div", { class: "hint" }, `${say(a.side)} · ${word("witness", a.witness)} · ${shown(a.locator)}`);
    const go = a.line === null ? null : el("button", { type: "button", class: "linklike", on: { click: () => goToLine(a.line).catch(complain) } }, say("go_there"));
    return el("li", {}, words, source, go);
  };
  return el("section", {}, el("h2", {}, say("absent_title")), el("p", { class: "hint" }, say("absent_why")), el("ul", { class: "list" }, found.map(entry)));
}

function drawColumn(side, talk) {
  const account = state.overview.accounts[side];
  const name = state.overview.called[side] ?? account;
  const title = name ? say("side_with_account", { side: say(side), account: shown(name) }) : say("side_without_account", { side: say(side) });
  byId(`head-${side}`).title = account ? shown(account) : "";
  byId(`head-${side}`).replaceChildren(title, el("small", {}, say("n_rows", { n: talk[`${side}_rows`].toLocaleString() })));
}
