import type { Client } from '#sdk/client.ts';
import { type Context, say } from './context.ts';
import { safeText } from './safe-text.ts';

type HeldApproval = Awaited<ReturnType<Client['readApproval']>>;

/** As an order is answered. */
export interface StartedAction {
  readonly id: string;
  readonly approval: { readonly state: HeldApproval['state'] } | null;
}

type Rule = HeldApproval['rules'][number];

/** A number of things, in words. */
export const few = (count: number, what: string, many = `${what}s`): string => `${count} ${count === 1 ? what : many}`;

const ruleWords: Readonly<Record<Rule['rule'], (rule: Rule) => string>> = {
  endpoints: ({ count, limit }) => `${few(count, 'endpoint')}, of which one person may order ${limit}`,
  fleet_percent: ({ count, limit }) => `${few(count, 'endpoint')} of the fleet, of which one person may order ${limit}`,
  protected_files: ({ count }) => `${few(count, 'file')} that agents may protect`,
  packaged: ({ count }) => `${few(count, 'content')} that a system package has, just as installed`,
  fetched_files: ({ count, limit }) => `${few(count, 'file')}, of which one person may fetch ${limit}`,
  fetch_endpoints: ({ count, limit }) => `files of ${few(count, 'endpoint')}, where one person may fetch from ${limit}`,
  fetched_files_hourly: ({ count, limit }) =>
    `${few(count, 'file')} within an hour, of which one person may fetch ${limit}`,
};

/** Why an order waits, in words. */
export function whyHeld({ rules }: Pick<HeldApproval, 'rules'>): string {
  return rules.map((rule) => ruleWords[rule.rule](rule)).join('; ');
}

/** Tells of those that wait for a second person; where nobody could be one, and somebody sits at a terminal, has the counts typed. */
export async function tellHeld(context: Context, client: Client, started: readonly StartedAction[]): Promise<void> {
  for (const { id, approval } of started) {
    if (approval?.state === 'waiting') {
      await tellOne(context, client, await client.readApproval(id));
    }
  }
}

async function tellOne(context: Context, client: Client, approval: HeldApproval): Promise<void> {
  const { actionId, digest, expiresAt, endpointsCount, filesCount } = approval;
  say(context, `Action ${actionId} is held, and no endpoint is told of it: ${whyHeld(approval)}.`);
  if (approval.needed === 'second_person') {
    say(context, `Another person has until ${expiresAt} to look at it and approve it:`);
    say(context, `  custody approvals approve ${actionId} --digest ${digest}`);
    return;
  }
  const confirmation = await askForCounts(context, approval);
  if (confirmation === undefined) {
    const counts = `--endpoints ${endpointsCount} --files ${filesCount}`;
    say(context, `It stays held until ${expiresAt}. Nobody else can approve it here; let it out by its numbers:`);
    say(context, `  custody approvals approve ${actionId} --digest ${digest} ${counts}`);
    return;
  }
  await client.approveAction(actionId, { digest, confirmation });
  say(context, `Action ${actionId} is let out.`);
}

/**
 * What somebody at a terminal types: the number of endpoints and that of files. Undefined where nobody sits there, or nothing was
 * typed that could be two numbers; whether they are right, the server says.
 */
export async function askForCounts(
  { io }: Context,
  { verb, endpointsCount, filesCount }: Pick<HeldApproval, 'verb' | 'endpointsCount' | 'filesCount'>,
): Promise<{ readonly endpoints: number; readonly files: number } | undefined> {
  if (io.ask === undefined) {
    return undefined;
  }
  const what = `a ${safeText(verb)} of ${few(filesCount, 'file')} on ${few(endpointsCount, 'endpoint')}`;
  const question = `This is ${what}, and nobody else can approve it here. Type both numbers, endpoints first, to let it out: `;
  const [, endpoints, files] = /^\s*(\d{1,15})\s+(\d{1,15})\s*$/.exec(await io.ask(question)) ?? [];
  return endpoints === undefined || files === undefined
    ? undefined
    : { endpoints: Number(endpoints), files: Number(files) };
}
