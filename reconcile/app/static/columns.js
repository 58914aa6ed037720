// Which column of an unknown table is what: a choice for each role, beside the first values of each column.
import { byId, el } from "./dom.js";
import { say, word } from "./say.js";
import { shown } from "./visible.js";

// Asked of every table; further roles only where the program found or asks for them.
const ALWAYS = ["time", "sender", "text", "direction", "conversation"];
// What is stated in words, and no column.
const STATED = ["year", "timezone", "time_format", "owner", "reading"];
const MOST_SHOWN = 70;

let mapping = null;

/** Role -> column of a text such as `time=Date,sender=From`; a comma inside a name is written `\,`. */
export function parsed(columns) {
  const pairs = columns.split(/(?<!\\),/).map((part) => part.split(/=(.*)/s)).filter(([role, column]) => role?.trim() && column);
  return Object.fromEntries(pairs.map(([role, column]) => [role.trim(), column.trim().replaceAll("\\,", ",")]));
}

const spelled = (columns) => Object.entries(columns).map(([role, column]) => `${role}=${column.replaceAll(",", "\\,")}`).join(",");

/** What a role is called; a code of the file, such as `direction:1`, is quoted. */
export function roleName(role) {
  const [head, code] = role.split(/:(.*)/s);
  return code === undefined ? word("role", role) : say(`role_${head}_of`, { code: shown(code) });
}

/** How the program read the columns, in words. */
export function readAs(columns) {
  const pairs = Object.entries(parsed(columns));
  if (pairs.every(([role, column]) => role === column || role === "reading")) return say("guess_columns_by_place");
  return pairs.map(([role, column]) => say("guess_column", { role: roleName(role), column: shown(column) })).join(say("between"));
}

/** Draws the choices for a table; `columns` is how it is read now, as far as that is known. */
export function drawColumns(found, columns) {
  mapping = found;
  const now = parsed(columns);
  byId("columns").value = columns;
  byId("columns-error").hidden = true;
  const roles = mapping?.fields.length ? [...new Set([...ALWAYS, ...Object.keys(mapping.columns), ...Object.keys(mapping.unclear), ...Object.keys(now)])].filter((role) => !STATED.includes(role) || (mapping.unclear[role] && role === "year")) : [];
  byId("readings").replaceChildren(...(mapping?.readings ?? []).map((one) => reading(one, now)));
  byId("roles").replaceChildren(...roles.map((role) => choice(role, now[role] ?? "")));
  byId("tell-roles").hidden = !roles.length && !mapping?.readings.length;
  byId("columns-written").open = !roles.length;
}

function reading(one, now) {
  const take = () => write({ ...now, reading: one.reading }, Object.keys(mapping.columns));
  return el("label", { class: "option" }, el("input", { type: "radio", name: "reading", id: `reading-${one.reading}`, checked: now.reading === one.reading, on: { change: take } }), say("reading", { n: one.messages.toLocaleString(), first: shown(one.first) }));
}

function choice(role, column) {
  const candidates = mapping.unclear[role];
  const id = `role-${role}`;
  const pick = () => {
    const { reading: _, ...now } = parsed(byId("columns").value);
    write({ ...now, [role]: byId(id).value }, []);
  };
  const name = el("label", { for: id }, roleName(role), candidates ? el("strong", { class: "asked" }, say("role_asked")) : null);
  if (role === "year") return el("div", {}, name, el("input", { type: "text", id, inputMode: "numeric", maxLength: 4, value: column, on: { change: pick } }));
  const isColumn = !role.includes(":") && !["day_first", "time_unit", "escapes"].includes(role);
  const named = isColumn ? fieldsFor(candidates ?? []) : (candidates ?? [column]).map((value) => [value, word("value", value)]);
  return el("div", {}, name, el("select", { id, on: { change: pick } }, [["", say("role_none")], ...named].map(([value, words]) => el("option", { value, selected: value === column }, words))));
}

/** The columns, the candidates first, each with its first values. */
function fieldsFor(candidates) {
  const rank = (field) => (candidates.includes(field.name) ? candidates.indexOf(field.name) : candidates.length);
  return [...mapping.fields].sort((a, b) => rank(a) - rank(b)).map((field) => {
    const values = field.values.map(shown).join(say("between_values"));
    return [field.name, `${shown(field.name)}${values ? say("column_values", { values }) : ""}`.slice(0, MOST_SHOWN)];
  });
}

function write(columns, left) {
  byId("columns").value = spelled(Object.fromEntries(Object.entries(columns).filter(([role, column]) => column && !left.includes(role))));
}

/** Whether the choices suffice to read the table; says what is missing. */
export function areColumnsWhole() {
  const now = parsed(byId("columns").value);
  const isWhole = byId("tell-roles").hidden || !Object.keys(now).length || now.reading !== undefined || Boolean(now.time && now.text);
  byId("columns-error").hidden = isWhole;
  return isWhole;
}
