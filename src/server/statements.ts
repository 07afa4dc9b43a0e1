import type { SignedBytes } from '#core/action/action.ts';
import { asFault } from '#core/fault.ts';
import type { Log } from '#core/ports/log.ts';
import { type OrderSigner, SignerRefusal, type StatementKind } from '#core/ports/order-signer.ts';

/** What there is to state, not signed yet; undefined: nothing. */
export type Unsigned = Readonly<Record<StatementKind, Uint8Array | undefined>>;

/** The same, signed; null: there is nothing, or nobody has signed it yet. */
export type Signed = Readonly<Record<StatementKind, SignedBytes | null>>;

interface StatementTools {
  readonly signer: OrderSigner;
  readonly log: Log;
  readonly unsigned: Unsigned;
  tell(signed: Signed): void;
}

/**
 * What a server states in the name of its order key beside orders. It is signed once, and anew after each change of the key. A server
 * starts without it while its signer is away, and tells agents later.
 */
export class Statements {
  readonly #tools: StatementTools;
  /** Counts the changes of the key. */
  #generation = 0;
  #signedFor: number | undefined;
  #signing: Promise<void> = Promise.resolve();

  constructor(tools: StatementTools) {
    this.#tools = tools;
    tools.signer.onChange(() => {
      this.#generation += 1;
      void this.renew().catch((thrown: unknown) => this.#later(thrown));
    });
  }

  /** Signs what is not signed. Rejects where it cannot be: with a SignerRefusal, or a Fault `unavailable`. */
  renew(): Promise<void> {
    const signing = this.#signing.then(() => this.#sign());
    this.#signing = signing.catch(() => undefined);
    return signing;
  }

  /** As `renew`, for when a signer may be away. @throws SignerRefusal, which only its owner can change. */
  async start(): Promise<void> {
    try {
      await this.renew();
    } catch (thrown) {
      if (thrown instanceof SignerRefusal) {
        throw thrown;
      }
      this.#later(thrown);
    }
  }

  async #sign(): Promise<void> {
    // Asked every time, so that a change of the key is found out soon, orders or none.
    await this.#tools.signer.judge([]);
    const generation = this.#generation;
    if (this.#signedFor === generation) {
      return;
    }
    const signed = { trust: await this.#signOne('trust'), ledger: await this.#signOne('ledger') };
    if (generation !== this.#generation) {
      // Of two keys: the change has asked for another round.
      return;
    }
    this.#signedFor = generation;
    this.#tools.tell(signed);
  }

  async #signOne(kind: StatementKind): Promise<SignedBytes | null> {
    const bytes = this.#tools.unsigned[kind];
    return bytes === undefined ? null : { bytes, signature: await this.#tools.signer.signStatement(kind, bytes) };
  }

  #later(thrown: unknown): void {
    this.#tools.log.warn('What agents are told in the name of the order key is not signed yet.', {
      cause: asFault(thrown),
    });
  }
}
