import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { sha256 } from '#kit/disk.ts';
import { asNobody, whyNotNobody } from '#kit/nobody.ts';
import { openWorld } from '#kit/world.ts';

const why = await whyNotNobody();

describe(`An agent that is not root${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  test.skipIf(why !== undefined)('does what its user may do, and names what it may not', async () => {
    await using world = await openWorld({ agents: 0 });
    const agent = await world.addAgent(asNobody);
    const { limitations } = await world.client.readEndpoint(agent.id);
    expect(limitations.join('\n')).toMatch(/runs as user/);
    expect(limitations.join('\n')).toMatch(/cannot read, quarantine/);

    const own = agent.put('own/file.txt', 'its own');
    await agent.give('own');
    const foreign = agent.put('foreign/file.txt', 'of root');
    await world.known(agent, foreign);
    const take = async (path: string, hash: string) => {
      const { id } = await world.client.quarantineFile({ endpointIds: [agent.id], path, sha256: hash });
      return (await world.client.waitForAction(id)).tasks.flatMap(({ files }) => files.map(({ outcome }) => outcome));
    };
    expect(await take(foreign, sha256('of root'))).toEqual(['access_denied']);
    expect(readFileSync(foreign, 'utf8')).toBe('of root');

    expect(await take(own, sha256('its own'))).toEqual(['done']);
    expect(existsSync(own)).toBe(false);
    const restore = await world.client.restoreFile({ sha256: sha256('its own') });
    expect((await world.client.waitForAction(restore.id)).status).toBe('completed_successfully');
    expect(readFileSync(own, 'utf8')).toBe('its own');
  });
});
