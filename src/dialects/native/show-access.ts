import type { z } from 'zod';
import type { ApiKey, EnrolmentToken, User } from '#core/access/credential.ts';
import { type Scope, tagsOf } from '#core/access/scope.ts';
import { instantOf, nullableInstantOf } from './instant.ts';
import type { enrolmentToken } from './schemas/enrolment-token.ts';
import type { key } from './schemas/key.ts';
import type { user } from './schemas/user.ts';

/** Without what proves them: hashes and sealed secrets never leave the server. */
export function showUser(shown: User): z.input<typeof user> {
  const { id, email, role, createdAt, mustChangePassword, secondFactor } = shown;
  const hasSecondFactor = secondFactor?.active === true;
  const tags = shownTags(shown.scope);
  return { id, email, role, tags, createdAt: instantOf(createdAt), mustChangePassword, hasSecondFactor };
}

export function showKey(shown: ApiKey): z.input<typeof key> {
  const { id, name, comment, role, level, createdAt, createdBy, expiresAt } = shown;
  return {
    id,
    name,
    comment,
    role,
    tags: shownTags(shown.scope),
    level,
    createdAt: instantOf(createdAt),
    createdBy,
    expiresAt: nullableInstantOf(expiresAt),
  };
}

export function shownTags(scope: Scope): string[] | null {
  const tags = tagsOf(scope);
  return tags === null ? null : [...tags];
}

export function showToken(token: EnrolmentToken): z.input<typeof enrolmentToken> {
  return {
    id: token.id,
    usesLeft: token.usesLeft,
    tags: [...token.tags],
    createdAt: instantOf(token.createdAt),
    createdBy: token.createdBy,
    expiresAt: instantOf(token.expiresAt),
    addresses: [...token.addresses],
    revokedAt: nullableInstantOf(token.revokedAt),
  };
}
