// Both parties' material: what was given, what it is, what was guessed, and the next step.
import { el } from "./dom.js";
import { readAs } from "./columns.js";
import { command } from "./commands.js";
import { choosePath, tellExport } from "./dialog.js";
import { pick } from "./drop.js";
import { go, state, wish } from "./hub.js";
import { say } from "./say.js";
import { toast } from "./toast.js";
import { shown } from "./visible.js";

export function start(found) {
  if (!found) return [];
  return [
    el("h1", { class: "unseen" }, say("step_start")),
    el("div", { class: "areas" }, area(found, "left"), area(found, "right")),
    el("p", { class: "hint" }, say("drop_why"), " ", say("more_devices")),
    next(found),
    command(found.command),
  ];
}

function area(found, side) {
  const own = found.exports.filter((e) => e.side === side);
  const sending = state.sending[side];
  const button = (id, words, act) => el("button", { type: "button", class: "plain", id: `${id}-${side}`, on: { click: act } }, say(words));
  const add = (path) => wish("add", { case: found.id, side, path });
  return el("section", { class: `area is-${side}`, "data-area": side, "aria-labelledby": `area-${side}` },
    el("h2", { id: `area-${side}` }, found[side] ? shown(found[side]) : say(side)), el("p", { class: "hint" }, say(`${side}_why`)),
    own.map((one) => card(found, one)),
    el("div", { class: "drop" },
      el("p", { class: "drop-words" }, sending ? say("sending", sending) : say("drop_here")),
      el("div", { class: "row" }, button("choose-path", "choose_path", () => choosePath(add)), button("choose-files", "choose_files", () => pick("files", side)), button("choose-folder", "choose_folder", () => pick("folders", side)))));
}

function card(found, one) {
  return el("article", { class: `export is-${one.state}`, id: `export-${one.id}` },
    el("div", { class: "export-head" }, el("h3", { title: shown(one.path) }, shown(one.name)), el("span", { class: `badge ${{ ready: "is-good", failed: "is-conflict" }[one.state] ?? ""}`, role: "status" }, one.stage ? `${say("state_reading")} · ${one.stage.stage}` : say(`state_${one.state}`))),
    one.facts ? facts(one) : null,
    one.state === "failed" ? failure(found, one) : null,
    one.needs_key ? key(found, one) : null,
    one.parts ? parts(found, one) : null,
    one.same_as ? el("p", { class: "note is-bad" }, say("same_export")) : null,
    one.other_account ? el("p", { class: "note is-bad" }, say("other_account", { name: shown(one.other_account) })) : null,
    one.is_same_account && !one.same_as ? el("p", { class: "note is-guess" }, say("same_account")) : null,
    one.facts?.guesses.length ? guesses(found, one) : null,
    acts(found, one));
}

/** Why an export could not be read: what to do first, the program's whole line for whoever wants it. */
function failure(found, one) {
  if (one.needs_key && !one.error) return null;
  if (one.mapping) return asks(found, one);
  const told = shown(one.told_error);
  if (told.length < 200) return el("p", { class: "note is-bad" }, told);
  const first = /^[^；;。]*[；;。]?/.exec(told)[0].slice(0, 200);
  return el("div", { class: "note is-bad" }, el("p", {}, first), el("p", {}, say("failed_why")), el("details", { id: `why-${one.id}` }, el("summary", {}, say("said")), el("p", {}, told)));
}

/** A folder, or files given at once, of which each may be an export of its own. */
function parts(found, one) {
  return el("div", { class: "note" }, el("p", {}, say("parts_why", { n: one.parts })), el("div", { class: "row" }, el("button", { type: "button", class: "strong", id: `split-${one.id}`, on: { click: () => wish("split", { case: found.id, export: one.id }) } }, say("parts_split"))));
}

/** A table that can be read once the user says which column is what. */
function asks(found, one) {
  return el("div", { class: "note is-guess" }, el("h4", {}, say("columns_asked")), el("p", {}, say("columns_asked_why")),
    el("div", { class: "row" }, el("button", { type: "button", class: "strong", id: `correct-${one.id}`, on: { click: () => tellExport(found.id, one) } }, say("columns_state"))),
    el("details", { id: `why-${one.id}` }, el("summary", {}, say("said")), el("p", {}, shown(one.told_error))));
}

function facts(one) {
  const { owner, ...facts } = one.facts;
  const account = [owner.name, owner.id ?? owner.alias].filter(Boolean).map(shown).join(" · ") || say("not_stated");
  const period = facts.from ? `${facts.from.slice(0, 16)} – ${facts.to.slice(0, 16)}` : say("not_stated");
  const named = facts.conversations.filter((c) => c.name);
  const pair = (name, value) => [el("dt", {}, say(name)), el("dd", {}, value)];
  return el("div", {},
    el("dl", { class: "facts" }, pair("fact_form", facts.form), pair("fact_owner", account), pair("fact_period", period), pair("fact_rows", facts.rows.toLocaleString()),
      pair("fact_conversations", [facts.conversation_count, named.map((c) => shown(c.name)).join(say("between"))].filter(Boolean).join(say("colon"))), pair("fact_path", el("span", { class: "path" }, shown(one.path)))),
    facts.notes.length ? el("details", { id: `notes-${one.id}` }, el("summary", {}, say("n_notes", { n: facts.notes.length })), el("ul", { class: "list" }, facts.notes.map(note))) : null,
    facts.sample.length && (one.is_confirmed || !facts.guesses.length) ? el("details", { id: `sample-${one.id}` }, el("summary", {}, say("sample")), sample(one)) : null);
}

