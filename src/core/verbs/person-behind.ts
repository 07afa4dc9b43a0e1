import type { Principal } from '../access/principal.ts';
import type { Reader } from '../ports/store/store.ts';

const keyNumber = /^[1-9]\d{0,8}$/;

/**
 * The user who stands behind a principal: of a key, whoever had it made. Null where that is nobody by name: the operating system's
 * administrator, a key that they made, and one that is deleted.
 */
export async function personBehind(
  { credentials }: Pick<Reader, 'credentials'>,
  { kind, id }: Pick<Principal, 'kind' | 'id'>,
): Promise<string | null> {
  switch (kind) {
    case 'user':
      return id;
    case 'key':
      return keyNumber.test(id) ? ((await credentials.keyById(Number(id)))?.owner ?? null) : null;
    case 'local':
      return null;
  }
}
