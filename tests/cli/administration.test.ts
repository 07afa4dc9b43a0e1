import { expect, test } from 'bun:test';
import { logIn } from '#core/verbs/log-in.ts';
import { confirmSecondFactor, prepareSecondFactor } from '#core/verbs/second-factor.ts';
import { codeAt } from '#kit/authenticator.ts';
import { openCommands } from './command-world.ts';

test('user create makes a password, shows it once, and it works', async () => {
  await using world = await openCommands();
  const words = ['user', 'create', '--email', 'Ana@example.org', '--role', 'Responder', '--data', world.directory];
  const { code, out, err } = await world.run(words);
  expect(code).toBe(0);
  expect(out).toMatch(/^[A-Za-z0-9]{24}\n$/);
  expect(err).toContain('once');
  const request = { email: 'ana@example.org', password: out.trim(), remoteAddress: '', dialect: 'native' } as const;
  expect((await logIn(world.ports, request)).user.role).toBe('Responder');
  expect(await world.json(['user', 'list'])).toMatchObject({ items: [{ email: 'ana@example.org' }] });
  expect(world.isClosed()).toBe(true);
});

test('user create takes a password from standard input and never prints it', async () => {
  await using world = await openCommands();
  const words = ['user', 'create', '--email', 'ben@example.org', '--role', 'Viewer', '--password-stdin'];
  const { code, out, err } = await world.run([...words, '--data', world.directory], { input: 'a long password\nmore' });
  expect(code).toBe(0);
  expect(out + err).not.toContain('a long password');
  const request = {
    email: 'ben@example.org',
    password: 'a long password',
    remoteAddress: '',
    dialect: 'native',
  } as const;
  expect((await logIn(world.ports, request)).user.email).toBe('ben@example.org');
  const empty = await world.run([...words, '--data', world.directory]);
  expect(empty.code).toBe(2);
});

test('what the store refuses ends with exit code 1 and one line', async () => {
  await using world = await openCommands();
  const words = ['user', 'create', '--email', 'ana@example.org', '--role', 'Viewer', '--data', world.directory];
  expect((await world.run(words)).code).toBe(0);
  const { code, out, err } = await world.run(words);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(/^custody: [^\n]+\n$/);
});

test('key create prints what CUSTODY_TOKEN takes, and the key expires when asked', async () => {
  await using world = await openCommands();
  const words = [
    'key',
    'create',
    '--role',
    'Viewer',
    '--level',
    'advanced',
    '--name',
    'soar',
    '--data',
    world.directory,
  ];
  const { out } = await world.run([...words, '--expires', '90d']);
  expect(out).toMatch(/^\d+:[A-Za-z0-9]{128}\n$/);
  const expiresAt = new Date(world.ports.clock.now() + 90 * 86_400_000).toISOString();
  expect(await world.json(['key', 'list'])).toMatchObject({ items: [{ name: 'soar', level: 'advanced', expiresAt }] });
});

test('key delete ends a key for good, by its number, and says which there are when there is none', async () => {
  await using world = await openCommands();
  const words = ['key', 'create', '--role', 'Viewer', '--level', 'standard', '--comment', 'until spring'];
  await world.run([...words, '--data', world.directory]);
  expect(await world.json(['key', 'list'])).toMatchObject({ items: [{ id: 1, comment: 'until spring' }] });
  expect(await world.json(['key', 'delete', '1'])).toEqual({ deleted: 1 });
  expect(await world.json(['key', 'list'])).toEqual({ items: [] });
  const again = await world.run(['key', 'delete', '1', '--data', world.directory]);
  expect([again.code, again.err]).toEqual([
    1,
    'custody: There is no key 1. "custody keys list" shows those there are.\n',
  ]);
  expect((await world.run(['key', 'delete', 'soar', '--data', world.directory])).code).toBe(2);
});

test('token create takes uses, lifetime and tags', async () => {
  await using world = await openCommands();
  const words = ['token', 'create', '--uses', '5', '--expires', '2h', '--tag', 'dmz', '--tag', 'linux'];
  const expiresAt = new Date(world.ports.clock.now() + 7_200_000).toISOString();
  expect(await world.json(words)).toMatchObject({ usesLeft: 5, tags: ['dmz', 'linux'], expiresAt });
  const { out } = await world.run(['token', 'create', '--data', world.directory]);
  expect(out).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
  expect(await world.json(['token', 'list'])).toMatchObject({ items: [{}, {}] });
});

test('status and whoami say what is so', async () => {
  await using world = await openCommands();
  expect(await world.json(['status'])).toMatchObject({ evidence: { state: 'ready' } });
  const { out } = await world.run(['whoami', '--data', world.directory]);
  expect(out).toContain('Instance Administrator');
});

