import { expect, test } from 'bun:test';
import { newActionId } from '#core/action/action-id.ts';
import { parsePath } from '#core/file/file-path.ts';
import { hour } from '#core/time.ts';
import { cancelAction } from '#core/verbs/cancel-action.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import { startSearch } from '#core/verbs/start-search.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { administrator, enrolMachine } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

function search(ports: TestPorts) {
  return startSearch(ports, {
    origin: { principal: administrator, dialect: 'native' },
    endpointIds: 'all',
    pattern: { by: 'path', path: parsePath('/srv/a') },
  });
}

function events(ports: TestPorts) {
  return ports.store.read(({ events: log }) => log.list({ types: ['action_cancelled'] }, 0, 10));
}

test('what no agent has is withdrawn; an agent that has it is asked to stop, and rung for', async () => {
  await using ports = await openPorts();
  const first = await enrolMachine(ports);
  await enrolMachine(ports, { hostName: 'web-2' });
  const action = await search(ports);
  await takeDeliverable(ports, { endpointIds: [first.id] });
  ports.rung.length = 0;
  expect(await cancelAction(ports, administrator, action.id)).toEqual({ withdrawn: 1, asked: 1, tooLate: 0 });
  expect(ports.rung).toEqual([first.id]);
  const { tasks } = await describeAction(ports, action.id);
  const states = tasks.map(({ task }) => [task.endpointId === first.id, task.state, task.endedAt !== null]);
  expect(states.toSorted()).toEqual([
    [false, 'cancelled', true],
    [true, 'cancelling', false],
  ]);
  const outcomes = tasks.flatMap((task) => task.outcomes);
  expect(outcomes).toMatchObject([{ outcome: 'cancelled', reason: 'withdrawn', message: 'The action was cancelled.' }]);
  expect(await events(ports)).toMatchObject([
    { actionId: action.id, actor: { id: 'test' }, facts: { verb: 'search', withdrawn: 1, asked: 1 } },
  ]);
});

test('cancelling again, or what is over, changes nothing and records nothing', async () => {
  await using ports = await openPorts();
  await enrolMachine(ports);
  const action = await search(ports);
  await cancelAction(ports, administrator, action.id);
  expect(await cancelAction(ports, administrator, action.id)).toEqual({ withdrawn: 0, asked: 0, tooLate: 0 });
  const overdue = await search(ports);
  ports.clock.advance(25 * hour);
  expect(await cancelAction(ports, administrator, overdue.id)).toEqual({ withdrawn: 0, asked: 0, tooLate: 1 });
  expect((await describeAction(ports, overdue.id)).status).toBe('expired');
  expect(await events(ports)).toHaveLength(1);
});

test('an unknown action is not found', async () => {
  await using ports = await openPorts();
  const id = newActionId(ports.clock.now(), ports.random);
  expect(cancelAction(ports, administrator, id)).rejects.toMatchObject({ code: 'not_found' });
});
