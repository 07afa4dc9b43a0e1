import { expect, test } from 'bun:test';
import { settings } from '#core/settings.ts';
import { openCommands } from './command-world.ts';

const commands: readonly (readonly string[])[] = [
  ['up'],
  ['server'],
  ['status'],
  ['agent', 'enroll'],
  ['agent', 'run'],
  ['endpoints', 'list'],
  ['endpoints', 'show'],
  ['files', 'find'],
  ['fetch'],
  ['quarantine'],
  ['restore'],
  ['actions', 'list'],
  ['actions', 'show'],
  ['actions', 'close'],
  ['evidence', 'get'],
  ['vault', 'list'],
  ['vault', 'fetch'],
  ['vault', 'purge'],
  ['search'],
  ['evidence', 'list'],
  ['evidence', 'delete'],
  ['evidence', 'retention'],
  ['incidents', 'hold'],
  ['incidents', 'release'],
  ['events', 'list'],
  ['tokens', 'create'],
  ['tokens', 'list'],
  ['users', 'create'],
  ['users', 'list'],
  ['users', 'link'],
  ['keys', 'create'],
  ['keys', 'list'],
  ['login'],
  ['logout'],
  ['whoami'],
  ['server', 'rotate-evidence-key'],
  ['backup'],
  ['backup', 'restore'],
  ['signer', 'init'],
  ['signer', 'run'],
  ['signer', 'rotate'],
  ['rotate-order-key'],
];

