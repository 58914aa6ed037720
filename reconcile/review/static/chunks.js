// Stretches of a long list, fetched as they come into sight. Only what is in sight now is asked for.

const SIZE = 100;
const KEPT = 60;
const AT_ONCE = 2;

export class Chunks {
  /**
   * @param {(start, count, signal) => Promise<{total: number, items: any[]}>} load
   * @param {() => void} arrived
   * @param {(error) => void} failed
   */
  constructor(load, arrived, failed) {
    this.load = load;
    this.arrived = arrived;
    this.failed = failed;
    this.reset();
  }

  reset() {
    this.stop?.abort();
    this.stop = new AbortController();
    this.held = new Map();
    this.asked = new Set();
    this.range = [0, 1];
  }

  get(index) {
    const chunk = this.held.get(Math.floor(index / SIZE));
    return chunk ? chunk[index % SIZE] : undefined;
  }

  want(first, last) {
    this.range = [first, last];
    this.pump();
  }

  /** Fetches the first stretch and tells how long the list is. */
  async begin() {
    const stop = this.stop;
    const { total, items } = await this.load(0, SIZE, stop.signal);
    if (stop === this.stop) this.keep(0, items);
    return total;
  }

  pump() {
    const [first, last] = this.range;
    for (let chunk = Math.floor(first / SIZE); chunk <= Math.floor(Math.max(first, last - 1) / SIZE); chunk += 1) {
      if (this.asked.size >= AT_ONCE) return;
      if (!this.held.has(chunk) && !this.asked.has(chunk)) this.ask(chunk);
    }
  }

  async ask(chunk) {
    const stop = this.stop;
    this.asked.add(chunk);
    try {
      const { items } = await this.load(chunk * SIZE, SIZE, stop.signal);
      if (stop !== this.stop) return;
      this.asked.delete(chunk);
      this.keep(chunk, items);
      this.arrived();
      this.pump();
    } catch (error) {
      if (stop !== this.stop) return;
      this.asked.delete(chunk);
      this.failed(error);
    }
  }

  keep(chunk, items) {
    this.held.delete(chunk);
    this.held.set(chunk, items);
    while (this.held.size > KEPT) this.held.delete(this.held.keys().next().value);
  }
}
