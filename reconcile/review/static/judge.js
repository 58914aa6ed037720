// Judging a line: the buttons, the note, the other half of a lone row, and taking back.
import { get, post } from "./api.js";
import { byId, el } from "./dom.js";
import { askName } from "./dialogs.js";
import { judged, say, word } from "./say.js";
import { on, reviewer, state, tell } from "./state.js";
import { complain, toast } from "./toast.js";
import { shown } from "./visible.js";

const LOOKED_AT = ["conflict", "one_sided", "doubtful"];
let current = null;

/** Under this name the tab keeps a note that is not sent yet: over a reload and while other lines are looked at. */
const draftOf = (found) => JSON.stringify(["note", location.pathname, ...["left", "right"].flatMap((side) => [found.sides[side]?.row, found.sides[side]?.time])]);

/** The part of the details where a line is judged. */
export function judgeSection(found) {
  current = found;
  const standing = standingOf(found);
  if (!LOOKED_AT.includes(found.relation)) {
    return el("section", {}, el("p", { class: "hint" }, say("nothing_to_judge")));
  }
  if (state.overview.log.broken_at !== null) return el("section", {}, el("p", { class: "hint" }, say("refused_log_changed")));
  const isPair = found.sides.left && found.sides.right;
  const button = (key, name) =>
    el("button", { type: "button", id: `judge-${name}`, "aria-pressed": standing?.judgement === name ? "true" : "false", on: { click: () => judge(name) } }, el("kbd", { "aria-hidden": "true" }, key), say(`${isPair || name === "set_aside" ? "judge" : "judge_lone"}_${name}`));
  const differs = isPair && found.sides.left.text !== found.sides.right.text;
  return el(
    "section",
    { "aria-label": say("judgement") },
    el("h3", {}, say("judgement")),
    standing ? el("p", { id: "standing" }, say("stands", { what: judged(standing.judgement, { differs: standing.differs, isPair }), who: shown(standing.reviewer) })) : el("p", { class: "hint" }, say(isPair ? "question_pair" : "question_lone")),
    el("div", { class: "judge" }, button("1", "same"), button("2", "not_same"), button("3", "set_aside")),
    differs ? el("label", { class: "check" }, el("input", { type: "checkbox", id: "differs", checked: standing ? standing.differs : found.relation === "conflict" }), el("span", {}, say("differs"))) : null,
    el("label", { class: "judge-note", htmlFor: "note" }, say("note")),
    el("textarea", { id: "note", rows: 2, maxLength: 2000, value: sessionStorage.getItem(draftOf(found)) ?? "", on: { input: (event) => sessionStorage.setItem(draftOf(found), event.target.value) } }),
    el("div", { class: "judge-foot" }, el("span", { class: "push", id: "judging-as" }, judgingAs()), standing ? el("button", { type: "button", class: "plain", id: "undo", on: { click: () => undo(standing) } }, `${say("undo")} `, el("kbd", { "aria-hidden": "true" }, "u")) : null),
  );
}

const judgingAs = () => (reviewer() ? say("judging_as", { name: reviewer() }) : say("no_reviewer"));

on("reviewer", () => {
  if (byId("judging-as")) byId("judging-as").textContent = judgingAs();
});

/** The judgement that stands about a line. */
function standingOf(found) {
  const undone = new Set(found.history.filter((h) => h.action === "undo").map((h) => h.undoes));
  return found.history.filter((h) => h.action === "judge" && !undone.has(h.id)).at(-1) ?? null;
}

export async function judge(judgement) {
  await state.drawn;
  const found = current;
  if (!found || state.line !== found.line || !LOOKED_AT.includes(found.relation)) return;
  if (!(await askName())) return;
  const rows = { left: found.sides.left?.row ?? null, right: found.sides.right?.row ?? null };
  stopPicking(); // another row is judged: the one that waited for its counterpart waits no more
  if (judgement === "same" && (rows.left === null || rows.right === null)) return pickPartner(found);
  const note = byId("note")?.value.trim() ?? "";
  if (judgement === "set_aside" && !note) {
    byId("note").focus();
    return toast(say("refused_needs_a_note"), { isBad: true });
  }
  if (judgement === "not_same" && !note && haveOneId(found)) {
    byId("note").focus();
    return toast(say("refused_same_id_needs_a_note"), { isBad: true });
  }
  await send({ judgement, ...rows, note, differs: Boolean(byId("differs")?.checked) }, seen(found), found);
}

/** Both rows bear one server id: by their copies' own account they are one message. */
function haveOneId(found) {
  const [a, b] = ["left", "right"].map((side) => found.sides[side]?.facts?.message_id);
  return Boolean(a) && a === b;
}

const seen = (found) => (standingOf(found) ? [standingOf(found).id] : []);

async function send(what, seenIds, about) {
  try {
    const written = await post("judge", { conversation: state.conversation, reviewer: reviewer(), seen: seenIds, ...what });
    sessionStorage.removeItem(draftOf(about));
    toast(say("written", { what: judged(what.judgement, { differs: what.differs, isPair: what.left !== null && what.right !== null }) }), { action: { words: say("undo"), act: () => undo(written) } });
    tell("changed");
  } catch (error) {
    complain(error);
    if (error.code === "judged_meanwhile") tell("changed");
  }
}

export async function undo(standing) {
  if (!(await askName())) return;
  try {
    await post("undo", { id: standing.id, reviewer: reviewer() });
    toast(say("undone"));
    tell("changed");
  } catch (error) {
    complain(error);
  }
}

export async function undoCurrent() {
  await state.drawn;
  const standing = current && state.line === current.line ? standingOf(current) : null;
  if (standing) undo(standing);
  else toast(say("nothing_to_undo"));
}

/** A lone row is the same as another lone row of the other side: that one has to be shown. */
function pickPartner(found) {
  const side = found.sides.left ? "left" : "right";
  state.partner = { side, row: found.sides[side].row, found, note: byId("note")?.value.trim() ?? "", seen: seen(found) };
  byId("picking").hidden = false;
  byId("inspector").classList.remove("is-open");
  byId("veil").hidden = true;
  byId("lines").classList.add("picks");
  byId("lines").focus();
}

export function stopPicking() {
  state.partner = null;
  byId("picking").hidden = true;
  byId("lines").classList.remove("picks");
}

/** Takes the line chosen as the other half. */
export async function picked(line) {
  const { side, row, note, found, seen: seenIds } = state.partner;
  const other = side === "left" ? "right" : "left";
  if (!line[other] || line[side]) return toast(say("pick_other_side", { side: say(other) }), { isBad: true });
  stopPicking();
  await send({ judgement: "same", [side]: row, [other]: line[other].row, note }, [...seenIds, ...line.decisions.map((d) => d.id)], found);
}

export async function pickChosen() {
  const found = await get("line", { c: state.conversation, line: state.line });
  const about = standingOf(found);
  await picked({ left: found.sides.left ?? null, right: found.sides.right ?? null, decisions: about ? [about] : [] });
}

byId("picking-stop").addEventListener("click", stopPicking);
on("picked", picked);
on("conversation", stopPicking);
export const judgedWord = (decision) => word("judged", decision.judgement);
