// Files dropped or chosen: sent to the case's own folder piece by piece. What is large is better named by its path.
import { post, Refused } from "./api.js";
import { byId } from "./dom.js";
import { complain, place, size, state, wish } from "./hub.js";
import { say } from "./say.js";
import { toast } from "./toast.js";

const PIECE = 4 * 2 ** 20;
const MOST = 2 * 2 ** 30;
let chosen = { area: "left", side: "left" };

/** Opens the system's own choice of files or of a folder. `side`: of a submission, the party against whose exports it is held. */
export function pick(input, area, side = area) {
  chosen = { area, side };
  byId(input).value = "";
  byId(input).click();
}

export function watchDrops() {
  for (const id of ["files", "folders"]) {
    byId(id).addEventListener("change", () => send(chosen, [...byId(id).files].map((file) => ({ file, name: file.webkitRelativePath || file.name }))));
  }
  const area = (event) => event.target.closest?.("[data-area]");
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    for (const one of document.querySelectorAll("[data-area]")) one.classList.toggle("is-over", one === area(event));
  });
  document.addEventListener("drop", async (event) => {
    event.preventDefault(); // a file dropped beside an area must not replace the page
    for (const one of document.querySelectorAll("[data-area]")) one.classList.remove("is-over");
    const name = area(event)?.dataset.area;
    const side = name === "submission" ? byId("against").value : name;
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    if (name) send({ area: name, side }, (await Promise.all(entries.map(walk))).flat());
  });
}

async function walk(entry) {
  if (entry.isFile) return [{ file: await new Promise((take, fail) => entry.file(take, fail)), name: entry.fullPath.replace(/^\//, "") }];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((take, fail) => reader.readEntries(take, fail));
    if (!some.length) break;
    found.push(...(await Promise.all(some.map(walk))).flat());
  }
  return found;
}

/** Sends one export: all of its files, in order, then says that it is whole. */
export async function send({ area, side }, files) {
  const { id } = place();
  const wanted = files.filter(({ name }) => !/(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini)$/i.test(name));
  const total = wanted.reduce((sum, { file }) => sum + file.size, 0);
  if (!id || !wanted.length) return;
  if (total > MOST) return toast(say("drop_too_large", { size: size(total) }), { isBad: true });
  let done = 0;
  const tell = (name) => {
    state.sending[area] = name && { name, done: size(done), total: size(total) };
    document.dispatchEvent(new Event("changed"));
  };
  try {
    const { drop } = await post("drop", { case: id, area });
    for (const { file, name } of wanted) {
      for (let at = 0; at === 0 || at < file.size; at += PIECE) {
        tell(name);
        await piece({ case: id, area, drop, file: name, at }, file.slice(at, at + PIECE));
        done += Math.min(PIECE, file.size - at);
      }
    }
    await wish("dropped", { case: id, area, side, drop });
  } catch (error) {
    if (error.code) complain(error);
    else toast(say("sent_broken"), { isBad: true });
  } finally {
    tell(null);
  }
}

async function piece(values, content) {
  const response = await fetch(`/api/piece?${new URLSearchParams(values)}`, { method: "POST", headers: { "content-type": "application/octet-stream" }, body: content, credentials: "same-origin" });
  if (!response.ok) throw new Refused((await response.json().catch(() => ({}))).error || (response.status === 403 ? "restarted" : "refused_now"), response.status);
}
