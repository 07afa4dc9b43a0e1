import type { Principal } from '../access/principal.ts';
import type { Reader } from '../ports/store/store.ts';

type Named = Pick<Principal, 'kind' | 'id'>;

const keyNumber = /^[1-9]\d{0,8}$/;

/**
 * The user who stands behind a principal: of a key, whoever had it made, when it is deleted too: that makes them nobody else.
 * Null where that is nobody by name: the operating system's administrator, and a key that they made.
 */
export async function personBehind(
  { credentials }: Pick<Reader, 'credentials'>,
  { kind, id }: Named,
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

/**
 * Everything as which the person behind a principal asks: themselves, and each key that was made at their word. The principal alone where
 * that is nobody by name.
 */
export async function principalsOf(reader: Pick<Reader, 'credentials'>, principal: Named): Promise<readonly Named[]> {
  const person = await personBehind(reader, principal);
  if (person === null) {
    return [principal];
  }
  const keys = await reader.credentials.keysOwnedBy(person);
  return [{ kind: 'user', id: person }, ...keys.map((id) => ({ kind: 'key', id: String(id) }) as const)];
}
