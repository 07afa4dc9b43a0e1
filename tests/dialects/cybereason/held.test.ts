import { expect, test } from 'bun:test';
import { builtInRole } from '#core/access/role.ts';
import { approveAction } from '#core/verbs/approve-action.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { administrator } from '#kit/fleet.ts';
import { guard } from '#kit/ports.ts';
import { openWorld, post } from './world.ts';

interface Row {
  readonly succeeded: boolean;
  readonly state: string;
}

test('a fetch that waits for a second person is a batch under way, never a success, until it was approved and done', async () => {
  await using world = await openWorld({ policy: { guard: { ...guard, reach: 'all', mostFetchedFiles: 1 } } });
  const { ports } = world;
  const cookie = await world.cookieOf('Responder', 'ana@example.com');
  const { items } = await ports.store.read(({ files }) =>
    files.list(
      { conditions: [{ field: 'name', operator: 'equals', values: ['calc.bin'] }], states: ['present'] },
      { offset: 0, limit: 2 },
    ),
  );
  const elementGuids = items.map(({ guid }) => guid);
  const answer = await world.send(post('/rest/fetchfile/start', cookie, { elementGuids, initiatorUserName: 'ana' }));
  expect([answer.status, await answer.json()]).toMatchObject([200, { status: 'SUCCESS' }]);
  const rows = async () => {
    const progress = await world.send({ path: '/rest/fetchfile/downloads/progress', headers: { cookie } });
    return ((await progress.json()) as { readonly data: readonly Row[] }).data;
  };
  const waiting = { succeeded: false, state: 'Pending' };
  expect(await rows()).toMatchObject([waiting, waiting]);
  await world.web.agent.work();
  await world.mail.agent.work();
  expect(await rows()).toMatchObject([waiting, waiting]);
  const email = 'bob@example.test';
  const user = await createUser(ports, administrator, {
    email,
    password: 'a long password',
    role: 'Privileged Responder',
  });
  const { items: held } = await ports.store.read(({ approvals }) => approvals.list({}, { offset: 0, limit: 9 }));
  const [approval = expect.unreachable()] = held;
  await approveAction(ports, {
    principal: { kind: 'user', id: user.id, name: email, role: builtInRole('Privileged Responder'), scope: user.scope },
    ...{ actionId: approval.actionId, digest: approval.digest },
  });
  await world.web.agent.work();
  await world.mail.agent.work();
  expect((await rows()).map(({ succeeded }) => succeeded)).toEqual([true, true]);
});
