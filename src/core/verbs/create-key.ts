import type { ApiKey, KeyLevel } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import type { Role } from '../access/role.ts';
import type { Ports } from '../ports/ports.ts';
import type { Milliseconds } from '../time.ts';

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  readonly level: KeyLevel;
  /** Null for a key that does not expire. */
  readonly expiresAt: Milliseconds | null;
}

export interface CreatedKey {
  readonly key: ApiKey;
  /** 128 characters, shown this once (Cortex XDR keys have this length, and clients check it). */
  readonly secret: string;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const secretLength = 128;

export async function createKey(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'secrets'>,
  by: Pick<Principal, 'kind' | 'id' | 'name'>,
  request: NewKey,
): Promise<CreatedKey> {
  const secret = newSecret(ports.random);
  const createdAt = ports.clock.now();
  const key = await ports.store.transact(async ({ credentials, events }) => {
    const created = await credentials.insertKey({
      ...request,
      sealedSecret: ports.secrets.seal(new TextEncoder().encode(secret)),
      createdAt,
      createdBy: by.name,
    });
    const facts = { keyId: created.id, name: created.name, role: created.role, level: created.level };
    await events.append([{ type: 'key_created', at: createdAt, actor: by, facts }]);
    return created;
  });
  return { key, secret };
}

/** About 762 bits; bytes that would favour some characters are thrown away. */
function newSecret(random: Ports['random']): string {
  const fairBelow = 256 - (256 % alphabet.length);
  let secret = '';
  while (secret.length < secretLength) {
    for (const byte of random.bytes(secretLength)) {
      if (byte < fairBelow && secret.length < secretLength) {
        secret += alphabet.charAt(byte % alphabet.length);
      }
    }
  }
  return secret;
}
