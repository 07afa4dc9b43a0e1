import type { RealAgent } from '#kit/real-agent.ts';
import type { RealServer } from '#kit/real-server.ts';
import { until } from '#kit/until.ts';

export interface Owner {
  readonly email: string;
  readonly password: string;
}

/** Names as those choose them who want them to be read wrongly. */
const hostileNames = ['invoice\u202Efdp.exe', '<img src=x onerror=alert(1)>.txt', 'two\nlines.txt'] as const;
const tags = ['berlin', 'lisbon', 'web', 'database', 'finance'] as const;
const tagged = 400;

/** Work of every kind, so that no page is empty: done, failed, running, held, and for endpoints that are away. */
export async function plantWork({ client }: RealServer, agents: readonly RealAgent[]): Promise<void> {
  const { items } = await client.listEndpoints({ hostNameContains: ['simulated'], limit: 1_000 });
  for (const [index, tag] of tags.entries()) {
    const endpointIds = items.slice(index * 150, index * 150 + tagged).map(({ id }) => id);
    if (endpointIds.length > 0) {
      await client.tagEndpoints({ endpointIds, add: [tag] });
    }
  }
  const { incident } = await client.createIncident({ name: 'Macros in an invoice', severity: 'high' });
  await plantOnReal(client, agents, incident.id);
  await plantOnSimulated(client, incident.id);
}

type Client = RealServer['client'];

async function plantOnReal(client: Client, agents: readonly RealAgent[], incidentId: string): Promise<void> {
  for (const [index, agent] of agents.entries()) {
    agent.put('notes/readme.txt', `Agent ${index}\n`);
    agent.put('bin/tool', `#!/bin/sh\necho ${index}\n`);
    const bad = agent.put('downloads/invoice.docm', 'X5 harmless stand-in of a macro\n');
    for (const name of hostileNames) {
      agent.put(`downloads/${name}`, `hostile ${name}`);
    }
    await until('the inventory of a real agent', async () => {
      const conditions = [
        { field: 'endpointId' as const, values: [agent.id] },
        { field: 'path' as const, values: [bad] },
      ];
      return (await client.findFiles({ conditions, states: ['present'] })).total === 1;
    });
    const paths = [agent.path('notes/readme.txt'), agent.path('nothing-here.txt')];
    const reason = 'What did the person open?';
    await client.retrieveFiles({ endpointIds: [agent.id], paths, incidentId, reason });
    await client.retrieveFiles({ endpointIds: [agent.id], paths: [bad], incidentId, reason });
    await client.quarantineFile({ endpointIds: [agent.id], path: bad, sha256: null, incidentId, reason });
  }
}

async function plantOnSimulated(client: Client, incidentId: string): Promise<void> {
  const offline = await client.listEndpoints({ presence: ['disconnected', 'lost'], limit: 5 });
  const { items } = await client.listEndpoints({
    presence: ['connected'],
    hostNameContains: ['simulated'],
    limit: 200,
  });
  const few = items.slice(0, 12).map(({ id }) => id);
  if (few.length === 0) {
    return;
  }
  await client.retrieveFiles({
    endpointIds: few,
    paths: ['/srv/tmp/gone.bin'],
    incidentId,
    reason: 'Seen by the proxy',
  });
  const { items: files } = await client.findFiles({ conditions: [], states: ['present'], limit: 1 });
  const sha256 = files[0]?.sha256 ?? null;
  const path = '/srv/bin/file-0.sh';
  await client.quarantineFile({ endpointIds: few, path, sha256, incidentId, reason: 'On the list of the sector' });
  await client.quarantineFile({ endpointIds: items.map(({ id }) => id), path, sha256, reason: 'Everywhere' });
  if (offline.items.length > 0) {
    const endpointIds = offline.items.map(({ id }) => id);
    await client.retrieveFiles({ endpointIds, paths: ['/srv/spool/file-4.docx'], reason: 'When they are back' });
  }
  await client.startScan({ endpointIds: few });
}
