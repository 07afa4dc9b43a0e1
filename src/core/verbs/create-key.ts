import type { ApiKey, KeyLevel } from '../access/credential.ts';
import type { Principal } from '../access/principal.ts';
import { covers, type Role } from '../access/role.ts';
import { demandNoWiderScope, type Scope, tagsOf, wholeFleet } from '../access/scope.ts';
import { Fault } from '../fault.ts';
import type { Ports } from '../ports/ports.ts';
import type { Milliseconds } from '../time.ts';
import { personBehind } from './person-behind.ts';

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  readonly level: KeyLevel;
  /** Default: all endpoints. */
  readonly scope?: Scope;
  /** Null for a key that does not expire. */
  readonly expiresAt: Milliseconds | null;
  readonly comment?: string;
}

export interface CreatedKey {
  readonly key: ApiKey;
  /** 128 characters, shown this once (Cortex XDR keys have this length, and clients check it). */
  readonly secret: string;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const secretLength = 128;

/**
 * @throws Fault `permission_denied` for a role that may do what its maker may not, or a scope beyond theirs, `invalid_request` for one that would have
 * expired already.
 */
export async function createKey(
  ports: Pick<Ports, 'store' | 'clock' | 'random' | 'secrets'>,
  by: Principal,
  request: NewKey,
): Promise<CreatedKey> {
  demandNoMorePower(by, request.role);
  const { scope = wholeFleet } = request;
  demandNoWiderScope(by.scope, scope);
  const secret = newSecret(ports.random);
  const createdAt = ports.clock.now();
  if (request.expiresAt !== null && request.expiresAt <= createdAt) {
    throw new Fault('invalid_request', 'expiresAt: a new key cannot have expired already.', {
      details: { in: 'body', field: 'expiresAt' },
    });
  }
  const key = await ports.store.transact(async ({ credentials, events }) => {
    const owner = await personBehind({ credentials }, by);
    const created = await credentials.insertKey({
      comment: '',
      ...request,
      scope,
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
    };
    const actor = { kind: by.kind, id: by.id, name: by.name };
    await events.append([{ type: 'key_created', at: createdAt, actor, facts }]);
    return created;
  });
  return { key, secret };
}

function demandNoMorePower(by: Principal, role: Role): void {
  if (!covers(by.role, role)) {
    throw new Fault(
      'permission_denied',
      `The role ${by.role} cannot make a key of the role ${role}, which may do more.`,
      {
        details: { role },
      },
    );
  }
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
