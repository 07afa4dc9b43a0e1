import { createCipheriv, createDecipheriv } from 'node:crypto';
import { Fault } from '#core/fault.ts';
import type { Random } from '#core/ports/random.ts';
import type { Secrets } from '#core/ports/secrets.ts';

const nonceLength = 12;
const tagLength = 16;

/** AES-256-GCM; a sealed secret is nonce, tag and ciphertext. */
export function createSecrets(key: Uint8Array, random: Random): Secrets {
  return {
    seal(plain) {
      const nonce = random.bytes(nonceLength);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const text = Buffer.concat([cipher.update(plain), cipher.final()]);
      return new Uint8Array(Buffer.concat([nonce, cipher.getAuthTag(), text]));
    },
    open(sealed) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceLength));
        decipher.setAuthTag(sealed.subarray(nonceLength, nonceLength + tagLength));
        const text = sealed.subarray(nonceLength + tagLength);
        return new Uint8Array(Buffer.concat([decipher.update(text), decipher.final()]));
      } catch (cause) {
        throw new Fault('internal', 'A stored secret was sealed under another key, or was altered.', { cause });
      }
    },
  };
}
