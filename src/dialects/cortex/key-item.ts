import type { ApiKey } from '#core/access/credential.ts';

/** A key as Get Existing API Keys lists it. A key has one role and no name here: what it was called stands as its comment. */
export function keyItem({ id, name, role, level, createdAt, createdBy, expiresAt, comment }: ApiKey) {
  return {
    id,
    creation_time: createdAt,
    created_by: createdBy,
    user_name: createdBy,
    roles: [role],
    security_level: level,
    comment: comment === '' ? name : comment,
    expiration: expiresAt,
  };
}
