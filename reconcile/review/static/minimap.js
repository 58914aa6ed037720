// The strip beside the list: left half what the left side lacks, right half what the right side lacks, across both what
// conflicts or is in doubt. A click goes there.
import { get } from "./api.js";
import { byId, text } from "./dom.js";
import { jumpTo } from "./lines.js";
import { say } from "./say.js";
import { on, query } from "./state.js";

const [box, canvas, lens, tip] = ["minimap-box", "minimap", "lens", "tip"].map(byId);
let map = null;
let asked = 0;

export async function loadMap() {
  asked += 1;
  const mine = asked;
  const found = await get("minimap", { ...query(), bins: Math.max(50, Math.floor(box.clientHeight / 2)) }).catch(() => null);
  if (mine !== asked || !found) return;
  map = found;
  draw();
}

export function draw() {
  if (!map) return;
  const [width, height, scale] = [box.clientWidth, box.clientHeight, devicePixelRatio || 1];
  canvas.width = width * scale;
  canvas.height = height * scale;
  const ink = canvas.getContext("2d");
  ink.scale(scale, scale);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
  const bar = Math.max(2, height / map.bins);
  const paint = (marks, from, to, name, least = bar) => {
    ink.fillStyle = colour(name);
    for (const [bin] of marks) ink.fillRect(from * width, (bin / map.bins) * height, (to - from) * width, least);
  };
  paint(map.set_aside, 0.42, 0.58, "--edge-strong");
  paint(map.left_missing, 0.08, 0.46, "--one", Math.max(3, bar));
  paint(map.right_missing, 0.54, 0.92, "--one", Math.max(3, bar));
  paint(map.doubtful, 0.3, 0.7, "--doubt", Math.max(3, bar));
  paint(map.conflicts, 0.08, 0.92, "--conflict", Math.max(3, bar));
  paint(map.judged, 0, 0.08, "--good");
  const sum = (marks) => marks.reduce((n, [, count]) => n + count, 0);
  canvas.setAttribute("aria-label", say("minimap", { left: sum(map.left_missing), right: sum(map.right_missing), conflicts: sum(map.conflicts), doubtful: sum(map.doubtful) }));
}

function at(event) {
  const { top, height } = box.getBoundingClientRect();
  return Math.min(Math.max(0, (event.clientY - top) / height), 1);
}

function month(share) {
  const bin = share * map.bins;
  let found = "";
  for (const [from, name] of map.days) if (from <= bin) found = name;
  return found;
}

box.addEventListener("pointerdown", (event) => {
  box.setPointerCapture(event.pointerId);
  jumpTo(at(event));
});
box.addEventListener("pointermove", (event) => {
  if (event.buttons) jumpTo(at(event));
  if (!map) return;
  tip.hidden = false;
  tip.style.top = `${Math.max(0, at(event) * box.clientHeight - 12)}px`;
  text(tip, month(at(event)));
  tip.hidden = !tip.textContent;
});
box.addEventListener("pointerleave", () => (tip.hidden = true));

on("range", ({ top, seen, total }) => {
  const height = box.clientHeight;
  lens.style.transform = `translateY(${(top / total) * height}px)`;
  lens.style.height = `${Math.max(4, Math.min(1, seen / total) * height)}px`;
});
on("lines", loadMap);
on("theme", draw);
new ResizeObserver(draw).observe(box);
