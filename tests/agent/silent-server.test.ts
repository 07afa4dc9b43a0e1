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
