import type { Passwords } from '#core/ports/passwords.ts';

/** OWASP's first recommendation for argon2id: 19 MiB, two passes. */
const cost = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const;

/** argon2id on the runtime's own threads. */
export async function createPasswords(): Promise<Passwords> {
  /** What an unknown user's password is compared with, so that the answer takes as long. */
  const nobody = await Bun.password.hash('the password of nobody', cost);
  return {
    hash: (password) => Bun.password.hash(password, cost),
    async verify(password, hash) {
      const right = await Bun.password.verify(password, hash ?? nobody);
      return hash !== undefined && right;
    },
  };
}
