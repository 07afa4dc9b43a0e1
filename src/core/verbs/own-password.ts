import type { User } from '../access/credential.ts';
import { Fault } from '../fault.ts';

/**
 * What is about a password or a one-time code concerns those alone who have theirs here.
 * @throws Fault `conflict` for somebody who logs in through the identity provider
 */
export function demandOwnPassword({ email, identity }: Pick<User, 'email' | 'identity'>): void {
  if (identity !== null) {
    throw new Fault(
      'conflict',
      `${email} logs in through ${identity.issuer}: passwords and codes of that account are kept and changed there.`,
      { details: { what: 'user', issuer: identity.issuer } },
    );
  }
}
