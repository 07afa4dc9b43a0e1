import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { minute } from '#core/time.ts';
import { connectEndpoint } from '#core/verbs/connect-endpoint.ts';
import { revokeEndpoints } from '#core/verbs/revoke-endpoints.ts';
import { administrator, enrolMachine } from '#kit/fleet.ts';
import { endpointOf } from '../../conformance/store/records.ts';
import { type CortexWorld, openWorld } from './world.ts';

type Change = { readonly kind: 'enrol' | 'revoke' | 'reconnect'; readonly pick: number; readonly time: number };

/** What happens to the fleet, and to the clock, between two pages. */
const changes: fc.Arbitrary<readonly Change[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('enrol', 'revoke', 'reconnect'),
    pick: fc.nat(99),
    time: fc.integer({ min: -minute, max: minute }),
  }),
  { maxLength: 4 },
);

async function apply({ ports }: CortexWorld, ids: EndpointId[], { kind, pick, time }: Change): Promise<void> {
  ports.clock.advance(time);
  const id = ids[pick % ids.length] ?? expect.unreachable();
  const known = await ports.store.read(({ endpoints }) => endpoints.byId(id));
  if (kind === 'enrol') {
    ids.push((await enrolMachine(ports)).id);
  } else if (kind === 'revoke') {
    const request = { principal: administrator, name: 'delete', facts: {} };
    await revokeEndpoints(ports, { request, endpointIds: [id], reason: '' });
  } else if (known?.revokedAt === null) {
    const connectedUntil = ports.clock.now() + minute;
    await connectEndpoint(ports, {
      endpointId: id,
      facts: known,
      vaultRecipient: known.vaultRecipient,
      connectedUntil,
    });
  }
}

async function page(world: CortexWorld, from: number, length: number): Promise<readonly string[]> {
  const { reply } = await world.call('endpoints/get_endpoint', { search_from: from, search_to: from + length });
  return (reply['endpoints'] as readonly { readonly endpoint_id: string }[]).map(({ endpoint_id: id }) => id);
}

test('Whoever reads page after page while the fleet changes misses no endpoint and meets none twice', async () => {
  const asked = fc.record({ length: fc.integer({ min: 1, max: 4 }), between: fc.array(changes, { maxLength: 8 }) });
  await fc.assert(
    fc.asyncProperty(asked, async ({ length, between }) => {
      await using world = await openWorld();
      const ids = [world.web.endpoint.id, world.mac.endpoint.id];
      for (let count = 0; count < 6; count += 1) {
        ids.push((await enrolMachine(world.ports)).id);
      }
      const throughout = [...ids];
      const met: string[] = [];
      const steps = [...between];
      for (let from = 0; ; from += length) {
        const found = await page(world, from, length);
        met.push(...found);
        if (found.length === 0) {
          break;
        }
        for (const change of steps.shift() ?? []) {
          await apply(world, ids, change);
        }
      }
      expect(new Set(met).size).toBe(met.length);
      expect(met).toEqual(expect.arrayContaining(throughout));
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('Ten thousand endpoints are listed whole, and paged through', async () => {
  await using world = await openWorld();
  const many = Array.from({ length: 9_998 }, (_, index) => endpointOf(index + 1));
  await world.ports.store.transact(async ({ endpoints }) => {
    for (const endpoint of many) {
      await endpoints.insert(endpoint);
    }
  });
  const headers = await world.key('Viewer');
  const response = await world.send({ path: '/public_api/v1/endpoints/get_endpoints/', headers });
  const { reply } = (await response.json()) as { readonly reply: readonly { readonly agent_id: EndpointId }[] };
  const ids = reply.map(({ agent_id: id }) => id);
  expect(ids).toHaveLength(10_000);
  expect(new Set(ids).size).toBe(10_000);
  expect(await page(world, 9_950, 100)).toEqual(ids.slice(9_950));
  expect(await page(world, 0, 1_000)).toEqual(ids.slice(0, 100));
});
