import { drainMicrotasks } from 'bun:jsc';
import type { Milliseconds } from '#core/time.ts';

interface Happening {
  readonly at: Milliseconds;
  readonly order: number;
  /** Undefined once it was withdrawn. */
  call: (() => void) | undefined;
}

/** Happenings between two looks at the runtime's own loop, so that a test can be interrupted. */
const atOnce = 2_000;
/** What is withdrawn is cleared away once it is so many, and half of all. */
const fewest = 1_000;

/**
 * Virtual time, and the only thing in a simulation that ever waits. What happens next follows from what was planned and from
 * nothing else: whatever a happening leads to at once, promises included, is done before the next one.
 */
export class Timeline {
  #now: Milliseconds = 0;
  #planned = 0;
  #happened = 0;
  #heap: Happening[] = [];
  /** Of what is in the heap. */
  #withdrawn = 0;

  /** Milliseconds since the simulation began, with fractions. */
  get now(): Milliseconds {
    return this.#now;
  }

  get happened(): number {
    return this.#happened;
  }

  /** Calls once, `delay` from now. @returns withdraws the call. */
  at(delay: Milliseconds, call: () => void): () => void {
    const happening: Happening = { at: this.#now + Math.max(0, delay), order: this.#planned, call };
    this.#planned += 1;
    this.#push(happening);
    return () => this.#withdraw(happening);
  }

  /** Resolves after `delay`. */
  pass(delay: Milliseconds): Promise<void> {
    return new Promise((resolve) => {
      this.at(delay, resolve);
    });
  }

  /** Lets this much time pass. */
  async run(span: Milliseconds): Promise<void> {
    const end = this.#now + span;
    await this.#runWhile(() => (this.#heap[0]?.at ?? Number.POSITIVE_INFINITY) <= end);
    this.#now = end;
  }

  /** Lets time pass until a promise is settled. @throws Error when nothing is planned that could settle it. */
  async settle<Result>(promise: Promise<Result>): Promise<Result> {
    const settled = { yet: false };
    const mark = () => {
      settled.yet = true;
    };
    promise.then(mark, mark);
    await this.#runWhile(() => !settled.yet && this.#heap.length > 0);
    if (!settled.yet) {
      throw new Error('Nothing is planned that could settle what is waited for.');
    }
    return promise;
  }

  async #runWhile(goesOn: () => boolean): Promise<void> {
    for (let more = true; more; ) {
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      setImmediate(() => {
        try {
          resolve(this.#runSome(goesOn));
        } catch (failure) {
          reject(failure);
        }
      });
      more = await promise;
    }
  }

  #runSome(goesOn: () => boolean): boolean {
    drainMicrotasks();
    for (let count = 0; count < atOnce; count += 1) {
      if (!goesOn()) {
        return false;
      }
      this.#next();
    }
    return true;
  }

  #next(): void {
    const happening = this.#pop();
    const call = happening?.call;
    if (happening === undefined || call === undefined) {
      this.#withdrawn -= 1;
      return;
    }
    // To withdraw what has happened changes nothing.
    happening.call = undefined;
    this.#now = Math.max(this.#now, happening.at);
    this.#happened += 1;
    call();
    drainMicrotasks();
  }

  /** Most of what is planned is a deadline that is met: the heap would soon be full of them. */
  #withdraw(happening: Happening): void {
    if (happening.call !== undefined) {
      happening.call = undefined;
      this.#withdrawn += 1;
      if (this.#withdrawn > fewest && this.#withdrawn > this.#heap.length / 2) {
        // What is sorted is a heap.
        this.#heap = this.#heap.filter(({ call }) => call !== undefined).toSorted(inOrder);
        this.#withdrawn = 0;
      }
    }
  }

  #push(happening: Happening): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(happening);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, happening)) {
        break;
      }
      heap[place] = parent;
      place = above;
    }
    heap[place] = happening;
  }

  #pop(): Happening | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) {
      this.#sink(last);
    }
    return first;
  }

  #sink(happening: Happening): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      const [one, other] = [heap[left], heap[right]];
      const smaller = other !== undefined && one !== undefined && isBefore(other, one) ? right : left;
      const child = heap[smaller];
      if (child === undefined || isBefore(happening, child)) {
        break;
      }
      heap[place] = child;
      place = smaller;
    }
    heap[place] = happening;
  }
}

function isBefore(one: Happening, other: Happening): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function inOrder(one: Happening, other: Happening): number {
  return one.at - other.at || one.order - other.order;
}
