import { appendFile } from 'node:fs/promises';
import { asFault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import type { SignerRule } from '#core/ports/order-signer.ts';
import { TokenBucket } from '#core/token-bucket.ts';
import type { Order } from '#wire/order.ts';

/** What was refused, as a line of JSON says it. */
export interface RefusedLine {
  readonly rule: SignerRule;
  readonly why: string;
  /** Of the order as it was asked for; undefined where the bytes were none. */
  readonly order: Order | undefined;
}

interface LogTools {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** An order that waits is asked for again and again: each rule is said of it once, as far back as this. */
const mostRemembered = 50_000;
/** Lines in a minute: whoever took over the server must not fill the signer's disk. How many were left out is said. */
const mostLines = 1_000;

/** The signer's own record of what it did not sign: lines of JSON, appended. Whoever takes over the server cannot write it. */
export class RefusalLog {
  readonly #tools: LogTools;
  readonly #said = new Set<string>();
  readonly #room: TokenBucket;
  #leftOut = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(tools: LogTools) {
    this.#tools = tools;
    this.#room = new TokenBucket({ burst: mostLines, perMinute: mostLines }, tools.clock.monotonic());
  }

  /** Resolves once the lines are written. Never rejects: what cannot be written is logged, and refused all the same. */
  add(refused: readonly RefusedLine[]): Promise<void> {
    const at = new Date(this.#tools.clock.now()).toISOString();
    const lines = refused.filter((line) => this.#isFresh(line)).flatMap((line) => this.#linesOf(line));
    if (lines.length > 0) {
      const text = lines.map((line) => `${JSON.stringify({ at, ...line })}\n`).join('');
      this.#writing = this.#writing.then(() => this.#append(text));
    }
    return this.#writing;
  }

  #linesOf(line: RefusedLine): readonly object[] {
    if (!this.#room.take(1, this.#tools.clock.monotonic())) {
      this.#leftOut += 1;
      return [];
    }
    const before = this.#leftOut === 0 ? [] : [{ leftOut: this.#leftOut }];
    this.#leftOut = 0;
    return [...before, factsOf(line)];
  }

  #isFresh({ rule, order }: RefusedLine): boolean {
    if (order === undefined) {
      return true;
    }
    const name = `${rule} ${order.taskId}`;
    if (this.#said.has(name)) {
      return false;
    }
    this.#said.add(name);
    const [oldest] = this.#said;
    if (this.#said.size > mostRemembered && oldest !== undefined) {
      this.#said.delete(oldest);
    }
    return true;
  }

  async #append(text: string): Promise<void> {
    try {
      await appendFile(this.#tools.file, text, { mode: 0o600 });
    } catch (thrown) {
      this.#tools.log.error('What the signer refused could not be written down.', { cause: asFault(thrown) });
    }
  }
}

function factsOf({ rule, why, order }: RefusedLine) {
  if (order === undefined) {
    return { rule, why };
  }
  const { endpointId, actionId, taskId, parameters, notBefore, deadline } = order;
  return { rule, why, verb: parameters.verb, endpointId, actionId, taskId, notBefore, deadline };
}
