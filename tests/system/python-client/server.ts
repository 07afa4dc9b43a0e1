import { expect, test } from 'bun:test';
import { z } from 'zod';
import { admin, type PythonWorld } from './python-world.ts';

const auditSchema = z.array(z.looseObject({ Name: z.string(), username: z.string(), details: z.string() }));

export function serverCases(world: () => PythonWorld): void {
  test('reads what server it talks to', async () => {
    const steps = await world().steps(
      { name: 'version' },
      { name: 'server_id' },
      { name: 'get_detection_servers' },
      { name: 'get_registration_servers' },
      { name: 'get_settings' },
      { name: 'features_map' },
    );
    const id = expect.stringMatching(/^[0-9a-f]{24}$/);
    expect(steps).toMatchObject([
      { result: [expect.any(Number), expect.any(Number), expect.any(Number)] },
      { result: id },
      { result: [{ id, online: true }] },
      { result: [{ id, online: true }] },
      { result: { fileDownloadBatchLimit: 1_000 } },
      { result: { File: { sha1String: {} }, Machine: {}, MalopProcess: {} } },
    ]);
  });

  test('reads who is logged in, and who there is', async () => {
    const ana = { username: admin.username, email: admin.username, roles: expect.arrayContaining(['System Admin']) };
    const steps = await world().steps(
      { name: 'get_user' },
      { name: 'get_user', args: [admin.username] },
      { name: 'get_user', args: ['mallory@example.com'] },
      { name: 'get_users' },
    );
    expect(steps).toMatchObject([
      { result: ana },
      { result: ana },
      { error: 'HTTPStatusError', message: expect.stringContaining('404') },
      { result: expect.arrayContaining([expect.objectContaining(ana)]) },
    ]);
  });

  test('reads the audit log, newest first, with every field by its name', async () => {
    const rows = auditSchema.parse(await world().result('get_user_audit_logs'));
    expect(rows[0]).toMatchObject({ Name: 'General/Login', username: `/${admin.username}` });
    const created = rows.find(({ Name, details }) => Name === 'Users/Create' && details.includes(admin.username));
    expect(created).toMatchObject({
      ...{ DeviceVendor: 'Cybereason', DeviceEventClassID: 'UserAction', Severity: 0, actionSuccess: '1' },
      username: '/local administrator',
      userActionTime: expect.stringMatching(/^[A-Z][a-z]{2} \d\d \d{4}, \d\d:\d\d:\d\d UTC$/),
    });
    // Without what was rotated away: nothing was.
    expect(auditSchema.parse(await world().result('get_user_audit_logs', [false]))).toHaveLength(rows.length + 2);
  });
}
