import { afterAll, beforeAll, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { codeAt } from '#kit/authenticator.ts';
import { freePort } from '#kit/free-port.ts';
import { checkout, custody, runProgram } from '#kit/program.ts';
import { type RealServer, startServer } from '#kit/real-server.ts';

const document = readFileSync(join(checkout, 'docs', 'access.md'), 'utf8');
/** The document's own commands, block by block. */
const blocks = [...document.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, text]) => text ?? '');
const lastResort = blocks.at(-1) ?? '';

const email = 'admin@custody.local';
const password = 'the first password of all';

let directory: string;
let server: RealServer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'custody-access-'));
  const settings = { CUSTODY_ADMIN_PASSWORD: password };
  server = await startServer({ data: join(directory, 'data'), port: await freePort(), settings });
});

afterAll(async () => {
  await server.end('SIGTERM');
  await server.program[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

/** As somebody types them beside the data directory. @returns what each printed last: passwords and secrets */
function type(commands: string): { readonly status: number | null; readonly out: string; readonly err: string } {
  const path = `${dirname(custody)}:${process.env['PATH']}`;
  const input = `set -e\n${commands}`;
  const ran = spawnSync('bash', { cwd: directory, input, encoding: 'utf8', env: { PATH: path, HOME: '/' } });
  return { status: ran.status, out: ran.stdout, err: ran.stderr };
}

async function logIn(lines: readonly string[], ...words: readonly string[]) {
  const place = ['--server', server.url, '--ca', server.caFile];
  return runProgram([custody, 'login', '--email', email, ...words, ...place], { input: `${lines.join('\n')}\n` });
}

/** The secret of a second factor that the administrator has from now on, and their recovery codes. */
async function setUpSecondFactor(token: string) {
  const client = server.clientOf(token);
  const { secret } = await client.prepareSecondFactor();
  const { recoveryCodes } = await client.confirmSecondFactor({ code: codeAt(secret, Date.now()) });
  return { secret, recoveryCodes };
}

test('the commands of the access document do what it says, in its order', async () => {
  const { status, out, err } = type(blocks.join('\n'));
  expect({ status, err: status === 0 ? '' : err }).toEqual({ status: 0, err: '' });
  expect(out).toContain('The role Night shift is changed.');
  const { items } = await server.client.listUsers();
  expect(items.map((user) => [user.email, user.role, user.mustChangePassword])).toEqual([
    [email, 'Instance Administrator', true],
    ['ana@example.org', 'Night shift', false],
    ['second@example.org', 'Instance Administrator', true],
  ]);
  const types = new Set((await server.client.listEvents({ limit: 200 })).items.map((event) => event.type));
  for (const type of [
    ...(['role_created', 'role_changed', 'user_changed', 'user_disabled', 'user_enabled', 'user_deleted'] as const),
    ...(['second_factor_reset', 'password_reset'] as const),
  ]) {
    expect(types).toContain(type);
  }
});

test('the only administrator comes back with a recovery code, and without any by the machine, with the server or without', async () => {
  await server.client.deleteUser('second@example.org');
  expect((await logIn([password])).code).toBe(1);
  const given = type(lastResort).out.trim();
  const chosen = 'a password of their own';
  const first = await logIn([given, chosen], '--new-password');
  expect(first).toMatchObject({ code: 0 });
  const { recoveryCodes } = await setUpSecondFactor(first.out.trim());
  expect((await logIn([chosen])).code).toBe(1);
  const [code = ''] = recoveryCodes;
  const recovered = await logIn([chosen], '--code', code);
  expect(recovered).toMatchObject({ code: 0 });
  expect((await logIn([chosen], '--code', code)).code).toBe(1);

  await server.end('SIGTERM');
  const again = type(lastResort);
  expect(again.status).toBe(0);
  await server.start();
  const last = await logIn([again.out.trim(), 'yet another password'], '--new-password');
  expect(last).toMatchObject({ code: 0 });
  const refused = await server
    .clientOf(recovered.out.trim())
    .whoAmI()
    .catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'unauthenticated' });
  const removed = await runProgram([custody, 'user', 'delete', email, '--data', server.data]);
  expect(removed.code).toBe(1);
  expect(removed.err).toContain('last administrator');
}, 60_000);
