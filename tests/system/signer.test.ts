import { expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '#kit/disk.ts';
import { freePort } from '#kit/free-port.ts';
import { custody, runProgram } from '#kit/program.ts';
import { type RealAgent, startAgent } from '#kit/real-agent.ts';
import { type RealServer, startServer } from '#kit/real-server.ts';
import { type RealSigner, startSigner } from '#kit/real-signer.ts';
import { until } from '#kit/until.ts';

setDefaultTimeout(180_000);

const patience = { timeout: 60_000 };

interface Wall extends AsyncDisposable {
  readonly root: string;
  readonly server: RealServer;
  readonly signer: RealSigner;
  readonly agent: RealAgent;
  /** Its private key, as it was before it moved. */
  readonly key: string;
}

/** A server with an agent, whose order key has moved to a signer. */
async function openWall(policy: readonly string[] = [], byNetwork = false): Promise<Wall> {
  const root = mkdtempSync(join(tmpdir(), 'custody-wall-'));
  const data = join(root, 'server');
  const [port, signerPort] = [await freePort(), await freePort()];
  const server = await startServer({ data, port });
  const agent = await startAgent(server, { directory: join(root, 'agent') });
  await agent.connect();
  await server.end('SIGTERM');
  const key = readFileSync(join(data, 'keys', 'order-key.pem'), 'utf8');
  const directory = join(root, 'signer');
  const where = byNetwork ? `tls://127.0.0.1:${signerPort}` : `unix:${join(root, 'signer.sock')}`;
  const signer = await startSigner({ directory, listen: where, fromServer: data, policy });
  const identity = byNetwork ? `signer_identity = "${join(directory, 'server-identity.pem')}"\n` : '';
  writeFileSync(join(data, 'custody.toml'), `signer = "${where}"\n${identity}`);
  await server.start();
  await agent.connect();
  return {
    ...{ root, server, signer, agent, key },
    async [Symbol.asyncDispose]() {
      await agent.program[Symbol.asyncDispose]();
      await server.program[Symbol.asyncDispose]();
      await signer[Symbol.asyncDispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function quarantine({ server, agent }: Wall, name: string) {
  const content = `bytes of ${name}`;
  const path = agent.put(name, content);
  const { id } = await server.client.quarantineFile({ endpointIds: [agent.id], path, sha256: sha256(content) });
  return { id, path };
}

async function waitsFor({ server }: Wall, id: string) {
  const [task] = (await server.client.readAction(id)).tasks;
  return [task?.state, task?.waitsFor?.reason];
}

test('with its signer killed a server holds what is ordered and says so; when it is back all is done, once', async () => {
  await using wall = await openWall();
  const { server, signer } = wall;
  const before = await quarantine(wall, 'before.txt');
  expect((await server.client.waitForAction(before.id, patience)).status).toBe('completed_successfully');

  await signer.end('SIGKILL');
  const held = await quarantine(wall, 'held.txt');
  const ready = await server.fetch('/readyz');
  expect([ready.status, await ready.text()]).toEqual([503, 'no order can be signed: the signer is away\n']);
  expect(await waitsFor(wall, held.id)).toEqual(['pending', 'signer_away']);
  const { out } = await runProgram([custody, 'action', 'show', held.id, '--data', server.data]);
  expect(out).toContain('the signer of orders is away');
  expect(existsSync(held.path)).toBe(true);

  // A server that starts meanwhile starts all the same, and forgets nothing.
  await server.end('SIGKILL');
  await server.start();
  expect(await waitsFor(wall, held.id)).toEqual(['pending', 'signer_away']);
  await signer.start();
  const done = await server.client.waitForAction(held.id, patience);
  expect(done.status).toBe('completed_successfully');
  expect(existsSync(held.path)).toBe(false);
  const { items } = await server.client.listEvents({ type: ['tasks_sent'] });
  expect(items.filter(({ actionId }) => String(actionId) === held.id)).toHaveLength(1);
});

test('over the network too; what the policy does not allow waits with its rule, is written down, and leaves when it does', async () => {
  await using wall = await openWall(['verbs = ["fetch", "scan", "restore"]'], true);
  const { server, signer, agent } = wall;
  const refused = await quarantine(wall, 'refused.txt');
  await until('the signer has refused it', () => existsSync(join(signer.directory, 'refusals.jsonl')));
  expect(JSON.parse(readFileSync(join(signer.directory, 'refusals.jsonl'), 'utf8').split('\n')[0] ?? '')).toMatchObject(
    {
      rule: 'verb',
      verb: 'quarantine',
      endpointId: agent.id,
      actionId: refused.id,
    },
  );
  expect(await waitsFor(wall, refused.id)).toEqual(['pending', 'signer_verb']);
  const scan = await server.client.startScan({ endpointIds: [agent.id] });
  expect((await server.client.waitForAction(scan.id, patience)).status).toBe('completed_successfully');
  expect(existsSync(refused.path)).toBe(true);
  expect((await server.fetch('/readyz')).status).toBe(200);
  await server.client.cancelAction(refused.id);
  expect((await server.client.readAction(refused.id)).status).toBe('cancelled');
});

test('neither the server’s directory nor a backup of it holds the private key, and the server refuses to run beside it', async () => {
  await using wall = await openWall();
  const { server, root, key } = wall;
  const secret = key.split('\n')[1] ?? '';
  const backup = join(root, 'backup.tar.gz');
  const made = await runProgram([custody, 'backup', backup, '--data', server.data]);
  expect([made.code, made.err]).toEqual([0, expect.anything()]);
  const unpacked = await runProgram(['tar', '-xzOf', backup]);
  expect(unpacked.out).toContain('publicKey');
  expect(unpacked.out).not.toContain(secret);
  const found = await runProgram(['grep', '-r', '-l', '--', secret, server.data]);
  expect(found.out).toBe('');

  await server.end('SIGTERM');
  const alone = await runProgram([custody, 'server', '--data', server.data, '--signer', 'local']);
  expect([alone.code, alone.err]).toEqual([1, expect.stringContaining('CUSTODY_SIGNER')]);
  await Bun.write(join(server.data, 'keys', 'order-key.pem'), key);
  const beside = await runProgram([custody, 'server', '--data', server.data]);
  expect([beside.code, beside.err]).toEqual([1, expect.stringContaining('the private order key lies in')]);
});

test('a changed key reaches agents that are connected, and those that were away during several changes', async () => {
  await using wall = await openWall();
  const { server, signer, agent } = wall;
  const trusted = () => JSON.parse(readFileSync(join(agent.data, 'identity.json'), 'utf8')).orderKey as string;
  const first = trusted();
  await signer.rotate();
  const one = await quarantine(wall, 'one.txt');
  expect((await server.client.waitForAction(one.id, patience)).status).toBe('completed_successfully');
  const second = trusted();
  expect(second).not.toBe(first);

  await agent.end('SIGKILL');
  await signer.rotate();
  await signer.rotate();
  const two = await quarantine(wall, 'two.txt');
  await server.end('SIGKILL');
  await server.start();
  await agent.connect();
  expect((await server.client.waitForAction(two.id, patience)).status).toBe('completed_successfully');
  expect([first, second]).not.toContain(trusted());
  const { items } = await server.client.listEvents({ type: ['order_key_changed'] });
  expect(items.map(({ facts }) => facts['former'])).toContain(first);
  expect(items).toHaveLength(3);
});

test('a server that signs by itself changes its key while it runs', async () => {
  const root = mkdtempSync(join(tmpdir(), 'custody-own-key-'));
  const server = await startServer({ data: join(root, 'server'), port: await freePort() });
  const agent = await startAgent(server, { directory: join(root, 'agent') });
  try {
    await agent.connect();
    const rotated = await runProgram([custody, 'rotate-order-key', '--data', server.data, '--json']);
    const { publicKey } = JSON.parse(rotated.out) as { readonly publicKey: string };
    const content = 'own';
    const path = agent.put('own.txt', content);
    const { id } = await server.client.quarantineFile({ endpointIds: [agent.id], path, sha256: sha256(content) });
    expect((await server.client.waitForAction(id, patience)).status).toBe('completed_successfully');
    expect(JSON.parse(readFileSync(join(agent.data, 'identity.json'), 'utf8')).orderKey).toBe(publicKey);
  } finally {
    await agent.program[Symbol.asyncDispose]();
    await server.program[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  }
});
