import { expect, test } from 'bun:test';
import { Agent, type AgentParts } from '#agent/agent.ts';
import { wireVersions } from '#wire/limits.ts';

/** An agent of which only what goes with a connection is there, and notes it. */
function openAgent() {
  const events: string[] = [];
  const part = (name: string) => ({
    connected: () => void events.push(`${name} connected`),
    lost: () => void events.push(`${name} lost`),
  });
  const parts = {
    ...{ journal: { unrecorded: [] }, feed: part('inventory'), vaultFeed: part('vault'), witness: part('witness') },
  } as unknown as AgentParts;
  return { agent: new Agent(parts), events };
}

const version = Math.max(...wireVersions);
const begun = ['vault connected', 'inventory connected', 'witness connected'];
const ended = ['vault lost', 'inventory lost', 'witness lost'];

test('a welcome begins what goes with a connection, and its loss ends it', async () => {
  const { agent, events } = openAgent();
  await agent.welcomed(version)();
  agent.lost();
  expect(events).toEqual([...begun, ...ended]);
});

test('a welcome whose turn comes when its connection is lost begins nothing, and the next one does', async () => {
  const { agent, events } = openAgent();
  const welcome = agent.welcomed(version);
  agent.lost();
  await welcome();
  expect(events).toEqual(ended);
  await agent.welcomed(version)();
  expect(events).toEqual([...ended, ...begun]);
});
