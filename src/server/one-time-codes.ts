import { Secret, TOTP } from 'otpauth';
import type { OneTimeCodes } from '#core/ports/one-time-codes.ts';
import type { Random } from '#core/ports/random.ts';
import { second } from '#core/time.ts';

const period = 30;
const secretBytes = 20;

/** RFC 6238 by the library `otpauth`. */
export function createOneTimeCodes(random: Pick<Random, 'bytes'>): OneTimeCodes {
  const totp = (secret: Uint8Array, label = 'Custody') =>
    new TOTP({ issuer: 'Custody', label, algorithm: 'SHA1', digits: 6, period, secret: secretOf(secret) });
  return {
    newSecret: () => random.bytes(secretBytes),
    spell: (secret) => secretOf(secret).base32,
    address: (secret, account) => totp(secret, account).toString(),
    stepOf(secret, code, now) {
      const delta = /^\d{6}$/.test(code) ? totp(secret).validate({ token: code, timestamp: now, window: 1 }) : null;
      return delta === null ? undefined : Math.floor(now / second / period) + delta;
    },
  };
}

function secretOf(bytes: Uint8Array): Secret {
  return new Secret({ buffer: new Uint8Array(bytes).buffer });
}
