import { expect, test } from 'bun:test';
import { z } from 'zod';
import { taskParametersSchema } from '#core/action/verb.ts';
import { serverMessageSchema } from '#wire/messages.ts';

/**
 * All that a server can say to an agent, written out: a word that could carry a command would have to be added here by
 * somebody who has thought about it (promise P41).
 */
const orders: Readonly<Record<string, readonly string[]>> = {
  fetch: ['files'],
  quarantine: ['overrideProtection', 'path', 'sha256'],
  restore: ['ifOccupied', 'sha256', 'to', 'vaultObject'],
  restore_objects: ['objects', 'sha256'],
  plan: ['sha256', 'to', 'vaultObject'],
  undo: ['actionId', 'ifOccupied', 'taskId'],
  purge: ['sha256', 'vaultObject'],
  search: ['limit', 'live', 'pattern', 'under'],
  logs: [],
  scan: [],
};

const messages: Readonly<Record<string, readonly string[]>> = {
  challenge: ['nonce', 'time', 'versions'],
  welcome: ['generation', 'heartbeatInterval', 'surely', 'time', 'version'],
  generation: ['generation'],
  refused: ['final', 'retryAfter', 'why'],
  heartbeat: ['surely', 'time'],
  order: ['order', 'signature'],
  cancel: ['taskId'],
  halt: ['revision', 'verbs'],
  recorded: ['taskId'],
  report_refused: ['taskId', 'why'],
  inventory_recorded: ['batch'],
  vault_recorded: [],
  trust: ['signature', 'trust'],
  order_key: ['change', 'proof', 'signature'],
  checkpoint: ['ledger', 'note', 'proof', 'signature'],
};

interface Union {
  readonly options: readonly { readonly shape: Readonly<Record<string, unknown>> }[];
}

/** Each variant's fields, by the value of the field that tells them apart. */
function tableOf(schema: Union, kind: string): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    schema.options.map(({ shape }) => {
      const fields = Object.keys(shape).filter((field) => field !== kind);
      return [z.object({ value: z.string() }).parse(shape[kind]).value, fields.toSorted()];
    }),
  );
}

test('no order has a word for a command, and no verb runs one', () => {
  expect(tableOf(taskParametersSchema, 'verb')).toEqual(orders);
});

test('no message of a server has one either', () => {
  expect(tableOf(serverMessageSchema, 'type')).toEqual(messages);
});
