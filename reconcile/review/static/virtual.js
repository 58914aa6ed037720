// A list of any length in a fixed pool of elements.
//
// Browsers cannot hold an element taller than some ten million pixels, so a long list scrolls on a shorter track: small
// movements go one to one, long ones (the thumb, Home, End) are stretched. Near both ends the track is never stretched.

const MAX_TRACK = 4_000_000;
const EASY = 60_000;
const OVERSCAN = 4;
const SETTLE_MS = 140;

export class VirtualList {
  /**
   * @param {HTMLElement} scroller holds one child, the canvas
   * @param {{create: () => HTMLElement, fill: (node, index) => void, rowHeight: () => number, moved?: (first, last) => void}} parts
   */
  constructor(scroller, parts) {
    this.scroller = scroller;
    this.canvas = scroller.querySelector(".canvas");
    this.parts = parts;
    this.count = 0;
    this.top = 0;
    this.pool = [];
    this.version = 0;
    scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.measure()).observe(scroller);
  }

  setCount(count) {
    this.count = count;
    this.version += 1;
    this.measure();
  }

  measure() {
    const middle = this.top + this.height / 2;
    const wasRow = this.row;
    this.row = this.parts.rowHeight();
    this.height = this.scroller.clientHeight;
    this.length = this.count * this.row;
    this.track = Math.max(Math.min(this.length, MAX_TRACK), 0);
    this.canvas.style.height = `${this.track}px`;
    const slots = Math.min(this.count, Math.ceil(this.height / this.row) + 1 + 2 * OVERSCAN);
    while (this.pool.length < slots) this.pool.push(this.makeSlot());
    while (this.pool.length > slots) this.pool.pop().node.remove();
    for (const slot of this.pool) slot.index = -1;
    if (wasRow && wasRow !== this.row) this.top = (middle / wasRow) * this.row - this.height / 2;
    this.goTo(this.top);
  }

  makeSlot() {
    const node = this.parts.create();
    this.canvas.append(node);
    return { node, index: -1, version: -1 };
  }

  get maxTop() {
    return Math.max(0, this.length - this.height);
  }

  get maxTrack() {
    return Math.max(0, this.track - this.height);
  }

  /** Where on the track a place of the list lies, and back. */
  toTrack(top) {
    const [length, track] = [this.maxTop, this.maxTrack];
    if (length <= track || top <= EASY) return Math.min(top, track);
    if (top >= length - EASY) return track - (length - top);
    return EASY + ((top - EASY) / (length - 2 * EASY)) * (track - 2 * EASY);
  }

  toList(at) {
    const [length, track] = [this.maxTop, this.maxTrack];
    if (length <= track || at <= EASY) return at;
    if (at >= track - EASY) return length - (track - at);
    return EASY + ((at - EASY) / (track - 2 * EASY)) * (length - 2 * EASY);
  }

  scrolled() {
    const at = this.scroller.scrollTop;
    if (at === this.at) return;
    const moved = at - this.at;
    this.at = at;
    const isLong = Math.abs(moved) > Math.max(2000, 2 * this.height);
    this.top = isLong || this.length <= this.track ? this.toList(at) : this.top + moved;
    this.top = Math.min(Math.max(0, this.top), this.maxTop);
    if ((at <= 0 && this.top > 0) || (at >= this.maxTrack && this.top < this.maxTop)) this.settle();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.settle(), SETTLE_MS);
    this.schedule();
  }

  /** Puts the thumb where the list is, without moving the list. */
  settle() {
    const at = Math.round(this.toTrack(this.top));
    if (this.length > this.track && Math.abs(at - this.at) > 1) {
      this.scroller.scrollTop = at;
      this.at = this.scroller.scrollTop;
      this.render();
    }
  }

  goTo(top) {
    this.top = Math.min(Math.max(0, top), this.maxTop);
    this.scroller.scrollTop = this.toTrack(this.top);
    this.at = this.scroller.scrollTop;
    if (this.length <= this.track) this.top = this.at;
    this.render();
  }

  /** Brings a row into sight; `where` is nearest or centre. */
  show(index, where = "nearest") {
    const start = index * this.row;
    if (where === "centre") this.goTo(start - (this.height - this.row) / 2);
    else if (start < this.top) this.goTo(start);
    else if (start + this.row > this.top + this.height) this.goTo(start + this.row - this.height);
  }

  schedule() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.render();
    });
  }

  /** The rows in sight, whole or in part. */
  range() {
    const first = Math.max(0, Math.floor(this.top / this.row));
    return [first, Math.min(this.count, Math.ceil((this.top + this.height) / this.row))];
  }

  render() {
    const [first, last] = this.range();
    const from = Math.max(0, Math.min(first - OVERSCAN, this.count - this.pool.length));
    const to = Math.min(this.count, from + this.pool.length);
    const shift = this.at - this.top;
    for (let index = from; index < to; index += 1) {
      const slot = this.pool[index % this.pool.length];
      if (slot.index !== index || slot.version !== this.version) {
        this.parts.fill(slot.node, index);
        slot.index = index;
        slot.version = this.version;
      }
      const y = index * this.row + shift;
      if (slot.y !== y) {
        slot.node.style.transform = `translateY(${y}px)`;
        slot.y = y;
      }
    }
    if (this.parts.moved) this.parts.moved(first, last);
  }

  /** Fills every row anew. */
  refresh() {
    this.version += 1;
    this.render();
  }

  nodeOf(index) {
    const slot = this.pool.length ? this.pool[index % this.pool.length] : null;
    return slot && slot.index === index ? slot.node : null;
  }
}
