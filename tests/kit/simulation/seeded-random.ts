import { createPrivateKey } from 'node:crypto';
import type { Random } from '#core/ports/random.ts';
import { type Chance, seeded } from '../chance.ts';

/** The `Random` port with a seed. */
export class SeededRandom implements Random {
  readonly #chance: Chance;

  constructor(seed: number) {
    this.#chance = seeded(seed);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#chance.whole(255));
  }

  int32(): number {
    return this.#chance.whole(2 ** 32 - 1) - 2 ** 31;
  }

  uuid(): string {
    const bytes = this.bytes(16);
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = Buffer.from(bytes).toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  fraction(): number {
    return this.#chance.fraction();
  }
}

/** RFC 8410: the DER head of an Ed25519 private key in PKCS #8, before its 32 bytes. */
const privateKeyHead = Buffer.from('302e020100300506032b657004220420', 'hex');

/** An Ed25519 key that follows from chance; PKCS #8 PEM. */
export function seededKey(random: Random): string {
  const key = Buffer.concat([privateKeyHead, random.bytes(32)]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }).toString();
}
