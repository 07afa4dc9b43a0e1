import { Fault } from '../fault.ts';
import type { Milliseconds } from '../time.ts';

/**
 * What a signer may object to: bytes that are no order, a verb that its owner does not let it sign, a lifetime beyond what its owner
 * allows, a deadline that has passed, a beginning far from now by its own clock, more orders in a minute than its owner lets out, and
 * a statement of another kind than its owner lets it sign.
 */
export const signerRules = [
  'form',
  'verb',
  'lifetime',
  'expired',
  'start',
  'rate',
  'destructive_rate',
  'statement',
] as const;

export type SignerRule = (typeof signerRules)[number];

/** The signer is there and does not sign this, by a rule of its owner. */
export class SignerRefusal extends Fault {
  readonly rule: SignerRule;
  /** When asking again may help; milliseconds. */
  readonly retryAfter: Milliseconds;

  constructor(rule: SignerRule, message: string, retryAfter: Milliseconds) {
    const code = rule === 'rate' || rule === 'destructive_rate' ? 'rate_limited' : 'permission_denied';
    super(code, message, { details: { rule, retryAfter } });
    this.rule = rule;
    this.retryAfter = retryAfter;
  }
}

/** One order key takes the place of another. */
export interface OrderKeyChange {
  readonly v: 1;
  readonly sequence: number;
  /** Ed25519, 32 bytes each. */
  readonly former: Uint8Array;
  readonly next: Uint8Array;
  readonly issuedAt: Milliseconds;
}

/** A change with the signatures of the former key and of the next. */
export interface SignedKeyChange {
  readonly change: Uint8Array;
  readonly signature: Uint8Array;
  readonly proof: Uint8Array;
}

/** What came of orders that were given to be signed, in the order given. */
export interface SignedOrders {
  /** The public half of the key that signed them. */
  readonly key: Uint8Array;
  /** 64 bytes, or why there is no signature. */
  readonly results: readonly (Uint8Array | SignerRefusal)[];
}

/** What a server signs beside orders, all with the order key: whom agents trust, and which ledger is theirs. */
export type StatementKind = 'trust' | 'ledger';

/** Holds the order key: in this process, under another user, or on another host. */
export interface OrderSigner {
  /** Ed25519, 32 bytes; pinned by every agent at enrolment. It changes only by changes that the one before has signed. */
  readonly publicKey: Uint8Array;
  /** Signs whole orders. @throws Fault `unavailable` while the signer is away, or holds a key that agents do not know. */
  sign(orders: readonly Uint8Array[]): Promise<SignedOrders>;
  /** What the signer would object to in each now; nothing is signed and nothing counted. @throws Fault as `sign` */
  judge(orders: readonly Uint8Array[]): Promise<readonly (SignerRefusal | undefined)[]>;
  /** @throws Fault as `sign`, and a SignerRefusal */
  signStatement(kind: StatementKind, bytes: Uint8Array): Promise<Uint8Array>;
  /**
   * The changes that lead an agent from the key that it trusts, base64, to the present one; none where it is that one.
   * @returns undefined where none do: the agent follows another server.
   */
  changesFrom(key: string): readonly SignedKeyChange[] | undefined;
  /** When the key was changed last, as this server learnt of it; undefined where it never was. */
  readonly changedAt: Milliseconds | undefined;
  /** Called after each change that this server has learnt of, before anything that is signed with the next key leaves. */
  onChange(call: () => void): void;
}
