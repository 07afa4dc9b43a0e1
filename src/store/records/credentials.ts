import { roleKey } from '#core/access/role.ts';
import type { CredentialReader, CredentialWriter } from '#core/ports/store/credentials.ts';
import type { Session } from '../session.ts';
import {
  toKey,
  toKeyRow,
  toLogIn,
  toLogInRow,
  toRole,
  toRoleRow,
  toToken,
  toTokenRow,
  toUser,
  toUserRow,
} from './credential-row.ts';

export function credentialReader({ db }: Session): CredentialReader {
  return {
    async userById(id) {
      const row = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toUser(row);
    },
    async userByEmail(email) {
      const row = await db.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst();
      return row && toUser(row);
    },
    async userByIdentity({ issuer, subject }) {
      const query = db.selectFrom('users').selectAll().where('identity_issuer', '=', issuer);
      const row = await query.where('identity_subject', '=', subject).executeTakeFirst();
      return row && toUser(row);
    },
    async users() {
      const rows = await db.selectFrom('users').selectAll().orderBy('created_at').orderBy('id').execute();
      return rows.map(toUser);
    },
    async sessionByTokenHash(tokenHash) {
      const query = db.selectFrom('sessions').selectAll().where('token_hash', '=', tokenHash);
      const row = await query.executeTakeFirst();
      return row && toLogIn(row);
    },
    async sessionsOf(userId) {
      const query = db.selectFrom('sessions').selectAll().where('user_id', '=', userId);
      const rows = await query.orderBy('last_used_at', 'desc').orderBy('token_hash').execute();
      return rows.map(toLogIn);
    },
    async keyById(id) {
      const query = db.selectFrom('api_keys').selectAll().where('id', '=', id).where('deleted_at', 'is', null);
      const row = await query.executeTakeFirst();
      return row && toKey(row);
    },
    async ownerOfKey(id) {
      const row = await db.selectFrom('api_keys').select('owner').where('id', '=', id).executeTakeFirst();
      return row?.owner;
    },
    async keysOwnedBy(userId) {
      const rows = await db.selectFrom('api_keys').select('id').where('owner', '=', userId).orderBy('id').execute();
      return rows.map(({ id }) => id);
    },
    async keys() {
      const query = db.selectFrom('api_keys').selectAll().where('deleted_at', 'is', null).orderBy('id');
      return (await query.execute()).map(toKey);
    },
    async tokens() {
      const rows = await db.selectFrom('enrolment_tokens').selectAll().orderBy('created_at').orderBy('id').execute();
      return rows.map(toToken);
    },
    async roleByName(name) {
      const query = db.selectFrom('custom_roles').selectAll().where('name_key', '=', roleKey(name));
      const row = await query.executeTakeFirst();
      return row && toRole(row);
    },
    async tokenByHash(tokenHash) {
      const query = db.selectFrom('enrolment_tokens').selectAll().where('token_hash', '=', tokenHash);
      const row = await query.executeTakeFirst();
      return row && toToken(row);
    },
    async customRoles() {
      const rows = await db.selectFrom('custom_roles').selectAll().orderBy('name_key').execute();
      return rows.map(toRole);
    },
  };
}

function roleWriter({ db }: Session): Pick<CredentialWriter, 'insertRole' | 'updateRole' | 'deleteRole'> {
  return {
    async insertRole(role) {
      await db.insertInto('custom_roles').values(toRoleRow(role)).execute();
    },
    async updateRole(name, role) {
      const query = db.updateTable('custom_roles').set(toRoleRow(role)).where('name_key', '=', roleKey(name));
      const before = await db.selectFrom('custom_roles').select('name').where('name_key', '=', roleKey(name)).execute();
      await query.execute();
      const names = before.map((row) => row.name).filter((former) => former !== role.name);
      for (const former of names) {
        await db.updateTable('users').set({ role: role.name }).where('role', '=', former).execute();
        await db.updateTable('api_keys').set({ role: role.name }).where('role', '=', former).execute();
      }
    },
    async deleteRole(name) {
      await db.deleteFrom('custom_roles').where('name_key', '=', roleKey(name)).execute();
    },
  };
}

