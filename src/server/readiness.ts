import { asFault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import { type Milliseconds, second } from '#core/time.ts';

type ReadinessPorts = Pick<Ports, 'store' | 'blobs' | 'dispatch' | 'clock' | 'log'>;

/** What a server needs to do its work, each with what is said when it lacks it. */
const lacks = {
  store: 'nothing can be written to the store',
  evidence: 'evidence cannot be written',
  signer: 'no order can be signed: the signer is away',
  signerKey: 'no order can be signed: the signer holds another key than agents know',
} as const;

export type Need = keyof typeof lacks;

/** Anyone may ask, and asking writes to disks: within this time of an answer it is given again. */
const answerHolds: Milliseconds = 2 * second;

/** Tells whether a server can do its work now, by doing a little of it. */
export class Readiness {
  readonly #ports: ReadinessPorts;
  readonly #notes: () => readonly string[];
  #last: { readonly at: Milliseconds; readonly lacking: Promise<readonly Need[]> } | undefined;

  /** @param notes what is to be told beside, one line each. */
  constructor(ports: ReadinessPorts, notes: () => readonly string[] = () => []) {
    this.#ports = ports;
    this.#notes = notes;
  }

  /** What is lacking; empty where the server is ready. Never rejects. */
  lacking(): Promise<readonly Need[]> {
    const now = this.#ports.clock.monotonic();
    if (this.#last === undefined || now - this.#last.at >= answerHolds) {
      this.#last = { at: now, lacking: this.#look() };
    }
    return this.#last.lacking;
  }

  /** For load balancers: 200 or 503, and a line for each thing that is lacking, or will be. */
  async answer(): Promise<Response> {
    const lacking = await this.lacking();
    const headers = { 'content-type': 'text/plain', 'cache-control': 'no-store' };
    return lacking.length === 0
      ? new Response(linesOf(['ready', ...this.#notes()]), { headers })
      : new Response(linesOf([...lacking.map((need) => lacks[need]), ...this.#notes()]), { status: 503, headers });
  }

  async #look(): Promise<readonly Need[]> {
    const { store, blobs, dispatch } = this.#ports;
    const obstacle = dispatch.obstacle();
    const checks: Record<Need, () => Promise<boolean>> = {
      store: async () => {
        await store.demandWritable();
        return true;
      },
      evidence: async () => {
        await blobs?.demandWritable();
        return true;
      },
      signer: async () => (await obstacle) !== 'signer_away',
      signerKey: async () => (await obstacle) !== 'signer_other_key',
    };
    const needs = Object.keys(lacks) as Need[];
    const there = await Promise.all(needs.map((need) => this.#isThere(need, checks[need])));
    return needs.filter((_, index) => there[index] === false);
  }

  async #isThere(need: Need, check: () => Promise<boolean>): Promise<boolean> {
    try {
      return await check();
    } catch (thrown) {
      this.#ports.log.warn('The server is not ready.', { lacks: lacks[need], cause: asFault(thrown) });
      return false;
    }
  }
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
