import { Fault } from '#core/fault.ts';
import { type KeyPair, parseIdentity } from './keys.ts';

/** The key that new objects are locked to, and those that older ones may still be locked to. */
export interface KeyRing {
  readonly current: KeyPair;
  readonly retiring: readonly KeyPair[];
}

/**
 * A file of age identities, as `age-keygen` writes it and `age --identity` reads it: one a line, comments with `#`. The first is
 * the current one.
 * @throws Fault `invalid_request` when there is none, or a line that is none.
 */
export function parseKeyRing(text: string): KeyRing {
  const lines = text.split('\n').map((line) => line.trim());
  const [current, ...retiring] = lines.filter((line) => line !== '' && !line.startsWith('#')).map(parseIdentity);
  if (current === undefined) {
    throw new Fault('invalid_request', 'The file holds no age identity.');
  }
  return { current, retiring };
}