test.each(commands.map((words) => [words.join(' '), words] as const))('%s has --help and --json', async (_, words) => {
  await using world = await openCommands();
  const { code, out, err } = await world.run([...words, '--help']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('--json');
  expect(out).toContain(`custody ${words.join(' ')}`);
  expect(world.called).toEqual([]);
});

test('--help of the program lists every command', async () => {
  await using world = await openCommands();
  const { out } = await world.run(['--help']);
  for (const [first] of commands) {
    expect(out).toContain(`  ${first}`);
  }
});

const misuses: readonly (readonly [what: string, words: readonly string[], hint: string])[] = [
  ['no command', [], 'Usage'],
  ['an unknown command', ['endpont', 'list'], 'endpoint'],
  ['an unknown subcommand', ['endpoint', 'lst'], 'list'],
  ['an unknown option', ['endpoint', 'list', '--limt', '3'], '--limit'],
  ['a missing option', ['user', 'create', '--email', 'a@example.org'], '--role'],
  ['a role that is none', ['user', 'create', '--email', 'a@example.org', '--role', 'God'], 'Instance Administrator'],
  ['a duration that is none', ['token', 'create', '--expires', 'soon'], '24h'],
  ['a number that is none', ['endpoint', 'list', '--limit', '-3'], 'whole number'],
  ['a word too many', ['whoami', 'you'], 'too many arguments'],
  ['restore of nothing', ['restore'], '--sha256, --path or --object'],
  ['a restore that does something else', ['restore', '--sha256', 'x', '--if-occupied', 'replace'], 'keep-both'],
  ['quarantine of nothing', ['quarantine', '--endpoint', 'x'], '--path, --sha256'],
  ['quarantine by hash on nothing', ['quarantine', '--sha256', 'x'], '--endpoint or --everywhere'],
  ['quarantine by path everywhere', ['quarantine', '--path', '/x', '--everywhere'], '--sha256 alone'],
  ['a preview of a path', ['quarantine', '--preview', '--path', '/x'], '--sha256 alone'],
  ['a search without a preview', ['quarantine', '--sha256', 'x', '--endpoint', 'y', '--search', '1'], '--preview'],
  ['a purge of nothing', ['vault', 'purge'], '--sha256 or --object'],
  ['a purge that names no endpoint', ['vault', 'purge', '--sha256', 'x'], '--endpoint or --everywhere'],
  ['a fetch of no vault object', ['vault', 'fetch', '--sha256', 'x', '--object', 'y'], '--sha256 or --object'],
  ['a search for nothing', ['search', '--endpoint', 'all'], '--glob'],
  ['a search for two things', ['search', '--endpoint', 'all', '--path', '/x', '--md5', 'y'], '--glob'],
  ['a search nowhere', ['search', '--path', '/x'], '--endpoint'],
  ['fetch of nothing', ['fetch'], 'GUIDs'],
  ['fetch of both', ['fetch', '1.1', '--endpoint', 'x', '--path', '/a'], 'GUIDs'],
  ['backup to nowhere', ['backup'], 'name of the file'],
  ['a server that is no https address', ['whoami', '--server', 'http://x'], 'https'],
  ['an authority without a server', ['whoami', '--ca', 'ca.pem'], '--server'],
  ['an authority that is not there', ['whoami', '--server', 'https://x', '--ca', '/nonexistent'], '--ca'],
  ['what the server finds wrong', ['user', 'create', '--email', 'x', '--role', 'Viewer'], 'e-mail'],
];

test.each(misuses)('%s is bad usage: exit code 2 and a hint', async (...row) => {
  const [, words, hint] = row;
  await using world = await openCommands();
  const { code, out, err } = await world.run(words);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(hint);
  expect(world.isClosed()).toBe(true);
});

test('every setting has a flag, and flags and environment reach the server', async () => {
  await using world = await openCommands();
  const flags = Object.fromEntries(settings.map(({ flag }, index) => [flag, `value ${index}`]));
  const words = Object.entries({ ...flags, config: 'x.toml' }).flatMap(([flag, value]) => [`--${flag}`, value]);
  const environment = { CUSTODY_LISTEN: '127.0.0.1:1' };
  for (const [command, name] of [
    ['up', 'runUp'],
    ['server', 'runServer'],
  ] as const) {
    expect((await world.run([command, ...words], { environment })).code).toBe(0);
    expect(world.called.at(-1)).toEqual({ name, with: { flags: { ...flags, config: 'x.toml' }, environment } });
  }
});

test('a flag that was not given is not there, so that environment and file count', async () => {
  await using world = await openCommands();
  const { out, err } = await world.run(['server']);
  expect(world.called).toEqual([{ name: 'runServer', with: { flags: {}, environment: {} } }]);
  expect({ out, err }).toEqual({ out: '', err: 'It answers.\n' });
});

test('an agent is enrolled with a token from the command line or from standard input', async () => {
  await using world = await openCommands();
  const words = ['agent', 'enroll', '--server', 'https://x', '--ca', 'ca.pem', '--data', 'd', '--roots', '/a:/b'];
  const { out } = await world.run([...words, '--token', 'T', '--json']);
  const roots = { roots: ['/a', '/b'], missingRoots: ['/b'] };
  expect(JSON.parse(out)).toEqual({ endpointId: '0'.repeat(32), endpointNumber: 1_234_567_890, ...roots });
  const told = await world.run([...words, '--token', '-'], { input: 'secret\n' });
  expect(told.out).toMatch(/roots +\/a \/b\nnot here +\/b\n/);
  const enrolment = { server: 'https://x', caFile: 'ca.pem', dataDirectory: 'd', roots: ['/a', '/b'] };
  expect(world.called).toEqual([
    { name: 'enrolAgent', with: { ...enrolment, token: 'T' } },
    { name: 'enrolAgent', with: { ...enrolment, token: 'secret' } },
  ]);
});

test('an agent runs with the roots of its enrolment unless others are given', async () => {
  await using world = await openCommands();
  await world.run(['agent', 'run', '--data', 'd']);
  await world.run(['agent', 'run', '--data', 'd', '--roots', '/c']);
  expect(world.called.map((call) => call.with)).toMatchObject([
    { dataDirectory: 'd' },
    { dataDirectory: 'd', roots: ['/c'] },
  ]);
  expect(world.called[0]?.with).not.toHaveProperty('roots');
});

test('the signer’s commands go to their programs with the directory', async () => {
  await using world = await openCommands();
  const init = ['signer', 'init', '--dir', 's', '--listen', 'unix:/run/s.sock', '--from-server', 'd'];
  expect((await world.run(init)).out).toContain('s/signer.toml');
  expect((await world.run(['signer', 'run', '--dir', 's'])).code).toBe(0);
  expect((await world.run(['signer', 'rotate', '--dir', 's', '--json'])).out).toContain('bmV3');
  expect((await world.run(['rotate-order-key', '--data', 'd'])).code).toBe(0);
  expect((await world.run(['signer', 'init', '--dir', 's'])).code).toBe(2);
  const moved = { directory: 's', listen: 'unix:/run/s.sock', fromServer: 'd', orderKey: undefined };
  expect(world.called).toEqual([
    { name: 'signerInit', with: moved },
    { name: 'signerRun', with: 's' },
    { name: 'signerRotate', with: 's' },
    { name: 'rotateOrderKey', with: { flags: { data: 'd' }, environment: {} } },
  ]);
});

test('the rotation of the evidence key goes to its program, and says what kept the older key', async () => {
  await using world = await openCommands();
  const { code, out, err } = await world.run(['server', 'rotate-evidence-key', '--data', 'd', '--json']);
  expect({ code, out: JSON.parse(out) }).toEqual({ code: 0, out: { rewrapped: 2, damaged: ['ab'] } });
  expect(err).toContain('older key is kept');
  expect(world.called).toEqual([{ name: 'rotateEvidenceKey', with: { flags: { data: 'd' }, environment: {} } }]);
});

test('backup and backup restore go to their programs with the data directory', async () => {
  await using world = await openCommands();
  const made = await world.run(['backup', 'b.tar', '--data', 'd', '--list-evidence']);
  expect(made.code).toBe(0);
  expect(made.out).toMatch(/^evidenceLeftOut +c{64}, d{64}$/m);
  const facts = JSON.parse((await world.run(['backup', 'restore', 'b.tar', '--data', 'e', '--json'])).out);
  expect(facts).toMatchObject({ evidenceLeftOut: ['a'.repeat(64), 'b'.repeat(64)] });
  const plain = await world.run(['backup', '--data', 'f', 'restore', 'b.tar', '--revoke-keys']);
  expect(plain.code).toBe(0);
  expect(plain.out).toMatch(/^evidenceLeftOut +a{64}, b{64}$/m);
  expect(plain.out).toMatch(/^3 +Responder +soar +2026-11-22T12:00:00.000Z +ana$/m);
  expect(plain.out).toMatch(/^ana@example.com +Viewer +2026-11-22T12:00:00.000Z +false$/m);
  expect(plain.err).toContain('whoever lost');
  const sources = (data: string) => ({ flags: { data }, environment: {} });
  expect(world.called).toEqual([
    { name: 'backUp', with: { sources: sources('d'), file: 'b.tar', withEvidence: false } },
    { name: 'restoreBackup', with: { sources: sources('e'), file: 'b.tar', revokesKeys: false } },
    { name: 'restoreBackup', with: { sources: sources('f'), file: 'b.tar', revokesKeys: true } },
  ]);
});
