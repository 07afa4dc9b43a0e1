import type { KeyObject } from 'node:crypto';
import { asFault, Fault } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import type { OrderKeyChange, SignedKeyChange } from '#core/ports/order-signer.ts';
import type { AgentMessage } from '#wire/messages.ts';
import { readKeyChange } from '#wire/order-key.ts';
import { readPublicKey } from '#wire/signature.ts';
import type { Identity } from './identity.ts';
import { type IdentityPlace, updateIdentity } from './update-identity.ts';

export interface OrderKeyTools extends IdentityPlace {
  readonly identity: Pick<Identity, 'orderKey' | 'orderKeySequence'>;
  readonly log: Log;
  say(message: Exclude<AgentMessage, { type: 'hello' }>): boolean;
}

/**
 * The one order key that this agent trusts now. It is pinned at enrolment, and only a change that it has signed itself, newer than
 * the last one, puts another in its place (promise P30).
 */
export class OrderKeys {
  readonly #tools: OrderKeyTools;
  #raw: Uint8Array;
  #key: KeyObject;
  #sequence: number;
  /** The bytes of the change that was taken last in this life of the agent. */
  #last: Uint8Array | undefined;

  constructor(tools: OrderKeyTools) {
    this.#tools = tools;
    this.#raw = new Uint8Array(Buffer.from(tools.identity.orderKey, 'base64'));
    this.#key = readPublicKey(this.#raw);
    this.#sequence = tools.identity.orderKeySequence;
  }

  get current(): KeyObject {
    return this.#key;
  }

  /** Base64. */
  get name(): string {
    return Buffer.from(this.#raw).toString('base64');
  }

  /** Never rejects: what is not taken is told to the server, and all stays as it was. */
  async take(signed: SignedKeyChange): Promise<void> {
    try {
      if (this.#isLast(signed)) {
        return;
      }
      const change = this.#read(signed);
      this.#raw = change.next;
      this.#key = readPublicKey(change.next);
      this.#sequence = change.sequence;
      this.#last = signed.change;
      await this.#keep(change);
    } catch (thrown) {
      const why = asFault(thrown).message;
      this.#tools.log.error('A change of the order key was refused.', { why });
      this.#tools.say({ type: 'order_key_refused', why: why.slice(0, 500) });
    }
  }

  /** A server that was not heard to the end of a connection says the last change again. */
  #isLast(signed: SignedKeyChange): boolean {
    return this.#last !== undefined && Buffer.compare(signed.change, this.#last) === 0;
  }

  #read(signed: SignedKeyChange): OrderKeyChange {
    const change = readKeyChange(signed, this.#raw);
    if (change.sequence <= this.#sequence) {
      const words = `It is number ${change.sequence}; number ${this.#sequence} was taken before.`;
      throw new Fault('conflict', words);
    }
    return change;
  }

  /** What cannot be kept holds all the same: it was signed, and the server tells it again to an agent that has forgotten it. */
  async #keep({ former, next, sequence }: OrderKeyChange): Promise<void> {
    const [orderKey, before] = [next, former].map((key) => Buffer.from(key).toString('base64'));
    try {
      await updateIdentity(this.#tools, (known) =>
        known.orderKey === before && orderKey !== undefined
          ? { ...known, orderKey, orderKeySequence: sequence }
          : known,
      );
      this.#tools.log.info('The server signs orders with another key from now on.', { sequence, orderKey });
    } catch (cause) {
      this.#tools.log.error('A change of the order key could not be kept.', { sequence, cause });
    }
  }
}
