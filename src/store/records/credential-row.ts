import type { ApiKey, EnrolmentToken, SecondFactor, Session, User } from '#core/access/credential.ts';
import type { Identity } from '#core/access/identity.ts';
import { permissions } from '#core/access/permission.ts';
import { type CustomRole, roleKey } from '#core/access/role.ts';
import { type Scope, tagsOf, wholeFleet } from '#core/access/scope.ts';
import { readTextList, writeTextList } from '../json/text-list.ts';
import type { ApiKeyRow, CustomRoleRow, EnrolmentTokenRow, SessionRow, UserRow } from '../schema.ts';

/** No hash is empty; SQLite cannot take a column's `not null` back. */
const noPassword = '';

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    passwordHash: row.password_hash === noPassword ? null : row.password_hash,
    role: row.role,
    scope: toScope(row.scope_tags_json),
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
    passwordChangedAt: row.password_changed_at,
    mustChangePassword: row.must_change_password === 1,
    secondFactor: toSecondFactor(row),
    identity: toIdentity(row),
  };
}

function toIdentity({ identity_issuer: issuer, identity_subject: subject }: UserRow): Identity | null {
  return issuer === null || subject === null ? null : { issuer, subject };
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
    recoveryCodes: readTextList(row.recovery_codes_json),
  };
}

export function toUserRow(user: User): UserRow {
  return {
    id: user.id,
    email: user.email,
    password_hash: user.passwordHash ?? noPassword,
    role: user.role,
    scope_tags_json: toTagsJson(user.scope),
    created_at: user.createdAt,
    totp_secret: user.secondFactor?.sealedSecret ?? null,
    totp_active: user.secondFactor?.active === true ? 1 : 0,
    totp_step: user.secondFactor?.lastStep ?? 0,
    totp_failures: user.secondFactor?.failures ?? 0,
    totp_failed_at: user.secondFactor?.failedAt ?? null,
    recovery_codes_json: writeTextList(user.secondFactor?.recoveryCodes ?? []),
    disabled_at: user.disabledAt,
    password_changed_at: user.passwordChangedAt,
    must_change_password: user.mustChangePassword ? 1 : 0,
    identity_issuer: user.identity?.issuer ?? null,
    identity_subject: user.identity?.subject ?? null,
  };
}

export function toLogIn(row: SessionRow): Session {
  return {
    tokenHash: row.token_hash,
    userId: row.user_id,
    dialect: row.dialect,
    remoteAddress: row.remote_address,
    lastUsedAt: row.last_used_at,
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
    dialect: logIn.dialect,
    remote_address: logIn.remoteAddress,
    last_used_at: logIn.lastUsedAt,
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
    owner: row.owner,
    expiresAt: row.expires_at,
    comment: row.comment,
    addresses: readTextList(row.addresses_json),
    lastUsedAt: row.last_used_at,
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
    owner: key.owner,
    expires_at: key.expiresAt,
    comment: key.comment,
    addresses_json: writeTextList(key.addresses),
    last_used_at: key.lastUsedAt,
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

/** A permission that this program does not know allows nothing. */
export function toRole(row: CustomRoleRow): CustomRole {
  const held = readTextList(row.permissions_json);
  return {
    name: row.name,
    permissions: permissions.filter((permission) => held.includes(permission)),
    createdAt: row.created_at,
    createdBy: row.created_by,
    changedAt: row.changed_at,
  };
}

export function toRoleRow(role: CustomRole): CustomRoleRow {
  return {
    name_key: roleKey(role.name),
    name: role.name,
    permissions_json: writeTextList(role.permissions),
    created_at: role.createdAt,
    created_by: role.createdBy,
    changed_at: role.changedAt,
  };
}
