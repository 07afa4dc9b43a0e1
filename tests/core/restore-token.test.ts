import { expect, test } from 'bun:test';
import { Fault } from '#core/fault.ts';
import { parsePath } from '#core/file/file-path.ts';
import { describeAction } from '#core/verbs/describe-action.ts';
import { issueRestoreToken } from '#core/verbs/issue-restore-token.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { startAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';
import { SwitchableSigner } from '#kit/switchable-signer.ts';
import { decode } from '#wire/codec.ts';
import { orderSchema } from '#wire/order.ts';
import { readOrderToken } from '#wire/order-token.ts';
import { isSignatureValid, readPublicKey } from '#wire/signature.ts';

const bytes = new TextEncoder().encode('held bytes');
const sha256 = sha256Of(bytes);
const origin = { principal: administrator, dialect: 'native' } as const;

async function openVault() {
  const signer = new SwitchableSigner();
  const ports = await openPorts({ signer });
  const endpoint = await enrolMachine(ports, { hostName: 'far-away' });
  const agent = startAgent(ports, endpoint, { '/srv/file': bytes });
  await quarantineFiles(ports, { origin, endpointIds: [endpoint.id], path: parsePath('/srv/file'), sha256 });
  await agent.work();
  return { signer, ports, endpoint };
}

test('a token is the signed order of a restore on one endpoint, counts as sent, and is on the record', async () => {
  const { signer, ports, endpoint } = await openVault();
  await using _ = ports;
  const { action, token } = await issueRestoreToken(ports, { origin, sha256, endpointId: endpoint.id });
  const signed = readOrderToken(token);
  expect(isSignatureValid('custody-order-v1', signed, readPublicKey(signer.publicKey))).toBe(true);
  const [task = expect.unreachable()] = await ports.store.read(({ tasks }) => tasks.byAction(action.id));
  expect(decode(signed.bytes, orderSchema)).toMatchObject({
    ...{ endpointId: endpoint.id, actionId: action.id, taskId: task.id, deadline: action.deadline },
    parameters: { verb: 'restore', sha256 },
  });
  expect(task.state).toBe('sent');
  const events = await ports.store.read((reader) => reader.events.list({ actionId: action.id }, 0, 10));
  expect(events.map(({ type }) => type)).toEqual(['action_started', 'restore_token_issued']);
  expect(events[1]).toMatchObject({ endpointId: endpoint.id, facts: { taskId: task.id, sha256 } });
});

test('where nobody signs there is no token, and no order that would go out later', async () => {
  const { signer, ports, endpoint } = await openVault();
  await using _ = ports;
  const issue = () =>
    issueRestoreToken(ports, { origin, sha256, endpointId: endpoint.id }).catch((fault: unknown) => fault);
  signer.refuses = () => 'verb';
  expect(await issue()).toBeInstanceOf(Fault);
  signer.isAway = true;
  expect(await issue()).toBeInstanceOf(Error);
  const { items } = await ports.store.read((reader) =>
    reader.actions.list({ verbs: ['restore'] }, { offset: 0, limit: 9 }),
  );
  const statuses = await Promise.all(items.map(async ({ id }) => (await describeAction(ports, id)).status));
  expect(statuses).toEqual(['cancelled', 'cancelled']);
});