function tokenWriter({
  db,
}: Session): Pick<CredentialWriter, 'insertToken' | 'spendToken' | 'revokeToken' | 'expireTokens'> {
  return {
    async insertToken(token) {
      await db.insertInto('enrolment_tokens').values(toTokenRow(token)).execute();
    },
    async expireTokens(now) {
      const expired = await db
        .updateTable('enrolment_tokens')
        .set({ expires_at: now })
        .where('expires_at', '>', now)
        .where('uses_left', '>', 0)
        .returning('id')
        .execute();
      return expired.length;
    },
    async revokeToken(id, now) {
      const row = await db
        .updateTable('enrolment_tokens')
        .set({ revoked_at: now })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .returningAll()
        .executeTakeFirst();
      return row && toToken(row);
    },
    async spendToken(tokenHash, now) {
      const row = await db
        .updateTable('enrolment_tokens')
        .set(({ eb }) => ({ uses_left: eb('uses_left', '-', 1) }))
        .where('token_hash', '=', tokenHash)
        .where('uses_left', '>', 0)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now)
        .returningAll()
        .executeTakeFirst();
      return row && toToken(row);
    },
  };
}

export function credentialWriter(session: Session): CredentialWriter {
  const { db } = session;
  return {
    ...credentialReader(session),
    async insertUser(user) {
      await db.insertInto('users').values(toUserRow(user)).execute();
    },
    async updateUser(user) {
      const { id, email: _email, ...changed } = toUserRow(user);
      await db.updateTable('users').set(changed).where('id', '=', id).execute();
    },
    async deleteUser(id) {
      await db.deleteFrom('sessions').where('user_id', '=', id).execute();
      await db.deleteFrom('users').where('id', '=', id).execute();
    },
    async updateSession({ tokenHash, stage, failures, newPasswordHash }) {
      const changed = { stage, failures, new_password_hash: newPasswordHash };
      await db.updateTable('sessions').set(changed).where('token_hash', '=', tokenHash).execute();
    },
    async deleteSessionsOf(userId, but) {
      const own = db.deleteFrom('sessions').where('user_id', '=', userId);
      await (but === undefined ? own : own.where('token_hash', '!=', but)).execute();
    },
    async insertSession(logIn) {
      await db.insertInto('sessions').values(toLogInRow(logIn)).execute();
    },
    async deleteSession(tokenHash) {
      await db.deleteFrom('sessions').where('token_hash', '=', tokenHash).execute();
    },
    async touchSession(tokenHash, lastUsedAt) {
      await db.updateTable('sessions').set({ last_used_at: lastUsedAt }).where('token_hash', '=', tokenHash).execute();
    },
    async deleteSessionsExpiredBefore(time) {
      await db.deleteFrom('sessions').where('expires_at', '<', time).execute();
    },
    async touchKey(id, lastUsedAt) {
      await db.updateTable('api_keys').set({ last_used_at: lastUsedAt }).where('id', '=', id).execute();
    },
    async insertKey(key) {
      const last = await db.selectFrom('api_keys').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
      const numbered = { ...key, id: (last?.id ?? 0) + 1 };
      await db.insertInto('api_keys').values(toKeyRow(numbered)).execute();
      return numbered;
    },
    async deleteKey(id, now) {
      const gone = await db
        .updateTable('api_keys')
        .set({ deleted_at: now, sealed_secret: new Uint8Array() })
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .returning('id')
        .execute();
      return gone.length > 0;
    },
    ...roleWriter(session),
    async spendNonce({ keyId, nonceHash, expiresAt }, now) {
      await db.deleteFrom('key_nonces').where('expires_at', '<', now).execute();
      const spent = await db
        .insertInto('key_nonces')
        .values({ key_id: keyId, nonce_hash: nonceHash, expires_at: expiresAt })
        .onConflict((conflict) => conflict.columns(['key_id', 'nonce_hash']).doNothing())
        .returning('key_id')
        .execute();
      return spent.length > 0;
    },
    async spendLogIn({ hash, expiresAt }, now) {
      await db.deleteFrom('spent_log_ins').where('expires_at', '<', now).execute();
      const spent = await db
        .insertInto('spent_log_ins')
        .values({ hash, expires_at: expiresAt })
        .onConflict((conflict) => conflict.column('hash').doNothing())
        .returning('hash')
        .execute();
      return spent.length > 0;
    },
    ...tokenWriter(session),
  };
}
