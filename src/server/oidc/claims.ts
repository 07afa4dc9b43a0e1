import { z } from 'zod';
import { isSubject, type ProvenIdentity } from '#core/access/identity.ts';
import { checkShape } from '#core/check-shape.ts';

/** What a token, or the provider's page about its owner, says: OpenID Connect Core 1.0, 5.1. */
export type Claims = Readonly<Record<string, unknown>>;

export interface ClaimNames {
  readonly email: string;
  readonly groups: string;
}

const emailSchema = z.email().max(254).toLowerCase();

/**
 * A claim of this name; where there is none, the name is a way through objects, as in `realm_access.roles`.
 * @returns undefined for none.
 */
export function readClaim(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) {
    return claims[name];
  }
  let value: unknown = claims;
  for (const step of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) {
      return undefined;
    }
    value = Reflect.get(value, step);
  }
  return value;
}

/** Undefined for a subject that can be none. */
export function identityOf(claims: Claims, issuer: string, names: ClaimNames): ProvenIdentity | undefined {
  const subject = claims['sub'];
  if (typeof subject !== 'string' || !isSubject(subject)) {
    return undefined;
  }
  const address = checkShape(emailSchema, readClaim(claims, names.email));
  const email = address.success ? address.data : undefined;
  // Some providers write it as a text.
  const isEmailVerified = names.email !== 'email' || ![false, 'false'].some((no) => claims['email_verified'] === no);
  return { issuer, subject, email, isEmailVerified, groups: groupsOf(readClaim(claims, names.groups)) };
}

/** A list of texts, or one text; whatever else is in the list is no group. */
function groupsOf(claim: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return list.filter((group) => typeof group === 'string');
}