test('the data directory comes from the flag, else from CUSTODY_DATA, else it is ./data', async () => {
  await using world = await openCommands();
  const environment = { CUSTODY_DATA: world.directory };
  await world.run(['whoami', '--data', `${world.directory}/other`], { environment });
  await world.run(['whoami'], { environment });
  await world.run(['whoami']);
  const directories = world.called.map((call) => (call.with as { flags: { data: string } }).flags.data);
  expect(directories).toEqual([`${world.directory}/other`, world.directory, './data']);
});

test('a password that has to be changed is changed at a log-in, and by hand', async () => {
  await using world = await openCommands();
  const first = 'the first password';
  const add = ['user', 'create', '--email', 'ana@example.org', '--role', 'Viewer', '--password-stdin', '--must-change'];
  await world.json(add, { input: first });
  const logInWords = ['login', '--email', 'ana@example.org'];
  const refused = await world.run([...logInWords, '--data', world.directory], { input: first });
  expect({ code: refused.code, err: refused.err }).toEqual({
    code: 1,
    err: expect.stringContaining('has to be changed'),
  });
  const session = await world.json([...logInWords, '--new-password'], { input: `${first}\nthe second password\n` });
  expect(session).toMatchObject({ user: { mustChangePassword: false } });
  expect(await world.json(['user', 'expire-password', 'ana@example.org'])).toMatchObject({ expired: true });
  expect(await world.json(['user', 'list'])).toMatchObject({ items: [{ mustChangePassword: true }] });
  const unknown = await world.run(['user', 'expire-password', 'x@example.org', '--data', world.directory]);
  expect(unknown.code).toBe(1);
});

test('a log-in takes a code, and the second factor is reset by address', async () => {
  await using world = await openCommands();
  const password = 'a long password';
  await world.json(['user', 'create', '--email', 'ana@example.org', '--role', 'Viewer', '--password-stdin'], {
    input: password,
  });
  const [user] = await world.ports.store.read(({ credentials }) => credentials.users());
  const { secret } = await prepareSecondFactor(world.ports, user?.id ?? '');
  const shown = { userId: user?.id ?? '', code: codeAt(secret, world.ports.clock.now()), remoteAddress: '' };
  await confirmSecondFactor(world.ports, shown);
  world.ports.clock.advance(60_000);
  const words = ['login', '--email', 'ana@example.org'];
  expect((await world.run([...words, '--data', world.directory], { input: password })).err).toContain('code');
  const code = codeAt(secret, world.ports.clock.now());
  expect(await world.json([...words, '--code', code], { input: password })).toMatchObject({
    token: expect.any(String),
  });
  await world.json(['user', 'second-factor', 'reset', 'ana@example.org']);
  expect(await world.json(words, { input: password })).toMatchObject({ token: expect.any(String) });
});

test('where there is no identity provider, nobody logs in through one or is linked to it', async () => {
  await using world = await openCommands();
  for (const [words, hint] of [
    [['login', '--oidc'], 'log in with --email'],
    [['user', 'link', 'ana@example.org', '--subject', 'ana'], 'This server has no identity provider'],
  ] as const) {
    const { code, err } = await world.run([...words, '--data', world.directory]);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(hint) });
  }
  for (const words of [['login'], ['login', '--oidc', '--email', 'ana@example.org']]) {
    const { code, err } = await world.run([...words, '--data', world.directory]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('--oidc') });
  }
});

test('key create and user create limit to endpoints with tags, and the lists and whoami say so', async () => {
  await using world = await openCommands();
  const tags = ['--tag', 'web', '--tag', 'data base'];
  const made = await world.json(['key', 'create', '--role', 'Viewer', '--level', 'standard', ...tags]);
  expect(made).toMatchObject({ tags: ['web', 'data base'] });
  expect(await world.json(['key', 'list'])).toMatchObject({ items: [{ tags: ['web', 'data base'] }] });
  await world.json(['user', 'create', '--email', 'ana@example.org', '--role', 'Viewer', '--tag', 'web']);
  expect(await world.json(['user', 'list'])).toMatchObject({ items: [{ tags: ['web'] }] });
  const whole = ['user', 'create', '--email', 'ben@example.org', '--role', 'Viewer'];
  expect(await world.json(whole)).toMatchObject({ tags: null });
  const table = await world.run(['key', 'list', '--data', world.directory]);
  expect(table.out).toContain('web data base');
  const empty = await world.run(['user', 'create', '--email', 'c@example.org', '--role', 'Viewer', '--tag', '']);
  expect(empty.code).not.toBe(0);
});

