import type { z } from 'zod';
import type { ApiKey, EnrolmentToken, User } from '#core/access/credential.ts';
import type { CustomRole, Role } from '#core/access/role.ts';
import { type Scope, tagsOf } from '#core/access/scope.ts';
import type { ShownSession } from '#core/verbs/end-sessions.ts';
import { instantOf, nullableInstantOf } from './instant.ts';
import type { enrolmentToken } from './schemas/enrolment-token.ts';
import type { key } from './schemas/key.ts';
import type { openSession } from './schemas/open-session.ts';
import type { role } from './schemas/role.ts';
import type { user } from './schemas/user.ts';

/** Without what proves them: hashes and sealed secrets never leave the server. */
export function showUser(shown: User): z.input<typeof user> {
  const { id, email, role, createdAt, disabledAt, mustChangePassword, secondFactor, identity } = shown;
  const hasSecondFactor = secondFactor?.active === true;
  const recoveryCodesLeft = secondFactor?.recoveryCodes.length ?? 0;
  const disabled = disabledAt !== null;
  const tags = shownTags(shown.scope);
  return {
    ...{ id, email, role, tags, createdAt: instantOf(createdAt), disabled },
    ...{ mustChangePassword, hasSecondFactor, recoveryCodesLeft, identity },
  };
}

export function showKey(shown: ApiKey): z.input<typeof key> {
  const { id, name, comment, role, level, createdAt, createdBy, expiresAt, addresses, lastUsedAt } = shown;
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
    addresses: [...addresses],
    lastUsedAt: nullableInstantOf(lastUsedAt),
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

export function showRole({ name, permissions }: Role, made: CustomRole | undefined): z.input<typeof role> {
  return {
    name,
    permissions: [...permissions],
    builtIn: made === undefined,
    createdAt: nullableInstantOf(made?.createdAt ?? null),
    createdBy: made?.createdBy ?? null,
    changedAt: nullableInstantOf(made?.changedAt ?? null),
  };
}

/** @param own hash of the token that the request carries; undefined for none. */
export function showSession({ id, session }: ShownSession, own?: string | undefined): z.input<typeof openSession> {
  return {
    id,
    api: session.dialect,
    remoteAddress: session.remoteAddress,
    createdAt: instantOf(session.createdAt),
    lastUsedAt: instantOf(session.lastUsedAt),
    expiresAt: instantOf(session.expiresAt),
    current: session.tokenHash === own,
  };
}
