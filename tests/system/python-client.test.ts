import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { password } from '#kit/cybereason.ts';
import { clientHost, python, runPythonClient } from '#kit/python-client.ts';
import { openWorld, type World } from '#kit/world.ts';

const reason = 'CUSTODY_TEST_PYTHON names no Python; tools/python-client.sh makes one';
const absent = python === undefined;

if (absent && process.env['CUSTODY_TEST_NO_SKIP'] === '1') {
  test('The PyPI client of the Cybereason API is run.', () => {
    throw new Error(`${reason}, and CUSTODY_TEST_NO_SKIP forbids to skip.`);
  });
}

const admin = { username: 'ana@example.com', password };

describe.skipIf(absent)(absent ? `The PyPI client (skipped: ${reason})` : 'The PyPI client', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ agents: 2, settings: { CUSTODY_TLS_NAMES: clientHost } });
    await world.client.createUser({ email: admin.username, password, role: 'Instance Administrator' });
  });

  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  test('logs in, makes calls and logs out', async () => {
    expect(await runPythonClient(world.server, admin, [])).toEqual({ steps: [] });
  });

  test('is told that a password is wrong', async () => {
    expect(await runPythonClient(world.server, { ...admin, password: 'a wrong password' }, [])).toEqual({
      failure: 'AuthenticationError',
      message: 'Invalid credentials',
    });
  });
});
