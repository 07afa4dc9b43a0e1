import { expect, test } from 'bun:test';
import { builtInRole } from '#core/access/role.ts';
import { wholeFleet } from '#core/access/scope.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { logIn } from '#core/verbs/log-in.ts';
import { listActions, readAction } from '#dialects/native/schemas/action.ts';
import { approveAction, listApprovals, readApproval } from '#dialects/native/schemas/approval.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { guard } from '#kit/ports.ts';
import { type Asking, type NativeWorld, openNative } from './world.ts';

const sha256 = sha256Of(new Uint8Array(1));

async function personsKey({ ports }: NativeWorld, name: string) {
  const role = 'Privileged Responder';
  const email = `${name}@example.test`;
  // Only who manages access makes a key.
  const first = 'Instance Administrator';
  const { id } = await createUser(ports, administrator, { email, password: 'a long password', role: first });
  const maker = { kind: 'user', id, name: email, role: builtInRole(first), scope: wholeFleet } as const;
  const { key, secret } = await createKey(ports, maker, { name, role, level: 'standard', expiresAt: null });
  return { id, headers: { authorization: `Custody-Key ${key.id}:${secret}` } };
}

/** Somebody who has logged in. */
async function loggedIn({ ports }: NativeWorld, name: string): Promise<Readonly<Record<string, string>>> {
  const person = { email: `${name}@example.test`, password: 'a long password' };
  await createUser(ports, administrator, { ...person, role: 'Privileged Responder' });
  const { token } = await logIn(ports, { ...person, remoteAddress: '192.0.2.1', dialect: 'native' });
  return { authorization: `Bearer ${token}` };
}

/** Two endpoints, where one person may order for one, and a key of one person beside the session of another. */
async function openHeld() {
  const world = await openNative({ policy: { guard: { ...guard, mostEndpoints: 1 } } });
  const endpointIds: string[] = [];
  for (const hostName of ['a', 'b']) {
    endpointIds.push((await enrolMachine(world.ports, { hostName })).id);
  }
  const [ana, bob] = [await personsKey(world, 'ana'), await loggedIn(world, 'bob')];
  const ask = async (path: string, asking: Asking): Promise<[number, unknown]> => {
    const response = await world.ask(path, { ...asking, local: false });
    return [response.status, await response.json()];
  };
  const body = { endpointIds, path: '/srv/evil', sha256 };
  const [status, started] = await ask('/actions/quarantine', { method: 'POST', body, headers: ana.headers });
  expect(status).toBe(201);
  return {
    ...{ world, ask, ana, bob },
    started: readAction.reply
      .omit({ tasks: true, inverse: true, rollout: true, unconfirmedCount: true, upload: true })
      .parse(started),
  };
}

test('an order that is held says so at once, in lists, and with what has to be approved', async () => {
  const { world, ask, ana, bob, started } = await openHeld();
  await using _ = world;
  expect(started).toMatchObject({
    status: 'held',
    approval: {
      state: 'waiting',
      endpointsCount: 2,
      filesCount: 2,
      rules: [{ rule: 'endpoints', count: 2, limit: 1 }],
    },
  });
  const [, listed] = await ask('/actions', { headers: bob });
  expect(listActions.reply.parse(listed).items).toMatchObject([{ status: 'held', approval: started.approval }]);
  const [, one] = await ask(`/approvals/${started.id}`, { headers: bob });
  expect(readApproval.reply.parse(one)).toMatchObject({
    ...{ actionId: started.id, verb: 'quarantine', needed: 'second_person', digest: started.approval?.digest },
    // Ordered with a key, and so by the person who made it.
    ...{ requestedBy: { kind: 'key' }, requester: ana.id },
  });
  const [, whole] = await ask(`/actions/${started.id}`, { headers: bob });
  expect(readAction.reply.parse(whole).tasks.map(({ state }) => state)).toEqual(['held', 'held']);
});

test('another person approves it with the digest, once; a request with a key is answered again', async () => {
  const { world, ask, ana, bob, started } = await openHeld();
  await using _ = world;
  const approve = (headers: Readonly<Record<string, string>>, body: object) =>
    ask(`/approvals/${started.id}/approve`, { method: 'POST', headers, body });
  const digest = started.approval?.digest ?? '';
  expect(await approve(bob, {})).toMatchObject([400, { details: { field: 'digest' } }]);
  expect(await approve(bob, { digest: 'f'.repeat(64) })).toMatchObject([409, { code: 'conflict' }]);
  expect(await approve(ana.headers, { digest })).toMatchObject([403, { code: 'permission_denied' }]);
  expect(await approve(bob, { digest, breakGlass: true, reason: 'x' })).toMatchObject([403, {}]);
  const once = { ...bob, 'idempotency-key': 'once' };
  const [status, approved] = await approve(once, { digest });
  expect(status).toBe(200);
  expect(approveAction.reply.parse(approved)).toMatchObject({
    state: 'approved',
    needed: null,
    decidedBy: { kind: 'user', name: 'bob@example.test' },
  });
  expect(await approve(once, { digest })).toEqual([200, approved]);
  expect(await approve(bob, { digest })).toMatchObject([409, { details: { state: 'approved' } }]);
  const [, waiting] = await ask('/approvals', { headers: bob });
  expect(listApprovals.reply.parse(waiting).total).toBe(0);
  const [, all] = await ask('/approvals?state=all', { headers: bob });
  expect(listApprovals.reply.parse(all)).toMatchObject({ total: 1, items: [{ state: 'approved' }] });
});

test('what never waited has no approval, and a refusal needs a reason', async () => {
  const { world, ask, bob, started } = await openHeld();
  await using _ = world;
  const refuse = (body: object) => ask(`/approvals/${started.id}/refuse`, { method: 'POST', headers: bob, body });
  expect(await refuse({ reason: '' })).toMatchObject([400, { details: { field: 'reason' } }]);
  expect(await refuse({ reason: 'wrong hash' })).toMatchObject([200, { state: 'refused', reason: 'wrong hash' }]);
  expect(await refuse({ reason: 'again' })).toMatchObject([409, {}]);
  for (const path of ['/approvals/77', '/approvals/77/approve', '/approvals/77/refuse']) {
    const [method, body] = path.endsWith('77') ? ['GET', undefined] : ['POST', { digest: 'f'.repeat(64) }];
    const asked = path.endsWith('refuse') ? { reason: 'x' } : body;
    expect(await ask(path, { method, headers: bob, ...(asked && { body: asked }) })).toMatchObject([404, {}]);
  }
});
