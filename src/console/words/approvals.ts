import type { Client } from '#sdk/client.ts';
import { counted } from './amounts.ts';
import type { Me } from './people.ts';
import type { Worded } from './statuses.ts';

export type ListedApproval = Awaited<ReturnType<Client['listApprovals']>>['items'][number];
export type Approval = Awaited<ReturnType<Client['readApproval']>>;
type Rule = Approval['rules'][number];

export const approvalStateWords: Readonly<Record<Approval['state'], Worded>> = {
  waiting: { label: 'Waits for a decision', tone: 'wait' },
  approved: { label: 'Approved', tone: 'good' },
  confirmed: { label: 'Confirmed by whoever ordered it', tone: 'good' },
  bypassed: { label: 'Let out by one person alone', tone: 'bad' },
  refused: { label: 'Refused', tone: 'mute' },
  expired: { label: 'Nobody decided in time', tone: 'mute' },
  withdrawn: { label: 'Cancelled before a decision', tone: 'mute' },
};

const ruleWords: Readonly<Record<Rule['rule'], (rule: Rule) => string>> = {
  endpoints: ({ count, limit }) =>
    `It concerns ${counted(count, 'endpoint')}. One person alone may order it for at most ${limit}.`,
  fleet_percent: ({ count, limit }) =>
    `It concerns ${counted(count, 'endpoint')}, which is a larger share of the fleet than one person may touch: at most ${limit}.`,
  protected_files: ({ count }) =>
    `It takes ${counted(count, 'file')} although endpoints protect what belongs to packages, the system or the agent.`,
  packaged: () => 'A system package has just these bytes installed: machines may need the file.',
  fetched_files: ({ count, limit }) =>
    `It fetches ${counted(count, 'file')}. One person alone may ask for at most ${limit} at once.`,
  fetch_endpoints: ({ count, limit }) =>
    `It fetches from ${counted(count, 'endpoint')}. One person alone may ask at most ${limit}.`,
  fetched_files_hourly: ({ count, limit }) =>
    `With it, one person asked for ${counted(count, 'file')} within an hour. Alone it may be at most ${limit}.`,
};

/** Why an order was held, as whoever decides needs it. */
export function ruleText(rule: Rule): string {
  return ruleWords[rule.rule](rule);
}

export function widthOf({ endpointsCount, filesCount }: Pick<Approval, 'endpointsCount' | 'filesCount'>): string {
  return `${counted(filesCount, 'file')} on ${counted(endpointsCount, 'endpoint')}`;
}

/**
 * What whoever looks at an approval can do: `decide` as the second person, `confirm` by typing the counts, since nobody else could; `own`:
 * it is by their own word, and another person has to; `no_right`: their role decides nothing; `over`: nothing is to be decided.
 */
export type Standing = 'decide' | 'confirm' | 'own' | 'no_right' | 'over';

export function standingOf({ needed, requester }: Approval, me: Pick<Me, 'id' | 'permissions'>): Standing {
  if (needed === null) {
    return 'over';
  }
  if (!me.permissions.includes('actions.approve')) {
    return 'no_right';
  }
  if (requester !== me.id) {
    return 'decide';
  }
  return needed === 'confirmation' ? 'confirm' : 'own';
}
