import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeAt } from '#kit/authenticator.ts';
import { password } from '#kit/cybereason.ts';
import { sha256 } from '#kit/disk.ts';
import { callPythonClient, clientHost, python, runPythonClient } from '#kit/python-client.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

const reason = 'CUSTODY_TEST_PYTHON names no Python; tools/python-client.sh makes one';
const absent = python === undefined;

if (absent && process.env['CUSTODY_TEST_NO_SKIP'] === '1') {
  test('The PyPI client of the Cybereason API is run.', () => {
    throw new Error(`${reason}, and CUSTODY_TEST_NO_SKIP forbids to skip.`);
  });
}

const admin = { username: 'ana@example.com', password };

function testsOfAccess(world: () => World): void {
  test('logs in with a code, of which it is told when it has none', async () => {
    const person = { username: 'ben@example.com', password };
    await world().client.createUser({ email: person.username, password, role: 'Viewer' });
    const { token } = await world().client.logIn({ email: person.username, password });
    const own = world().server.clientOf(token);
    const { secret } = await own.prepareSecondFactor();
    // The code of the step before, so that a log-in within the same half minute has another one.
    await own.confirmSecondFactor({ code: codeAt(secret, Date.now() - 30_000) });
    expect(await runPythonClient(world().server, person, [])).toMatchObject({ message: 'TOTP code (2FA) is required' });
    expect(await runPythonClient(world().server, { ...person, totp_code: 'abcdef' }, [])).toMatchObject({
      message: 'Invalid TOTP code',
    });
    const withCode = { ...person, totp_code: codeAt(secret, Date.now()) };
    expect(await runPythonClient(world().server, withCode, [{ name: 'get_user' }])).toMatchObject({
      steps: [{ result: { username: person.username } }],
    });
  });

  test('renews an expired password, with a second factor and without', async () => {
    const [old, fresh] = ['an expired password', 'a renewed password'];
    for (const withFactor of [false, true]) {
      const username = `expired.${withFactor}@example.com`;
      await world().client.createUser({ email: username, password: old, role: 'Viewer' });
      const { token } = await world().client.logIn({ email: username, password: old });
      const own = world().server.clientOf(token);
      const { secret } = await own.prepareSecondFactor();
      if (withFactor) {
        await own.confirmSecondFactor({ code: codeAt(secret, Date.now() - 30_000) });
      }
      await world().client.expirePassword({ email: username });
      const person = { username, password: old };
      expect(await runPythonClient(world().server, person, [])).toMatchObject({ message: 'Expired password' });
      const renewing = {
        ...person,
        new_password: fresh,
        ...(withFactor && { totp_code: codeAt(secret, Date.now()) }),
      };
      expect(await runPythonClient(world().server, renewing, [{ name: 'get_user' }])).toMatchObject({
        steps: [{ result: { username } }],
      });
      expect(await runPythonClient(world().server, person, [])).toMatchObject({ message: 'Invalid credentials' });
    }
  });

  test('asks for the server and for what its users did', async () => {
    const calls = ['version', 'get_settings', 'get_detection_servers', 'features_map', 'get_user_audit_logs'];
    const reply = await runPythonClient(
      world().server,
      admin,
      calls.map((name) => ({ name })),
    );
    const results = 'steps' in reply ? reply.steps.map((step) => ('result' in step ? step.result : step)) : [];
    expect(results.slice(0, 4)).toEqual([
      [23, 2, 148],
      expect.objectContaining({ sessionTimeoutMs: 28_800_000 }),
      [expect.objectContaining({ id: expect.stringMatching(/^[0-9a-f]{24}$/) })],
      expect.objectContaining({ File: expect.anything() }),
    ]);
    expect(results[4]).toContainEqual(
      expect.objectContaining({ Name: 'General/Login', username: `/${admin.username}`, actionSuccess: '1' }),
    );
    expect(results[4]).not.toContain(null);
  });
}

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

  testsOfAccess(() => world);

  test('reads the list of reputations and decides anew about one of them', async () => {
    const hash = 'ab'.repeat(16);
    await world.client.listHashes({ hashes: [hash, 'cd'.repeat(20)], list: 'block', prevent: false });
    const listed = await callPythonClient(world.server, admin, { name: 'get_reputations' });
    expect(listed).toHaveLength(2);
    expect(listed).toContainEqual(expect.objectContaining({ id: hash, action: 'DETECT' }));
    const keys = [{ type: 'MD5', value: hash }];
    const kwargs = { comment: 'seen in April', action: 'DENY', keys };
    const changed = await callPythonClient(world.server, admin, { name: 'update_reputation', args: [hash], kwargs });
    expect(changed).toMatchObject({ id: hash, action: 'DENY', comment: 'seen in April' });
    const { items } = await world.client.findListedHashes({ hash: [hash] });
    expect(items).toMatchObject([{ list: 'block', prevent: true, dialect: 'cybereason' }]);
    const other = { ...kwargs, keys: [{ type: 'DOMAIN', value: 'evil.example.com' }] };
    const refused = { name: 'update_reputation', args: [hash], kwargs: other };
    expect(await runPythonClient(world.server, admin, [refused])).toMatchObject({ steps: [{ error: 'ClientError' }] });
  });

  test('reads MalOps, how one stands, its comments, and what is in vaults', async () => {
    const bytes = Buffer.from('what the Python client sees');
    const path = world.agent(0).put('evil.bin', bytes);
    const fileGuid = await world.known(world.agent(0), path);
    const endpointId = world.agent(0).id;
    const opened = await world.client.createIncident({ name: 'evil', severity: 'high', files: [{ endpointId, path }] });
    const { id, guid } = opened.incident;
    await world.client.commentOnIncident(id, { text: 'a < b & "c"' });
    const since = { time: new Date(Date.now() - 86_400_000).toISOString().slice(0, 19) };
    const then = { time: new Date(Date.now() + 86_400_000).toISOString().slice(0, 19) };
    const calls = [
      { name: 'get_malops', args: [since, then] },
      { name: 'get_active_malops' },
      { name: 'get_malop_status', args: [guid] },
      { name: 'get_malop_comments', args: [guid] },
      { name: 'get_malware_alerts' },
      { name: 'get_malop_status', args: ['11.5'] },
    ];
    const rootCause = { guid: fileGuid, name: 'evil.bin' };
    expect(await runPythonClient(world.server, admin, calls)).toMatchObject({
      steps: [
        { result: [{ guid, displayName: 'evil', status: 'Active', severity: 'High' }] },
        { result: [{ guidString: guid, managementStatus: 'UNREAD', primaryRootCauseElements: [rootCause] }] },
        { result: { guid, status: 'UNREAD', investigationStatus: 'Pending' } },
        { result: [{ message: 'a < b & "c"' }] },
        { result: [] },
        { error: 'ClientError' },
      ],
    });
    await world.client.quarantineFile({ endpointIds: [endpointId], path, sha256: sha256(bytes) });
    await until(`${path} is taken`, () => !existsSync(path));
    await until('the server knows', async () => (await world.client.listQuarantine({ state: ['held'] })).total > 0);
    const alerts = await callPythonClient(world.server, admin, { name: 'get_malware_alerts' });
    expect(alerts).toMatchObject([{ name: 'evil.bin', status: 'Quarantined', referenceGuid: fileGuid }]);
  }, 60_000);

  test('downloads a file by its path, and opens it with the password that it knows', async () => {
    const content = randomBytes(700_000);
    const source = join(world.directory, 'outside', 'größe 1.bin');
    const saved = join(world.directory, 'saved');
    const extracted = join(world.directory, 'extracted');
    mkdirSync(dirname(source));
    writeFileSync(source, content);
    const { hostName } = await world.client.readEndpoint(world.agent(1).id);
    const pylumId = `PYLUMCLIENT_CUSTODY_${hostName}_${world.agent(1).id.slice(0, 12)}`.toUpperCase();
    const download = (path: string, destdir: string, extract: boolean) =>
      runPythonClient(world.server, admin, [
        { name: 'download_file', args: [pylumId, path, destdir], kwargs: { extract } },
      ]);
    expect(await download(source, saved, false)).toEqual({ steps: [{ result: join(saved, 'gr__e 1.bin.zip') }] });
    expect(await download(source, extracted, true)).toEqual({ steps: [{ result: extracted }] });
    expect(readFileSync(join(extracted, 'größe 1.bin')).equals(content)).toBe(true);
    const { items } = await world.client.listEvents({ type: ['evidence_delivered'] });
    expect(items).toHaveLength(2);
    const missing = await download(`${source} no more`, saved, false);
    expect(missing).toMatchObject({ steps: [{ error: 'FileNotFoundError' }] });
  });
});
