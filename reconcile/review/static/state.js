// What the reviewer looks at. Parts listen for the names of what changed; the address keeps it over a reload.

const FILTERS = ["relation", "cause", "kind", "sender", "since", "until", "least", "most", "words", "state", "mark", "tag"];

export const state = {
  overview: null,
  conversation: 0,
  line: null,
  view: {},
  drawn: Promise.resolve(), // settles when the details of the chosen line are there
  partner: null, // {side, row, found}: a lone row that waits for its other half
};

const hub = new EventTarget();

export const on = (name, act) => hub.addEventListener(name, (event) => act(event.detail));
export const tell = (name, detail = null) => hub.dispatchEvent(new CustomEvent(name, { detail }));

export const conversation = () => state.overview.conversations[state.conversation];

/** The filters as the server takes them, with the conversation. */
export const query = () => ({ c: state.conversation, ...state.view, ...(state.view.state === "second" ? { reviewer: reviewer() } : {}) });

export function setView(changes) {
  const view = { ...state.view, ...changes };
  state.view = Object.fromEntries(Object.entries(view).filter(([, value]) => value !== "" && value !== null && value !== undefined));
  keep();
  tell("view");
}

export function clearView() {
  state.view = {};
  keep();
  tell("view");
}

export function setConversation(index) {
  if (index < 0 || index >= state.overview.conversations.length) return;
  state.conversation = index;
  state.line = null;
  state.view = {};
  state.partner = null;
  keep();
  tell("conversation");
}

export function setLine(line) {
  state.line = line;
  keep();
  tell("line");
}

function keep() {
  const values = new URLSearchParams({ c: state.conversation });
  if (state.line !== null) values.set("line", state.line);
  for (const [name, value] of Object.entries(state.view)) values.set(name, value);
  history.replaceState(null, "", `${location.pathname}#${values}`);
}

export function restore() {
  const values = new URLSearchParams(location.hash.slice(1));
  const index = Number(values.get("c") ?? 0);
  state.conversation = Number.isInteger(index) && index >= 0 && index < state.overview.conversations.length ? index : 0;
  const line = values.get("line");
  state.line = line !== null && /^\d{1,9}$/.test(line) ? Number(line) : null;
  state.view = {};
  for (const name of FILTERS) if (values.get(name)) state.view[name] = values.get(name);
  keep();
}

/** The reviewer's name stays in this browser. */
export const reviewer = () => localStorage.getItem("reconcile-reviewer") || "";
export function setReviewer(name) {
  localStorage.setItem("reconcile-reviewer", name.trim());
  tell("reviewer");
}
