// Where two texts differ. A number or a Latin word counts as one: 5000 against 50000 marks both, not one nought.

const MAX_CELLS = 4_000_000;
const TOKENS = /[\d０-９]+(?:[.,，][\d０-９]+)*|[A-Za-z]+|[\s\S]/gu;

const tokens = (text) => text.match(TOKENS) ?? [];

/** Two lists of [text, differs], one for each side; equal texts give one equal stretch each. */
export function differences(left, right) {
  const a = tokens(left);
  const b = tokens(right);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const [middleA, middleB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const [keptA, keptB] = common(middleA, middleB);
  const wrap = (all, middle, kept) =>
    stretches([[all.slice(0, start).join(""), false], ...middle.map((c, i) => [c, !kept[i]]), [end ? all.slice(-end).join("") : "", false]]);
  return [wrap(a, middleA, keptA), wrap(b, middleB, keptB)];
}

/** Whether each token belongs to the longest common subsequence; nothing does where the texts are too long to say. */
function common(a, b) {
  const keptA = new Array(a.length).fill(false);
  const keptB = new Array(b.length).fill(false);
  if (!a.length || !b.length || a.length * b.length > MAX_CELLS) return [keptA, keptB];
  const width = b.length + 1;
  const length = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      length[i * width + j] = a[i] === b[j] ? length[(i + 1) * width + j + 1] + 1 : Math.max(length[(i + 1) * width + j], length[i * width + j + 1]);
    }
  }
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      keptA[i] = keptB[j] = true;
      i += 1;
      j += 1;
    } else if (length[(i + 1) * width + j] >= length[i * width + j + 1]) i += 1;
    else j += 1;
  }
  return [keptA, keptB];
}

function stretches(parts) {
  const joined = [];
  for (const [text, differs] of parts) {
    if (!text) continue;
    const last = joined[joined.length - 1];
    if (last && last[1] === differs) last[0] += text;
    else joined.push([text, differs]);
  }
  return joined;
}

/** The stretch between what two texts share at both ends, for the list: [start, end of left, end of right]. */
export function middle(left, right) {
  const [a, b] = [tokens(left), tokens(right)];
  let start = 0;
  let from = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) {
    from += a[start].length;
    start += 1;
  }
  let end = 0;
  let back = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) {
    back += a[a.length - 1 - end].length;
    end += 1;
  }
  return [from, left.length - back, right.length - back];
}
