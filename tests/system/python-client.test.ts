import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
    const inbox = await callPythonClient(world.server, admin, { name: 'get_malops', args: [since, then] });
    expect(inbox).toMatchObject([{ guid, displayName: 'evil', status: 'Active', severity: 'High' }]);
    const active = await callPythonClient(world.server, admin, { name: 'get_active_malops' });
    expect(active).toMatchObject([
      {
        guidString: guid,
        managementStatus: 'UNREAD',
        primaryRootCauseElements: [{ guid: fileGuid, name: 'evil.bin' }],
      },
    ]);
    expect(await callPythonClient(world.server, admin, { name: 'get_malop_status', args: [guid] })).toMatchObject({
      ...{ guid, status: 'UNREAD', investigationStatus: 'Pending' },
    });
    expect(await callPythonClient(world.server, admin, { name: 'get_malop_comments', args: [guid] })).toMatchObject([
      { message: 'a < b & "c"' },
    ]);
    const unknown = { name: 'get_malop_status', args: ['11.5'] };
    expect(await runPythonClient(world.server, admin, [unknown])).toMatchObject({ steps: [{ error: 'ClientError' }] });
    expect(await callPythonClient(world.server, admin, { name: 'get_malware_alerts' })).toEqual([]);
    await world.client.quarantineFile({ endpointIds: [endpointId], path, sha256: sha256(bytes) });
    await until(`${path} is taken`, () => !existsSync(path));
    await until('the server knows', async () => (await world.client.listQuarantine({ state: ['held'] })).total > 0);
    const alerts = await callPythonClient(world.server, admin, { name: 'get_malware_alerts' });
    expect(alerts).toMatchObject([{ name: 'evil.bin', status: 'Quarantined', referenceGuid: fileGuid }]);
  });

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
