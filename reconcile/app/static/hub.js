// What the pages share: the state as the server told it last, wishes of the user, and drawing without losing one's place.
import { post } from "./api.js";
import { byId } from "./dom.js";
import { lang, say } from "./say.js";
import { toast } from "./toast.js";

export const state = { cases: null, case: null, sending: {} };

const PAGES = ["start", "compare", "reports", "jobs"];

/** The case and the page that the address names. */
export function place() {
  const values = new URLSearchParams(location.hash.slice(1));
  const page = values.get("page");
  return { id: values.get("case"), page: PAGES.includes(page) ? page : "start" };
}

export function go(id, page) {
  location.hash = new URLSearchParams({ case: id, page }).toString();
}

/** Posts a wish; what the server answers becomes the state. Returns whether it was carried out. */
export async function wish(act, values = {}) {
  try {
    const found = await post(`do/${act}`, { lang, ...values });
    if (found.id) state.case = found;
    else state.cases = found;
    document.dispatchEvent(new Event("changed"));
    return found;
  } catch (error) {
    return complain(error);
  }
}

/** Says what went wrong and what to do next. */
export function complain(error) {
  if (!error?.code) throw error;
  toast(error.code === "no_server" ? say("no_server") : say(`refused_${error.code}`), { isBad: true });
  return null;
}

let drawn = "";
let isComposing = false; // a redraw would throw away what an input method holds
document.addEventListener("compositionstart", () => (isComposing = true));
document.addEventListener("compositionend", () => (isComposing = false));

/** Puts the page in place only where something changed; focus, open parts and half-written fields stay as they are. */
export function drawOnce(root, nodes) {
  if (isComposing) return;
  const fresh = document.createElement("div");
  fresh.append(...nodes.flat().filter((node) => node !== null && node !== undefined));
  const now = fresh.innerHTML;
  if (now === drawn && root.childElementCount) return;
  drawn = now;
  const { id: focus, selectionStart, selectionEnd } = document.activeElement ?? {};
  const fields = [...root.querySelectorAll("input[id], select[id], textarea[id]")].map((f) => [f.id, f.value, f.checked]);
  const open = [...root.querySelectorAll("details[id]")].map((d) => [d.id, d.open]);
  root.replaceChildren(...fresh.childNodes);
  for (const [id, value, checked] of fields) {
    const field = byId(id);
    if (field) [field.value, field.checked] = [value, checked];
  }
  for (const [id, isOpen] of open) if (byId(id)) byId(id).open = isOpen;
  if (!focus || !root.querySelector(`#${CSS.escape(focus)}`)) return;
  byId(focus).focus();
  if (typeof selectionStart === "number") byId(focus).setSelectionRange(selectionStart, selectionEnd);
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];

export function size(bytes) {
  let n = bytes;
  let unit = 0;
  while (n >= 1024 && unit < UNITS.length - 1) [n, unit] = [n / 1024, unit + 1];
  return `${unit ? n.toFixed(1) : n} ${UNITS[unit]}`;
}
