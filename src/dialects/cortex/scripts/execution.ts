import { z } from 'zod';
import { type ActionId, isActionId } from '#core/action/action-id.ts';
import { Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import { type DescribedAction, describeAction } from '#core/verbs/describe-action.ts';
import type { Members } from '../read-body.ts';
import { readFields } from '../read-fields.ts';
import { type ScriptRun, scriptOf } from './library.ts';

const reference = z.object({
  action_id: z
    .union([z.number().transform(String), z.string()], 'must be a number or a string of digits')
    .refine((text) => /^\d{1,30}$/.test(text), 'must be a number or a string of digits'),
});

/** One run of a script on some endpoints. */
export interface Execution {
  readonly run: ScriptRun;
  readonly described: DescribedAction;
}

/** @throws Fault `invalid_request`; `not_found` for an action that is no run of a script */
export async function readExecution(ports: Pick<Ports, 'store' | 'clock'>, data: Members): Promise<Execution> {
  const { action_id: text } = readFields(reference, data);
  const id = text.replace(/^0+/, '');
  const described = isActionId(id) ? await describedIfAny(ports, id) : undefined;
  const parameters = described?.tasks[0]?.task.parameters;
  const run = parameters === undefined ? undefined : scriptOf(parameters);
  if (described === undefined || run === undefined) {
    throw new Fault('not_found', `No script was run under the action ${text}.`, { details: { what: 'action' } });
  }
  return { run, described };
}

async function describedIfAny(
  ports: Pick<Ports, 'store' | 'clock'>,
  id: ActionId,
): Promise<DescribedAction | undefined> {
  const isKnown = (await ports.store.read(({ actions }) => actions.byId(id))) !== undefined;
  return isKnown ? describeAction(ports, id) : undefined;
}
