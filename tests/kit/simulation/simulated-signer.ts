import type { KeyObject } from 'node:crypto';
import { Fault } from '#core/fault.ts';
import type { OrderSigner, SignedKeyChange, SignedOrders, StatementKind } from '#core/ports/order-signer.ts';
import type { Milliseconds } from '#core/time.ts';
import { readPrivateKey, signBytes } from '#wire/signature.ts';
import type { Life } from './life.ts';
import type { Timeline } from './timeline.ts';
import type { Weather } from './weather.ts';

const longestStep: Milliseconds = 10;

export interface SignerSurroundings {
  readonly life: Life;
  readonly timeline: Timeline;
  readonly weather: Weather;
  /** These orders are about to be signed. */
  signing(orders: readonly Uint8Array[]): void;
}

/** A signer over a real key, on another machine: it takes its time, and is sometimes away. */
export class SimulatedSigner implements OrderSigner {
  readonly publicKey: Uint8Array;
  readonly changedAt = undefined;
  readonly #key: KeyObject;
  readonly #around: SignerSurroundings;

  constructor(privatePem: string, around: SignerSurroundings) {
    const { key, publicKey } = readPrivateKey(privatePem);
    this.#key = key;
    this.publicKey = publicKey;
    this.#around = around;
  }

  async sign(orders: readonly Uint8Array[]): Promise<SignedOrders> {
    await this.#reach();
    this.#around.signing(orders);
    const results = orders.map((order) => signBytes('custody-order-v1', order, this.#key));
    await this.#step();
    return { key: this.publicKey, results };
  }

  async judge(orders: readonly Uint8Array[]): Promise<readonly undefined[]> {
    await this.#reach();
    return orders.map(() => undefined);
  }

  async signStatement(kind: StatementKind, bytes: Uint8Array): Promise<Uint8Array> {
    await this.#step();
    return signBytes(`custody-${kind}-v1`, bytes, this.#key);
  }

  changesFrom(key: string): readonly SignedKeyChange[] | undefined {
    return key === Buffer.from(this.publicKey).toString('base64') ? [] : undefined;
  }

  /** The key of a simulation is never changed. */
  onChange(): void {
    return undefined;
  }

  async #reach(): Promise<void> {
    await this.#step();
    if (this.#around.weather.strikes('signer_away')) {
      throw new Fault('unavailable', 'The signer is away.');
    }
  }

  #step(): Promise<void> {
    const { life, timeline, weather } = this.#around;
    return new Promise((resolve) => {
      timeline.at(weather.delay(longestStep), () => life.isOver || resolve());
    });
  }
}
