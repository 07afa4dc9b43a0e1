import { expect, test } from 'bun:test';
import { noClaim } from '#core/endpoint/machine.ts';
import { enrolMachine } from '#kit/fleet.ts';
import { openCommands } from './command-world.ts';

test('token create takes addresses, and token revoke withdraws one for good', async () => {
  await using world = await openCommands();
  const words = ['token', 'create', '--from', '192.0.2.0/24', '2001:db8::1'];
  const created = (await world.json(words)) as { readonly id: string };
  expect(created).toMatchObject({ addresses: ['192.0.2.0/24', '2001:db8::1'], revokedAt: null });
  expect(await world.json(['token', 'revoke', created.id])).toMatchObject({ revokedAt: expect.any(String) });
  const again = await world.run(['token', 'revoke', created.id, '--data', world.directory]);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('custody token list')]);
  const wrong = await world.run(['token', 'create', '--from', '192.0.2.0/33', '--data', world.directory]);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('192.0.2.0/24')]);
  const { out } = await world.run(['token', 'list', '--data', world.directory]);
  expect(out).toContain('192.0.2.0/24 2001:db8::1');
  const { ports } = world;
  const events = await ports.store.read((reader) => reader.events.list({ types: ['enrolment_token_revoked'] }, 0, 9));
  expect(events).toMatchObject([{ facts: { tokenId: created.id } }]);
});

test('endpoint shows the machines that came with its key; one is accepted, or all are forgotten', async () => {
  await using world = await openCommands();
  const { ports, directory } = world;
  const { id } = await enrolMachine(ports);
  const [firstSeen, lastSeen] = [ports.clock.now(), ports.clock.now()];
  const copy = {
    endpointId: id,
    sign: 'older_data',
    remoteAddress: '192.0.2.9',
    claim: noClaim,
    firstSeen,
    lastSeen,
  } as const;
  const put = () =>
    ports.store.transact(({ machines }) => machines.putCopy({ ...copy, id: 'c1', hostName: '\u202egpj.exe\x1b[2J' }));
  await put();
  expect(await world.json(['endpoint', 'show', id])).toMatchObject({
    clone: { hosts: [{ id: 'c1', sign: 'older_data' }] },
  });
  const shown = await world.run(['endpoint', 'show', id, '--data', directory]);
  expect(shown.out).toContain('older data');
  expect(shown.out).toContain('\\u{202e}gpj.exe\\u{1b}[2J');
  const listed = await world.run(['endpoint', 'list', '--data', directory]);
  expect(listed.out).toMatch(/COPIES\n.* 1\n/);
  const wrong = await world.run(['endpoint', 'accept-machine', id, 'c9', '--data', directory]);
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('There are c1.')]);
  await world.json(['endpoint', 'accept-machine', id, 'c1']);
  expect(await world.json(['endpoint', 'show', id])).toMatchObject({ clone: null });
  await put();
  await world.json(['endpoint', 'forget-copies', id]);
  expect(await world.json(['endpoint', 'show', id])).toMatchObject({ clone: null });
  const events = await ports.store.read((reader) => reader.events.list({ types: ['endpoint_copies_settled'] }, 0, 9));
  expect(events.map(({ facts }) => facts['accepted'])).toEqual(['c1', null]);
});
