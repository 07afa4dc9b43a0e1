import { describe, expect, test } from 'bun:test';
import { badBytes, badHash, badPath, goodBytes, openWorld, quarantineFields } from './world.ts';

describe('quarantine and restore, as connectors drive them', () => {
  test('demisto quarantines, asks for the quarantine status, restores and polls until it ended', async () => {
    await using world = await openWorld();
    const { web, mac } = world;
    const quarantined = await world.call('endpoints/quarantine/', quarantineFields(web, mac));
    expect(quarantined.reply).toEqual({ action_id: expect.stringMatching(/^\d+$/), status: 1, endpoints_count: '2' });
    const asked = { endpoint_id: web.endpoint.id, file_path: badPath, file_hash: badHash };
    const statusOf = async (): Promise<unknown> => (await world.call('quarantine/status/', { files: [asked] })).reply;
    expect(await statusOf()).toEqual([{ ...asked, status: false }]);
    await world.work();
    expect(web.disk.has(badPath)).toBe(false);
    expect(await statusOf()).toEqual([{ ...asked, status: true }]);

    const restored = await world.call('endpoints/restore/', { file_hash: badHash, incident_id: 302 });
    expect(restored.reply['endpoints_count']).toBe('2');
    const poll = async () =>
      (await world.call('actions/get_action_status/', { group_action_id: Number(restored.reply['action_id']) })).reply;
    expect(await poll()).toEqual({ data: { [web.endpoint.id]: 'PENDING', [mac.endpoint.id]: 'PENDING' } });
    await web.accept();
    expect(await poll()).toEqual({ data: { [web.endpoint.id]: 'IN_PROGRESS', [mac.endpoint.id]: 'PENDING' } });
    await world.work();
    expect(await poll()).toEqual({
      data: { [web.endpoint.id]: 'COMPLETED_SUCCESSFULLY', [mac.endpoint.id]: 'COMPLETED_SUCCESSFULLY' },
    });
    expect(web.disk.get(badPath)).toEqual(badBytes);
    expect(await statusOf()).toEqual([{ ...asked, status: false }]);
  });

  test('a finished restore that is repeated gives an action that ends well, with nothing done', async () => {
    await using world = await openWorld();
    await world.call('endpoints/quarantine', quarantineFields(world.web));
    await world.work();
    await world.call('endpoints/restore', { file_hash: badHash });
    await world.work();
    const again = await world.call('endpoints/restore', { file_hash: badHash });
    expect(again.status).toBe(200);
    expect(again.reply['endpoints_count']).toBe('1');
    await world.work();
    const { reply } = await world.call('actions/get_action_status', {
      group_action_id: again.reply['action_id'] as string,
    });
    expect(reply).toEqual({ data: { [world.web.endpoint.id]: 'COMPLETED_SUCCESSFULLY' } });
  });

  test('a restore onto a taken name fails, and says why beside the statuses', async () => {
    await using world = await openWorld();
    await world.call('endpoints/quarantine', quarantineFields(world.web));
    await world.work();
    world.web.disk.set(badPath, goodBytes);
    const { reply } = await world.call('endpoints/restore', { file_hash: badHash, endpoint_id: world.web.endpoint.id });
    await world.work();
    const status = await world.call('actions/get_action_status', { group_action_id: reply['action_id'] as string });
    expect(status.reply).toEqual({
      data: { [world.web.endpoint.id]: 'FAILED' },
      errorReasons: {
        [world.web.endpoint.id]: {
          errorDescription: "Something else stands at the file's place; nothing was overwritten (the name is taken).",
          errorData: expect.stringContaining('"outcome": "conflict", "reason": "occupied"'),
          file_name: 'bad.bin',
          file_path: badPath,
          file_size: badBytes.length,
        },
      },
    });
    expect(world.web.disk.get(badPath)).toEqual(goodBytes);
  });

  test('orders that no endpoint takes, or that none reports, end as EXPIRED and TIMEOUT', async () => {
    await using world = await openWorld();
    const { web, mac } = world;
    const { reply } = await world.call('endpoints/quarantine', quarantineFields(mac, web));
    await web.accept();
    world.ports.clock.advance(world.ports.policy.lifetime.quarantine);
    const status = await world.call('actions/get_action_status', { group_action_id: reply['action_id'] as string });
    expect(Object.entries(status.reply['data'] as object)).toEqual([
      [mac.endpoint.id, 'EXPIRED'],
      [web.endpoint.id, 'TIMEOUT'],
    ]);
  });
});
