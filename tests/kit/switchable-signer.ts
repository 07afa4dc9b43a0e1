import {
  type OrderKeyChange,
  type OrderSigner,
  type SignedKeyChange,
  type SignedOrders,
  SignerRefusal,
  type SignerRule,
  type StatementKind,
} from '#core/ports/order-signer.ts';
import { decode } from '#wire/codec.ts';
import { type Order, orderSchema } from '#wire/order.ts';
import { changesBetween, claimedKeyChange, signKeyChange } from '#wire/order-key.ts';
import { newKeyPair, readPrivateKey, signBytes } from '#wire/signature.ts';

/** A signer over a real key that can be sent away, called back, told to refuse, and given another key. */
export class SwitchableSigner implements OrderSigner {
  #pem = newKeyPair().privatePem;
  readonly #changes: SignedKeyChange[] = [];
  readonly #listeners: (() => void)[] = [];
  readonly calls: number[] = [];
  #silence: PromiseWithResolvers<void> | undefined;
  changedAt: number | undefined;
  isAway = false;
  /** How often orders were to be signed, whatever came of it. */
  asked = 0;
  /** Which orders are refused, and by which rule. */
  refuses: (order: Order) => SignerRule | undefined = () => undefined;
  retryAfter = 50;
  /** Called when orders are signed, before whoever asked has the signatures. */
  afterSigning: () => void = () => undefined;

  get publicKey(): Uint8Array {
    return readPrivateKey(this.#pem).publicKey;
  }

  /** What it was given other keys by. */
  get changes(): readonly OrderKeyChange[] {
    return this.#changes.map(claimedKeyChange);
  }

  get isSilent(): boolean {
    return this.#silence !== undefined;
  }

  /** Whoever asked while it was silent is answered once it speaks again. */
  set isSilent(isSilent: boolean) {
    this.#silence?.resolve();
    this.#silence = isSilent ? Promise.withResolvers<void>() : undefined;
  }

  async sign(orders: readonly Uint8Array[]): Promise<SignedOrders> {
    this.asked += 1;
    await this.#demand();
    this.calls.push(orders.length);
    const { key, publicKey } = readPrivateKey(this.#pem);
    const results = orders.map((order) => this.#refusal(order) ?? signBytes('custody-order-v1', order, key));
    this.afterSigning();
    return { key: publicKey, results };
  }

  async judge(orders: readonly Uint8Array[]): Promise<readonly (SignerRefusal | undefined)[]> {
    await this.#demand();
    return orders.map((order) => this.#refusal(order));
  }

  async signStatement(kind: StatementKind, bytes: Uint8Array): Promise<Uint8Array> {
    return signBytes(`custody-${kind}-v1`, bytes, readPrivateKey(this.#pem).key);
  }

  changesFrom(key: string): readonly SignedKeyChange[] | undefined {
    return changesBetween(this.#changes, new Uint8Array(Buffer.from(key, 'base64')), this.publicKey);
  }

  onChange(call: () => void): void {
    this.#listeners.push(call);
  }

  /** A new key, which the old one has signed. @param next PEM */
  rotate(at: number, next = newKeyPair().privatePem): SignedKeyChange {
    const change = signKeyChange({ former: this.#pem, next }, { sequence: this.#changes.length + 1, issuedAt: at });
    this.#pem = next;
    this.#changes.push(change);
    this.changedAt = at;
    for (const call of this.#listeners) {
      call();
    }
    return change;
  }

  #refusal(bytes: Uint8Array): SignerRefusal | undefined {
    const rule = this.refuses(decode(bytes, orderSchema));
    return rule && new SignerRefusal(rule, `refused by ${rule}`, this.retryAfter);
  }

  #demand(): Promise<void> {
    if (this.isAway) {
      throw new Error('the signer is away');
    }
    return this.#silence?.promise ?? Promise.resolve();
  }
}
