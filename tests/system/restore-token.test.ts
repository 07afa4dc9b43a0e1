import { expect, test } from 'bun:test';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { sha256 } from '#kit/disk.ts';
import { custody, runProgram } from '#kit/program.ts';
import type { RealAgent } from '#kit/real-agent.ts';
import { until } from '#kit/until.ts';
import { openWorld, type World } from '#kit/world.ts';

interface Carried {
  readonly actionId: string;
  readonly isRepeated: boolean;
  readonly files: readonly { readonly path: string; readonly outcome: string }[];
}

async function quarantined(world: World, agent: RealAgent, name: string): Promise<string> {
  const path = agent.put(name, `bytes of ${name}`);
  const { id } = await world.client.quarantineFile({
    endpointIds: [agent.id],
    path,
    sha256: sha256(`bytes of ${name}`),
  });
  expect((await world.client.waitForAction(id)).status).toBe('completed_successfully');
  expect(existsSync(path)).toBe(false);
  return path;
}

async function tokenFor(world: World, agent: RealAgent, name: string): Promise<string> {
  const words = ['restore', '--sha256', sha256(`bytes of ${name}`), '--endpoint', agent.id, '--as-token'] as const;
  const { code, out, err } = await runProgram([custody, ...words, '--data', world.server.data]);
  expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('custody agent restore --token') });
  return out.trim();
}

function carry(agent: RealAgent, token: string) {
  return runProgram([custody, 'agent', 'restore', '--token', '-', '--data', agent.data, '--json'], { input: token });
}

test('a token restores a file with no server and no agent running, once, and the server hears of it afterwards', async () => {
  await using world = await openWorld({ agents: 2 });
  const [agent, other] = [world.agent(0), world.agent(1)];
  const path = await quarantined(world, agent, 'alone.txt');
  // Before the token: an agent that is connected is sent the same order.
  await agent.end('SIGKILL');
  const token = await tokenFor(world, agent, 'alone.txt');
  await world.server.end('SIGTERM');

  const first = await carry(agent, token);
  expect(first).toMatchObject({ code: 0, err: '' });
  const end = JSON.parse(first.out) as Carried;
  expect(end).toMatchObject({ isRepeated: false, files: [{ path, outcome: 'done' }] });
  expect(readFileSync(path, 'utf8')).toBe('bytes of alone.txt');
  writeFileSync(path, 'what its owner wrote since');
  const again = await carry(agent, token);
  expect(JSON.parse(again.out)).toMatchObject({ isRepeated: true, files: [{ path, outcome: 'done' }] });
  expect(again.err).toContain('used before');
  expect(readFileSync(path, 'utf8')).toBe('what its owner wrote since');

  const stranger = await carry(other, token);
  expect(stranger).toMatchObject({ code: 1, out: '' });
  expect(stranger.err).toContain('for another endpoint');

  await world.server.start();
  await agent.connect();
  const ended = await world.client.waitForAction(end.actionId);
  expect(ended).toMatchObject({ status: 'completed_successfully', tasks: [{ files: [{ outcome: 'done' }] }] });
  const held = await world.client.listQuarantine({ sha256: [sha256('bytes of alone.txt')], state: ['held'] });
  expect(held.total).toBe(0);
  const events = await world.client.listEvents({ actionId: end.actionId });
  expect(events.items.map(({ type }) => type)).toContain('restore_token_issued');
});

test('a token is taken by the agent that runs, though no server has been heard, and what is no restore is refused', async () => {
  await using world = await openWorld({ agents: 1 });
  const agent = world.agent(0);
  const path = await quarantined(world, agent, 'running.txt');
  await agent.end('SIGTERM');
  const token = await tokenFor(world, agent, 'running.txt');
  await world.server.end('SIGTERM');
  agent.start();
  // Exit code 4: it runs, and has no connection.
  await until('the agent runs', async () => {
    const { code } = await runProgram([custody, 'agent', 'status', '--data', agent.data]);
    return code === 4;
  });

  for (const wrong of ['custody-order-1.AAAA', token.slice(0, -4), `${token.slice(0, -4)}AAAA`]) {
    const refused = await carry(agent, wrong);
    expect(refused.code).not.toBe(0);
    expect(refused.err).toMatch(/no token|not for this agent/);
  }
  expect(existsSync(path)).toBe(false);
  const { code, out, err } = await carry(agent, token);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toMatchObject({ isRepeated: false, files: [{ path, outcome: 'done' }] });
  expect(readFileSync(path, 'utf8')).toBe('bytes of running.txt');
  expect(agent.program.isRunning).toBe(true);
});
