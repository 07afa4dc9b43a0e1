import type { Principal } from '../access/principal.ts';
import type { Reader } from '../ports/store/store.ts';

const keyNumber = /^[1-9]\d{0,8}$/;

/**
 * The user who stands behind a principal: of a key, whoever had it made, when it is deleted too: that makes them nobody else.
 * Null where that is nobody by name: the operating system's administrator, and a key that they made.
 */
export async function personBehind(
  { credentials }: Pick<Reader, 'credentials'>,
  { kind, id }: Pick<Principal, 'kind' | 'id'>,
): Promise<string | null> {
  switch (kind) {
    case 'user':
      return id;
    case 'key':
      return keyNumber.test(id) ? ((await credentials.ownerOfKey(Number(id))) ?? null) : null;
    case 'local':
      return null;
  }
}
