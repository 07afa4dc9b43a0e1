import { expect, test } from 'bun:test';
import { wholeFleet } from '#core/access/scope.ts';
import { createEnrolmentToken, type NewEnrolmentToken } from '#core/verbs/create-enrolment-token.ts';
import { revokeEnrolmentToken } from '#core/verbs/revoke-enrolment-token.ts';
import { type AgentRequestHandler, createAgentRequests } from '#gateway/agent-requests.ts';
import { openTestClock } from '#kit/clock.ts';
import { enrolmentStatement } from '#wire/enrolment.ts';
import { newKeyPair, readPrivateKey, signBytes } from '#wire/signature.ts';
import { Fleet, someFacts } from './fleet.ts';

const local = { kind: 'local', id: 'local', name: 'local', role: 'Instance Administrator', scope: wholeFleet } as const;

/** A monotonic clock that the test sets: the limit counts by it. */
function openHandler(fleet: Fleet): { readonly handle: AgentRequestHandler; advance(by: number): void } {
  const clock = openTestClock(Date.now());
  let passed = 0;
  const set = { ...clock, monotonic: () => passed };
  const handle = createAgentRequests({ ...fleet.ports, clock: set }, { recoveryRecipient: 'age1recovery' });
  const advance = (by: number) => {
    passed += by;
    clock.advance(by);
  };
  return { handle, advance };
}

async function tokenOf(fleet: Fleet, change: Partial<NewEnrolmentToken> = {}) {
  return createEnrolmentToken(fleet.ports, local, { uses: 1, lifetime: 600_000, tags: ['web'], ...change });
}

type Mark = { readonly system: string | null; readonly hardware: string | null };

function enrolment(
  token: string,
  { pair = newKeyPair(), machine }: { pair?: ReturnType<typeof newKeyPair>; machine?: Mark } = {},
) {
  const asked = { token, publicKey: Buffer.from(pair.publicKey).toString('base64'), vaultRecipient: 'age1vault' };
  const { key } = readPrivateKey(pair.privatePem);
  const signature = Buffer.from(signBytes('custody-enrol-v1', enrolmentStatement(asked), key)).toString('base64');
  const body = JSON.stringify({ ...asked, facts: someFacts, signature, machine });
  return new Request('https://server/agent/v1/enrol', { method: 'POST', body });
}

test('Ten wrong tokens within a minute shut an address out, are one event, and no other address is concerned.', async () => {
  await using fleet = await Fleet.open();
  const { handle, advance } = openHandler(fleet);
  const from = (remoteAddress: string, token: string) => handle(enrolment(token), { remoteAddress });
  const { secret } = await tokenOf(fleet, { uses: 9 });
  for (let count = 0; count < 10; count += 1) {
    expect((await from('192.0.2.1', `guess ${count}`)).status).toBe(401);
  }
  for (const token of ['guess 11', secret]) {
    const barred = await from('192.0.2.1', token);
    expect([barred.status, barred.headers.get('retry-after')]).toEqual([429, '60']);
  }
  expect((await from('192.0.2.2', secret)).status).toBe(200);
  const events = () => fleet.store.read((reader) => reader.events.list({ types: ['enrolment_guessed'] }, 0, 100));
  expect(await events()).toMatchObject([{ facts: { remoteAddress: '192.0.2.1' } }]);
  advance(60_000);
  expect((await from('192.0.2.1', secret)).status).toBe(200);
  expect(await events()).toHaveLength(1);
});