test('roles are made, listed, changed and deleted', async () => {
  await using world = await openCommands();
  const made = await world.json(['role', 'create', 'Night desk', '--permission', 'files.read', 'events.read']);
  expect(made).toMatchObject({ name: 'Night desk', permissions: ['files.read', 'events.read'] });
  const listed = await world.run(['role', 'list', '--data', world.directory]);
  expect(listed.out).toMatch(/Night desk +custom +files\.read events\.read\n$/);
  expect(await world.json(['role', 'change', 'night desk', '--nothing'])).toMatchObject({ permissions: [] });
  expect(await world.json(['role', 'change', 'Night desk', '--name', 'Desk'])).toMatchObject({ name: 'Desk' });
  for (const words of [[], ['--nothing', '--permission', 'files.read'], ['--permission', 'files.eat']]) {
    expect((await world.run(['role', 'change', 'Desk', ...words, '--data', world.directory])).code).toBe(2);
  }
  expect(await world.json(['role', 'delete', 'Desk'])).toEqual({ deleted: 'Desk' });
  expect((await world.run(['role', 'delete', 'Desk', '--data', world.directory])).code).toBe(1);
});

test('users are changed, disabled, enabled, given another password and deleted', async () => {
  await using world = await openCommands();
  const email = 'ana@example.org';
  await world.json(['user', 'create', '--email', email, '--role', 'Viewer']);
  expect(await world.json(['user', 'change', email, '--role', 'responder', '--tag', 'web', 'db'])).toMatchObject({
    role: 'Responder',
    tags: ['web', 'db'],
  });
  expect(await world.json(['user', 'change', email, '--all-endpoints'])).toMatchObject({ tags: null });
  for (const words of [[], ['--tag', 'web', '--all-endpoints']]) {
    expect((await world.run(['user', 'change', email, ...words, '--data', world.directory])).code).toBe(2);
  }
  expect(await world.json(['user', 'disable', email])).toEqual({ email, disabled: true });
  expect(await world.json(['user', 'list'])).toMatchObject({ items: [{ disabled: true }] });
  expect(await world.json(['user', 'enable', email])).toEqual({ email, enabled: true });
  const { out } = await world.run(['user', 'reset-password', email, '--data', world.directory]);
  expect(out).toMatch(/^[A-Za-z0-9]{24}\n$/);
  const chosen = ['user', 'reset-password', email, '--password-stdin', '--data', world.directory];
  const quiet = await world.run(chosen, { input: 'a long password\n' });
  expect([quiet.code, quiet.out]).toEqual([0, '']);
  const request = { email, password: 'a long password', remoteAddress: '', dialect: 'native' } as const;
  expect((await logIn(world.ports, request)).stage).toBe('new_password');
  expect(await world.json(['user', 'delete', email])).toEqual({ email, deleted: true });
  expect(await world.json(['user', 'list'])).toEqual({ items: [] });
});

test('sessions are listed and ended', async () => {
  await using world = await openCommands();
  const email = 'ana@example.org';
  await world.run(
    ['user', 'create', '--email', email, '--role', 'Viewer', '--password-stdin', '--data', world.directory],
    {
      input: 'a long password\n',
    },
  );
  const request = { email, password: 'a long password', remoteAddress: '192.0.2.7', dialect: 'native' } as const;
  await logIn(world.ports, request);
  await logIn(world.ports, { ...request, dialect: 'cybereason' });
  const listed = (await world.json(['user', 'sessions', email])) as {
    readonly items: readonly { readonly id: string }[];
  };
  expect(listed).toMatchObject({ items: [{ remoteAddress: '192.0.2.7', current: false }, { current: false }] });
  const [first, second] = listed.items.map(({ id }) => id);
  expect(await world.json(['user', 'end-sessions', email, '--session', first ?? ''])).toEqual({ ended: [first] });
  expect(await world.json(['user', 'end-sessions', email])).toEqual({ ended: [second] });
  // Through the socket nobody is logged in.
  expect((await world.run(['user', 'sessions', '--data', world.directory])).code).toBe(1);
});

test('settings shows how the server was set up, and tokens authority prints what machines trust', async () => {
  await using world = await openCommands();
  const { out } = await world.run(['settings', '--data', world.directory]);
  expect(out).toMatch(/CUSTODY_RINGS +2,20 +environment/);
  expect(out).toMatch(/CUSTODY_GUARD_HOURS +24 +default/);
  expect(await world.json(['settings'])).toMatchObject({ store: 'sqlite' });
  const authority = await world.run(['tokens', 'authority', '--data', world.directory]);
  expect([authority.code, authority.out]).toEqual([0, '']);
  expect(authority.err).toContain('name the authority that signed it');
});
