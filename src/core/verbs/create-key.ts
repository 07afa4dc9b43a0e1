import type { ApiKey, KeyLevel } from '../access/credential.ts';
import { demandRanges } from '../access/demand-ranges.ts';
import type { Principal } from '../access/principal.ts';
import { type Scope, tagsOf, wholeFleet } from '../access/scope.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Milliseconds } from '../time.ts';
import { demandRole } from './find-role.ts';
import { demandAccessManager, demandMayGive } from './manage-access.ts';
import { personBehind } from './person-behind.ts';

export interface NewKey {
  readonly name: string;
  /** The name of a role. */
  readonly role: string;
  readonly level: KeyLevel;
  /** Default: all endpoints. */
  readonly scope?: Scope;
  /** Null for a key that does not expire. */
  readonly expiresAt: Milliseconds | null;
  readonly comment?: string;
  /** Addresses or ranges that it counts from. Default: everywhere. */
  readonly addresses?: readonly string[];
}

export interface CreatedKey {
  readonly key: ApiKey;
  /** 128 characters, shown this once (Cortex XDR keys have this length, and clients check it). */
  readonly secret: string;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
export const secretLength = 128;

/**
 * @throws Fault `permission_denied` for a role that may do what its maker may not, or a scope beyond theirs, `invalid_request` for a role
 * that does not exist, for a key that would have expired already, and for what is no address.
 */
export async function createKey(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'secrets'>,
  by: Principal,
  request: NewKey,
): Promise<CreatedKey> {
  const { scope = wholeFleet, addresses = [] } = request;
  demandRanges(addresses);
  const secret = newSecret(ports.random);
  const createdAt = ports.clock.now();
  if (request.expiresAt !== null && request.expiresAt <= createdAt) {
    throw new Fault('invalid_request', 'expiresAt: a new key cannot have expired already.', {
      details: { in: 'body', field: 'expiresAt' },
    });
  }
  const key = await ports.store.transact(async ({ credentials, events }) => {
    const own = await demandAccessManager(credentials, by);
    const role = await demandRole(credentials, request.role);
    demandMayGive(own, { role, scope });
    const owner = await personBehind({ credentials }, by);
    const created = await credentials.insertKey({
      comment: '',
      ...request,
      role: role.name,
      scope,
      addresses,
      lastUsedAt: null,
      sealedSecret: ports.secrets.seal(new TextEncoder().encode(secret)),
      createdAt,
      // A key's label may be empty.
      owner,
      createdBy: by.name === '' ? `${by.kind} ${by.id}` : by.name,
    });
    const facts = {
      keyId: created.id,
      name: created.name,
      role: created.role,
      level: created.level,
      tags: tagsOf(scope),
      addresses,
    };
    const actor = { kind: by.kind, id: by.id, name: by.name };
    await events.append([{ type: 'key_created', at: createdAt, actor, facts }]);
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