test('However many guesses come at once, no more than ten of them are told that they were wrong.', async () => {
  await using fleet = await Fleet.open();
  const { handle } = openHandler(fleet);
  const guesses = Array.from({ length: 40 }, (_, count) =>
    // Whoever has one address of IPv6 has its whole network.
    handle(enrolment(`guess ${count}`), { remoteAddress: `2001:db8::${count.toString(16)}` }),
  );
  const statuses = (await Promise.all(guesses)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(30);
  expect(await fleet.store.read((reader) => reader.events.list({ types: ['enrolment_guessed'] }, 0, 100))).toHaveLength(
    1,
  );
});

test('A token enrols from its addresses alone, and a refused address uses nothing of it up.', async () => {
  await using fleet = await Fleet.open();
  const { handle } = openHandler(fleet);
  const { secret } = await tokenOf(fleet, { addresses: ['192.0.2.0/28', '2001:db8::/32'], uses: 2 });
  const from = async (remoteAddress: string) => (await handle(enrolment(secret), { remoteAddress })).status;
  expect(await from('192.0.2.16')).toBe(401);
  expect(await from('local')).toBe(401);
  expect(await from('::ffff:192.0.2.15')).toBe(200);
  expect(await from('2001:db9::1')).toBe(401);
  expect(await from('2001:DB8:0::1')).toBe(200);
});

test('A withdrawn token enrols nobody from then on, not even as an answer that was lost; who enrolled with it stays.', async () => {
  await using fleet = await Fleet.open();
  const { handle } = openHandler(fleet);
  const connection = { remoteAddress: '192.0.2.1' };
  const { secret, token } = await tokenOf(fleet, { uses: 3 });
  const pair = newKeyPair();
  expect((await handle(enrolment(secret, { pair }), connection)).status).toBe(200);
  expect(await revokeEnrolmentToken(fleet.ports, local, token.id)).toMatchObject({ usesLeft: 2 });
  expect(await revokeEnrolmentToken(fleet.ports, local, token.id)).toBeUndefined();
  expect((await handle(enrolment(secret), connection)).status).toBe(401);
  expect((await handle(enrolment(secret, { pair }), connection)).status).toBe(401);
  const { total } = await fleet.store.read(({ endpoints }) =>
    endpoints.list({}, { by: 'id', direction: 'ascending' }, { offset: 0, limit: 10 }),
  );
  expect(total).toBe(1);
});

test('An answer that was lost and is asked for again writes nothing, however often.', async () => {
  await using fleet = await Fleet.open();
  const { handle } = openHandler(fleet);
  const connection = { remoteAddress: '192.0.2.1' };
  const { secret } = await tokenOf(fleet);
  const pair = newKeyPair();
  await handle(enrolment(secret, { pair }), connection);
  const events = await fleet.store.read((reader) => reader.events.lastSequence());
  for (let count = 0; count < 5; count += 1) {
    expect((await handle(enrolment(secret, { pair }), connection)).status).toBe(200);
  }
  expect(await fleet.store.read((reader) => reader.events.lastSequence())).toBe(events);
});

test('A copied key does not enrol from another machine, uses no token up, and is told of.', async () => {
  await using fleet = await Fleet.open();
  const { handle } = openHandler(fleet);
  const connection = { remoteAddress: '192.0.2.1' };
  const { secret } = await tokenOf(fleet, { uses: 2 });
  const [pair, mark] = [newKeyPair(), (digit: string) => ({ system: digit.repeat(64), hardware: null })];
  const first = await handle(enrolment(secret, { pair, machine: mark('a') }), connection);
  const { endpointId } = (await first.json()) as { readonly endpointId: string };
  const copied = await handle(enrolment(secret, { pair, machine: mark('b') }), connection);
  expect(copied.status).toBe(409);
  expect(await copied.json()).toMatchObject({ error: expect.stringContaining('this one is a copy') });
  const [cloned] = await fleet.store.read((reader) => reader.events.list({ types: ['endpoint_cloned'] }, 0, 9));
  expect(cloned).toMatchObject({ endpointId, facts: { sign: 'other_machine' } });
  const tokens = await fleet.store.read(({ credentials }) => credentials.tokens());
  expect(tokens.map(({ usesLeft }) => usesLeft)).toEqual([1]);
  expect((await handle(enrolment(secret, { pair, machine: mark('a') }), connection)).status).toBe(200);
});

test('An enrolment whose body does not come is given up.', async () => {
  await using fleet = await Fleet.open();
  const due: (() => void)[] = [];
  const clock = {
    ...fleet.ports.clock,
    schedule: (delay: number, call: () => void) => {
      expect(delay).toBe(10_000);
      due.push(call);
      return () => undefined;
    },
  };
  const handle = createAgentRequests({ ...fleet.ports, clock }, { recoveryRecipient: 'age1recovery' });
  const body = new ReadableStream({ pull: () => new Promise(() => undefined) });
  const request = new Request('https://server/agent/v1/enrol', { method: 'POST', body });
  const answer = handle(request, { remoteAddress: '192.0.2.1' });
  due[0]?.();
  expect((await answer).status).toBe(504);
});
