import { z } from 'zod';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import type { AskedRow } from '#core/verbs/remediation-targets.ts';
import { remedyOf } from './action-types.ts';

/** What one call asks for. */
export interface RemediateRequest {
  /** Undefined: for no MalOp. */
  readonly malopId: string | undefined;
  /** Undefined where nobody was named. */
  readonly initiator: string | undefined;
  readonly rows: readonly AskedRow[];
}

/** The id of the MalOp of what belongs to none. */
export const noMalop = 'NOMALOP';

const longestText = 256;
const longestName = 1_000;

const isPlain = (text: string) => !/\p{Cc}/u.test(text) && text.isWellFormed();
const plain = (most: number) =>
  z.string().max(most, `has more than ${most} characters`).refine(isPlain, 'must have no control characters');

/** The documents say integer where the wire has text. */
const name = z
  .union([plain(longestText), z.number().transform(String)], `must be a text of at most ${longestText} characters`)
  .nullish()
  .transform((value) => (value === null || value === undefined || value.trim() === '' ? undefined : value.trim()));

const typeName = z
  .string('must be the name of an action type')
  .min(1, 'is empty')
  .max(longestText, `has more than ${longestText} characters`)
  .refine(isPlain, 'must have no control characters');

const actionSchema = z.object({ targetId: name, actionType: typeName }, 'must be an object');

/** PowerShell makes the one object of a list with one item. */
const actionsSchema = z
  .unknown()
  .transform((value) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? [value] : value))
  .pipe(z.array(actionSchema, 'must be a list of actions'));

const bodySchema = z.object(
  {
    malopId: name,
    initiatorUserName: plain(longestName).nullish(),
    actionsByMachine: z
      .unknown()
      // A key that zod would leave out: no row may vanish.
      .refine((value) => !Object.hasOwn(Object(value), '__proto__'), 'names a machine that is none: __proto__')
      .pipe(
        z.record(
          plain(longestText),
          actionsSchema,
          'must be an object that has a list of actions for each machine GUID',
        ),
      ),
  },
  'must be an object with actionsByMachine',
);

/** The body of `POST /rest/remediate`. @throws Fault `invalid_request` that names the field and what is wrong */
export function readRemediateRequest(body: unknown): RemediateRequest {
  const checked = checkShape(bodySchema, body);
  if (!checked.success) {
    throw wrong(checked.error);
  }
  const { malopId, initiatorUserName, actionsByMachine } = checked.data;
  const rows = Object.entries(actionsByMachine).flatMap(([machine, actions]) =>
    actions.map((action) => askedRow(machine, action)),
  );
  return { malopId: malopOf(malopId), initiator: initiatorOf(initiatorUserName), rows };
}

const customSchema = z
  .array(
    z.object(
      {
        remediationType: typeName,
        targetId: name,
        machineId: name,
        malopId: name,
        initiatorUserName: plain(longestName).nullish(),
      },
      'must be an object',
    ),
    'must be a list of what custom-remediation answered',
  )
  .min(1, 'is empty: it must have at least one action');

/**
 * The body of `POST /rest/detection/remediate-custom-actions`: what `custom-remediation` offered, sent back.
 * @throws Fault `invalid_request` that names the field and what is wrong
 */
export function readCustomActions(body: unknown): RemediateRequest {
  const checked = checkShape(customSchema, body);
  if (!checked.success) {
    throw wrong(checked.error);
  }
  const malops = new Set(checked.data.map(({ malopId }) => malopOf(malopId)));
  if (malops.size > 1) {
    const message = 'Nothing was done. All actions must have one malopId: send those of each MalOp by themselves.';
    throw new Fault('invalid_request', message, { details: { field: 'malopId' } });
  }
  return {
    malopId: [...malops][0],
    initiator: undefined,
    rows: checked.data.map(({ remediationType, targetId, machineId }) =>
      askedRow(machineId ?? '', { actionType: remediationType, targetId }),
    ),
  };
}

function askedRow(
  machine: string,
  { actionType, targetId }: { readonly actionType: string; readonly targetId: string | undefined },
): AskedRow {
  return { machine: machine.trim(), target: targetId ?? null, actionType, remedy: remedyOf(actionType) };
}

export function malopOf(text: string | undefined): string | undefined {
  return text?.toUpperCase() === noMalop ? undefined : text;
}

function initiatorOf(text: string | null | undefined): string | undefined {
  const given = text?.trim() ?? '';
  return given === '' ? undefined : given;
}

function wrong(error: z.ZodError): Fault {
  const [issue] = error.issues;
  const field = issue === undefined || issue.path.length === 0 ? 'body' : issue.path.join('.').slice(0, 200);
  const message = `Nothing was done. ${field}: ${issue?.message ?? 'is not as it must be'}.`;
  return new Fault('invalid_request', message, { details: { field } });
}
