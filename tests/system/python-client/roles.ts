import { expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { password } from '#kit/cybereason.ts';
import { type PythonWorld, pylumIdOf } from './python-world.ts';

export function roleCases(world: () => PythonWorld): void {
  const eve = { username: 'eve@example.com', password };

  test('is told that a role is missing, and which the vendor would ask for', async () => {
    await world().client.createUser({ email: eve.username, password, role: 'Viewer' });
    const keys = [{ type: 'MD5', value: 'ab'.repeat(16) }];
    const steps = await world().stepsAs(
      eve,
      { name: 'get_sensors_logs', args: ['x'] },
      { name: 'uninstall_sensor', args: ['x'] },
      { name: 'update_reputation', args: ['ab'.repeat(16)], kwargs: { comment: '', action: 'ALLOW', keys } },
      { name: 'get_users' },
      { name: 'get_user_audit_logs' },
      { name: 'get_sensors' },
    );
    const missing = {
      error: 'UnauthorizedRequest',
      message: expect.stringContaining('You must have the System Admin'),
    };
    expect(steps).toMatchObject([
      missing,
      missing,
      { error: 'UnauthorizedRequest' },
      { error: 'UnauthorizedRequest' },
      { error: 'HTTPStatusError', message: expect.stringContaining('403') },
      { result: [{}, {}] },
    ]);
  });

  test('saves nothing where the role may not have the file; it takes every refusal for a file that is not there', async () => {
    const path = world().agent(0).put('not for eve.bin', 'secret');
    const directory = join(world().directory, 'not for eve');
    const args = [await pylumIdOf(world(), 0), path, directory];
    expect(await world().stepsAs(eve, { name: 'download_file', args })).toMatchObject([{ error: 'FileNotFoundError' }]);
    expect(existsSync(join(directory, 'not for eve.bin.zip'))).toBe(false);
  });
}
