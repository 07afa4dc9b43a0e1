import { describe, expect, test } from 'bun:test';
import { type Permission, permissions } from '#core/access/permission.ts';
import { allows as allowsRole, type BuiltInRole, builtInRole, roles } from '#core/access/role.ts';

const allows = (name: BuiltInRole, permission: Permission) => allowsRole(builtInRole(name), permission);

describe('a role', () => {
  test('of an instance administrator allows everything', () => {
    for (const permission of permissions) {
      expect(allows('Instance Administrator', permission)).toBe(true);
    }
  });

  test('allows no more than the one above it', () => {
    for (const permission of permissions) {
      expect(allows('Responder', permission) && !allows('Privileged Responder', permission)).toBe(false);
      expect(allows('Investigator', permission) && !allows('Responder', permission)).toBe(false);
      expect(allows('Viewer', permission) && !allows('Investigator', permission)).toBe(false);
    }
  });

  test('lets only responders and administrators move files', () => {
    for (const permission of ['files.quarantine', 'files.restore'] as const) {
      const able = roles.filter((role) => allows(role, permission));
      expect(able).toEqual(['Instance Administrator', 'Privileged Responder', 'Responder']);
    }
  });

  test('lets only the privileged delete from vaults', () => {
    expect(roles.filter((role) => allows(role, 'files.purge'))).toEqual([
      'Instance Administrator',
      'Privileged Responder',
    ]);
  });

  test('lets whoever may cancel stop all that takes and deletes, and nobody but an administrator let it go on', () => {
    const able = (permission: Permission) => roles.filter((role) => allows(role, permission));
    expect(able('emergency.stop')).toEqual(able('actions.cancel'));
    expect(able('emergency.release')).toEqual(['Instance Administrator']);
  });

  test('lets nobody but an administrator take protected files', () => {
    expect(roles.filter((role) => allows(role, 'files.override'))).toEqual(['Instance Administrator']);
  });

  test('lets nobody but an administrator manage access', () => {
    expect(roles.filter((role) => allows(role, 'access.manage'))).toEqual(['Instance Administrator']);
  });
});
