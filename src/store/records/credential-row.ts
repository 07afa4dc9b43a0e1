import type { ApiKey, EnrolmentToken, SecondFactor, Session, User } from '#core/access/credential.ts';
import { type Scope, tagsOf, wholeFleet } from '#core/access/scope.ts';
import { readTextList, writeTextList } from '../json/text-list.ts';
import type { ApiKeyRow, EnrolmentTokenRow, SessionRow, UserRow } from '../schema.ts';

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    passwordHash: row.password_hash,
    role: row.role,
    scope: toScope(row.scope_tags_json),
    createdAt: row.created_at,
    passwordChangedAt: row.password_changed_at,
    mustChangePassword: row.must_change_password === 1,
    secondFactor: toSecondFactor(row),
  };
}

/** Null: all endpoints. */
function toScope(json: string | null): Scope {
  return json === null ? wholeFleet : { kind: 'tags', tags: readTextList(json) };
}

function toTagsJson(scope: Scope): string | null {
  const tags = tagsOf(scope);
  return tags === null ? null : writeTextList(tags);
}

function toSecondFactor(row: UserRow): SecondFactor | null {
  if (row.totp_secret === null) {
    return null;
  }
  return {
    sealedSecret: row.totp_secret,
    active: row.totp_active === 1,
    lastStep: row.totp_step,
    failures: row.totp_failures,
    failedAt: row.totp_failed_at,
  };
}

export function toUserRow(user: User): UserRow {
  return {
    id: user.id,
    email: user.email,
    password_hash: user.passwordHash,
    role: user.role,
    scope_tags_json: toTagsJson(user.scope),
    created_at: user.createdAt,
    totp_secret: user.secondFactor?.sealedSecret ?? null,
    totp_active: user.secondFactor?.active === true ? 1 : 0,
    totp_step: user.secondFactor?.lastStep ?? 0,
    totp_failures: user.secondFactor?.failures ?? 0,
    totp_failed_at: user.secondFactor?.failedAt ?? null,
    password_changed_at: user.passwordChangedAt,
    must_change_password: user.mustChangePassword ? 1 : 0,
  };
}

export function toLogIn(row: SessionRow): Session {
  return {
    tokenHash: row.token_hash,
    userId: row.user_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    stage: row.stage,
    failures: row.failures,
    newPasswordHash: row.new_password_hash,
  };
}

export function toLogInRow(logIn: Session): SessionRow {
  return {
    token_hash: logIn.tokenHash,
    user_id: logIn.userId,
    created_at: logIn.createdAt,
    expires_at: logIn.expiresAt,
    stage: logIn.stage,
    failures: logIn.failures,
    new_password_hash: logIn.newPasswordHash,
  };
}

export function toKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    scope: toScope(row.scope_tags_json),
    level: row.level,
    sealedSecret: row.sealed_secret,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    comment: row.comment,
  };
}

export function toKeyRow(key: ApiKey): ApiKeyRow {
  return {
    id: key.id,
    name: key.name,
    role: key.role,
    scope_tags_json: toTagsJson(key.scope),
    level: key.level,
    sealed_secret: key.sealedSecret,
    created_at: key.createdAt,
    created_by: key.createdBy,
    expires_at: key.expiresAt,
    comment: key.comment,
    deleted_at: null,
  };
}

export function toToken(row: EnrolmentTokenRow): EnrolmentToken {
  return {
    id: row.id,
    tokenHash: row.token_hash,
    usesLeft: row.uses_left,
    tags: readTextList(row.tags_json),
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    addresses: readTextList(row.addresses_json),
    revokedAt: row.revoked_at,
  };
}

export function toTokenRow(token: EnrolmentToken): EnrolmentTokenRow {
  return {
    id: token.id,
    token_hash: token.tokenHash,
    uses_left: token.usesLeft,
    tags_json: writeTextList(token.tags),
    created_at: token.createdAt,
    created_by: token.createdBy,
    expires_at: token.expiresAt,
    addresses_json: writeTextList(token.addresses),
    revoked_at: token.revokedAt,
  };
}
