import { Secret, TOTP } from 'otpauth';

/** What an authenticator application shows at a time for a secret in base32. */
export function codeAt(secret: string, now: number): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now });
}
