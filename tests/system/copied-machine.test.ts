import { expect, test } from 'bun:test';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { custody, runProgram, startProgram } from '#kit/program.ts';
import { until } from '#kit/until.ts';
import { openWorld } from '#kit/world.ts';

const serverOf = (data: string) => ['--data', data] as const;

async function run(...words: readonly string[]) {
  return runProgram([custody, ...words]);
}

test('A copied agent is refused while the first goes on, both sides say so, and the copy can be made the endpoint.', async () => {
  await using world = await openWorld({ agents: 1 });
  const { client, server } = world;
  const agent = world.agent(0);
  const guid = await world.known(agent, agent.put('a.txt', 'hello'));
  const copied = join(world.directory, 'copied');
  cpSync(agent.data, copied, { recursive: true, filter: (source) => !source.endsWith('/lock') });
  {
    await using copy = startProgram([custody, 'agent', 'run', '--data', copied], { cwd: '/' });
    const { clone } = await until('the server tells of the copy', async () => {
      const endpoint = await client.readEndpoint(agent.id);
      return endpoint.clone === null ? undefined : endpoint;
    });
    expect(clone?.hosts).toMatchObject([{ sign: 'both_at_once' }]);
    const [host] = clone?.hosts ?? [];
    const status = await until('the copy says what it is', async () => {
      const { code, out } = await run('agent', 'status', '--data', copied);
      return out.includes('is a copy of endpoint') ? { code, out } : undefined;
    });
    expect(status.code).toBe(4);
    expect(status.out).toContain(`custody endpoint accept-machine ${agent.id} ${host?.id}`);
    expect(copy.err()).toContain('is a copy of endpoint');
    // The first one has noticed nothing, and works.
    const { action } = await client.startFetch({ guids: [guid] });
    await until('the first one did what was asked', async () => {
      const { status: how } = await client.readAction(action.id);
      return how === 'completed_successfully';
    });
    const shown = await run('endpoint', 'show', agent.id, ...serverOf(server.data));
    expect(shown.out).toContain('both connected at once');
    const events = await client.listEvents({ endpointId: agent.id, type: ['endpoint_cloned'] });
    expect(events.items).toHaveLength(1);
    const accepted = await run('endpoint', 'accept-machine', agent.id, host?.id ?? '', ...serverOf(server.data));
    expect(accepted.code).toBe(0);
    await copy.end('SIGTERM');
  }
  await until('the former one is refused', async () => {
    const { out } = await run('agent', 'status', '--data', agent.data);
    return out.includes('is a copy of endpoint') || out.includes('which machine this endpoint is');
  });
  await using moved = startProgram([custody, 'agent', 'run', '--data', copied], { cwd: '/' });
  await until('the accepted one is connected', async () => {
    const { code } = await run('agent', 'status', '--data', copied);
    return code === 0;
  });
  await moved.end('SIGTERM');
  rmSync(copied, { recursive: true });
});
