import { expect, test } from 'bun:test';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { toFetch } from './parameters.ts';
import { agentWorld } from './running-agent.ts';
import { until } from './until.ts';
import { pathOf, sha256Of } from './vault-world.ts';

const content = Buffer.from('what an agent sends while it is told to stop\n');

test('an agent stops although its server has fallen silent over an upload, and sends the file in its next life', async () => {
  await using world = await agentWorld();
  const { server, files } = world;
  const file = path.join(files, 'a');
  writeFileSync(file, content);
  server.evidence.isSilent = true;
  const agent = world.start();
  const fetched = server.run(toFetch(pathOf(file)), { deadline: Date.now() + 600_000 });
  await until(() => server.evidence.requests.length > 0, 'the upload has begun');
  const ended = once(agent, 'exit');
  agent.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  server.evidence.isSilent = false;
  world.start();
  expect((await fetched).files).toMatchObject([{ outcome: 'done', sha256: sha256Of(content) }]);
}, 45_000);

test('an agent stops although its server answered in the middle of an upload, and never heard the rest of it', async () => {
  await using world = await agentWorld();
  const { server, files } = world;
  const bytes = Buffer.alloc(8_000_000, 'a file that travels in pieces ');
  writeFileSync(path.join(files, 'a'), bytes);
  server.evidence.breaks = 2;
  const agent = world.start();
  expect((await server.run(toFetch(pathOf(path.join(files, 'a'))))).files).toMatchObject([{ outcome: 'done' }]);
  const ended = once(agent, 'exit');
  agent.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
}, 30_000);