function note(one) {
  const parts = [one.what, shown(one.where), shown(one.said), one.count > 1 ? say("times", { n: one.count }) : ""];
  return el("li", {}, parts.filter(Boolean).join(" · "));
}

function key(found, one) {
  return el("div", { class: "note" }, el("p", {}, say("key_why")), el("button", { type: "button", class: "strong", id: `key-${one.id}`, on: { click: () => tellExport(found.id, one, true) } }, say("key_enter")));
}

function guesses(found, one) {
  if (one.is_confirmed) return el("p", { class: "hint" }, say("guess_confirmed"));
  const confirm = () => wish("tell", { case: found.id, export: one.id, told: one.told, is_confirmed: true });
  return el("div", { class: "note is-guess" }, el("h4", {}, say("guess_title")),
    el("ul", { class: "list" }, one.facts.guesses.map((g) => el("li", {}, el("strong", {}, say(`guess_${g.what}`)), ": ", say(`guess_${g.what}_is`, { guess: g.what === "columns" ? readAs(g.guess) : shown(g.guess) })))),
    one.facts.sample.length ? [el("p", { class: "hint" }, say("sample")), sample(one)] : null,
    el("div", { class: "row" }, el("button", { type: "button", class: "strong", id: `confirm-${one.id}`, on: { click: confirm } }, say("guess_ok")),
      el("button", { type: "button", class: "plain", id: `correct-${one.id}`, on: { click: () => tellExport(found.id, one) } }, say("guess_change"))));
}

function sample(one) {
  const head = ["at", "who", "kind", "text"].map((name) => el("th", { scope: "col" }, say(`sample_${name}`)));
  const row = (r) => el("tr", {}, el("td", { class: "time" }, (r.at ?? "").slice(0, 19)), el("td", {}, shown(r.who ?? "")), el("td", {}, say(`kind_${r.kind}`)), el("td", {}, shown(r.text ?? "")));
  return el("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": say("sample") }, el("table", { class: "sample", "aria-label": say("sample") }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, one.facts.sample.map(row))));
}

function acts(found, one) {
  const on = (act, values = {}) => ({ click: () => wish(act, { case: found.id, export: one.id, ...values }) });
  const remove = async () => {
    if (await wish("remove", { case: found.id, export: one.id })) toast(say("removed"));
  };
  return el("div", { class: "row acts" },
    one.state === "failed" || one.state === "waiting" ? el("button", { type: "button", class: "plain", id: `again-${one.id}`, on: on("again") }, say("again")) : null,
    (one.state === "ready" ? !one.facts.guesses.length || one.is_confirmed : one.state === "failed" && one.error && !one.mapping) ? el("button", { type: "button", class: "plain", id: `tell-${one.id}`, on: { click: () => tellExport(found.id, one) } }, say("guess_change")) : null,
    el("button", { type: "button", class: "plain", id: `move-${one.id}`, on: on("move") }, say(one.side === "left" ? "move_right" : "move_left")),
    el("button", { type: "button", class: "plain", id: `remove-${one.id}`, on: { click: remove } }, say("remove")));
}

/** What stands in the way of a comparison, or the way to it. */
export function advice(found) {
  const sides = new Set(found.exports.map((e) => e.side));
  if (!sides.size) return "next_add";
  if (!sides.has("left")) return "next_add_left";
  if (!sides.has("right")) return "next_add_right";
  if (found.exports.some((e) => e.state === "reading")) return "next_wait";
  if (found.exports.some((e) => e.same_as)) return "next_same";
  if (found.exports.some((e) => e.state !== "ready" || e.needs_key)) return "next_fix";
  if (found.exports.some((e) => e.other_account)) return "next_account";
  return "next_compare";
}

function next(found) {
  const said = advice(found);
  const run = async () => {
    go(found.id, "compare");
    await wish("compare", { case: found.id });
  };
  const isDone = found.result && !found.result.broken && !found.is_outdated && said === "next_compare";
  const ready = said === "next_compare" && !found.running.some((job) => job.what === "compare");
  return el("div", { class: "next", role: "status" }, el("span", {}, say(isDone ? "next_result" : said)), el("span", { class: "push" }), isDone ? el("a", { class: "strong", href: `#${new URLSearchParams({ case: found.id, page: "compare" })}` }, say("see_result")) : null, el("button", { type: "button", class: isDone ? "plain" : "strong", id: "compare", disabled: !ready, on: { click: run } }, say(found.result ? "compare_again" : "compare")));
}
