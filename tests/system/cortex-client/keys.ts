import { expect, test } from 'bun:test';
import { runCortexClient } from '#kit/cortex-python-client.ts';
import type { ClientWorld } from './client-world.ts';

export function keyCases(world: () => ClientWorld): void {
  test('is let in with either kind of key, and by its role', async () => {
    const look = ['endpoints_api', 'get_all_endpoints'] as const;
    const restore = ['endpoints_api', 'restore', { file_hash: 'f'.repeat(64) }] as const;
    for (const advanced of [true, false]) {
      const steps = await world().stepsAs('Viewer', [look, restore], advanced);
      expect(steps).toMatchObject([{ result: {} }, { error: 'HTTPError', status: 403 }]);
    }
  });

  test('is not let in with another secret, nor with a key of the other kind', async () => {
    const { id, secret } = await world().client.createKey({ role: 'Viewer', level: 'standard' });
    const calls = [{ api: 'endpoints_api', name: 'get_all_endpoints' }];
    for (const key of [
      { id, secret: `${secret}x`, advanced: false },
      { id, secret, advanced: true },
      { id: id + 1_000, secret, advanced: false },
    ]) {
      const [step] = await runCortexClient(world().server, key, calls);
      expect(step).toMatchObject({ error: 'HTTPError', status: 401 });
    }
  });
}
