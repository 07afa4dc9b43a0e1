import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../app/client.ts';
import { useMay } from '../../app/may.ts';
import { useOrdered } from '../../app/ordered.ts';
import { type AsRead, useAsRead } from '../../kit/as-read.ts';
import { Button } from '../../kit/button.tsx';
import { Checkbox, Select, TextField } from '../../kit/fields.tsx';
import { ReasonDialog } from '../../kit/reason-dialog.tsx';
import { counted } from '../../words/amounts.ts';
import {
  type ConflictPolicy,
  conflictPolicyWords,
  type Decision,
  decisionOf,
  findings,
  type ParentPolicy,
  parentPolicyWords,
  type RestorePlan,
} from '../../words/restore-findings.ts';

interface Policies {
  readonly occupied: ConflictPolicy;
  readonly folder: ParentPolicy;
  readonly otherPath: string;
  readonly allow: boolean;
}

/** What is in a plan, by what has to be decided about it. */
type Sums = Readonly<Record<Decision, number>>;

function sumsOf({ counts }: RestorePlan): Sums {
  const sums = { back: 0, occupied: 0, folder: 0, fails: 0 };
  for (const finding of findings) {
    sums[decisionOf[finding]] += counts[finding] ?? 0;
  }
  return sums;
}

/** What is to become of what stands in the way, and the restore of just what the plan found. */
export function PlanRun({ plan }: { readonly plan: RestorePlan }) {
  const [policies, setPolicies] = useState<Policies>({ occupied: 'skip', folder: 'skip', otherPath: '', allow: false });
  const [isAsked, setAsked] = useState(false);
  const change = (more: Partial<Policies>) => setPolicies({ ...policies, ...more });
  const sums = sumsOf(plan);
  const about = useAsRead({ isOpen: isAsked, subject: { plan, policies, sums }, markOf });
  const refusal = useRefusal(plan, sums, policies);
  if (Object.values(sums).every((sum) => sum === 0)) {
    return null;
  }
  return (
    <section className="card plan-run">
      <h2>Restore what was found</h2>
      {plan.blockedBy !== null && <Blocked allow={policies.allow} onChange={(allow) => change({ allow })} />}
      {sums.occupied > 0 && (
        <Select
          choices={Object.entries(conflictPolicyWords).map(([value, label]) => ({ value, label }))}
          label={`Where another file has the place (${sums.occupied})`}
          onChange={(value) => change({ occupied: policyOf(conflictPolicyWords, value) })}
          value={policies.occupied}
        />
      )}
      {sums.folder > 0 && (
        <Select
          choices={Object.entries(parentPolicyWords).map(([value, label]) => ({ value, label }))}
          label={`Where the folder or volume is gone, or is another one (${sums.folder})`}
          onChange={(value) => change({ folder: policyOf(parentPolicyWords, value) })}
          value={policies.folder}
        />
      )}
      {needsPath(sums, policies) && (
        <TextField
          help="A folder on each of these endpoints. Files keep their names."
          label="The other folder"
          onChange={(otherPath) => change({ otherPath })}
          value={policies.otherPath}
        />
      )}
      <div className="buttons">
        <Button look="main" onPress={() => setAsked(true)} refusal={refusal}>
          Restore {counted(returningOf(sums, policies), 'file')} …
        </Button>
      </div>
      {about.asked !== undefined && (
        <RunDialog {...about.asked} about={about} isOpen={isAsked} onClose={() => setAsked(false)} />
      )}
    </section>
  );
}

function policyOf<Policy extends string>(words: Readonly<Record<Policy, string>>, value: string): Policy {
  const [policy] = Object.keys(words).filter((each): each is Policy => each === value);
  if (policy === undefined) {
    throw new Error(`There is no policy ${value}.`);
  }
  return policy;
}

function needsPath(sums: Sums, { occupied, folder }: Policies): boolean {
  return (sums.occupied > 0 && occupied === 'other_path') || (sums.folder > 0 && folder === 'other_path');
}

/** How many files would be back. */
function returningOf(sums: Sums, { occupied, folder }: Policies): number {
  const stays = (policy: ConflictPolicy) => policy === 'skip' || policy === 'fail';
  return sums.back + (stays(occupied) ? 0 : sums.occupied) + (stays(folder) ? 0 : sums.folder);
}

function useRefusal(plan: RestorePlan, sums: Sums, policies: Policies): string | undefined {
  const mayRestore = useMay('files.restore');
  if (!mayRestore) {
    return 'Your role may not restore.';
  }
  if (returningOf(sums, policies) === 0) {
    return 'By these choices nothing would be restored.';
  }
  if (plan.blockedBy !== null && !policies.allow) {
    return 'The hash is blocked: the files would be quarantined again at once. Allow it first.';
  }
  return needsPath(sums, policies) && policies.otherPath.trim() === '' ? 'Name the other folder.' : undefined;
}

function Blocked({ allow, onChange }: { readonly allow: boolean; onChange(allow: boolean): void }) {
  const mayList = useMay('lists.manage');
  return (
    <div className="banner bad">
      <p>The hash is blocked: as soon as the files are back they would be quarantined again.</p>
      {mayList ? (
        <Checkbox isSelected={allow} onChange={onChange}>
          Allow the hash in the same act, so that the files stay
        </Checkbox>
      ) : (
        <p>Your role may not change the lists of hashes: ask somebody who may.</p>
      )}
    </div>
  );
}

/** What is ordered: a plan, and what becomes of what stands in the way. */
interface Run {
  readonly plan: RestorePlan;
  readonly sums: Sums;
  readonly policies: Policies;
}

const markOf = ({ plan }: Run) => `${plan.digest} ${plan.blockedBy}`;

interface RunDialogProps extends Run {
  readonly about: AsRead<Run>;
  readonly isOpen: boolean;
  onClose(): void;
}

function RunDialog({ about, plan, sums, policies, isOpen, onClose }: RunDialogProps) {
  const ordered = useOrdered();
  const queries = useQueryClient();
  const { occupied, folder, otherPath, allow } = policies;
  const count = counted(returningOf(sums, policies), 'file');
  return (
    <ReasonDialog
      about={about}
      act={async (reason) => {
        try {
          const { action, objects, skipped, removed } = await client.runRestorePlan(plan.actionId, {
            ...{ digest: plan.digest, ifOccupied: occupied, ifParentMissing: folder, allow },
            ...(needsPath(sums, policies) && { otherPath: otherPath.trim() }),
            ...(reason !== '' && { reason }),
          });
          const left = skipped + removed === 0 ? '' : ` ${counted(skipped + removed, 'file')} stay where they are.`;
          await ordered(
            action,
            `Action ${action.id}: endpoints were told to restore ${counted(objects, 'file')}.${left}`,
          );
        } finally {
          await queries.invalidateQueries({ queryKey: ['actions', plan.actionId] });
        }
      }}
      isOpen={isOpen}
      onClose={onClose}
      title={`Restore ${count}?`}
      word={`Restore ${count}`}
    >
      <ul>
        {consequences(plan, sums, policies).map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      <p className="mute">
        Just what the plan found is touched. Where an endpoint has answered anew meanwhile, nothing is done, and you are
        told so.
      </p>
    </ReasonDialog>
  );
}

/** What the restore will do, sentence by sentence. */
function consequences(
  plan: RestorePlan,
  sums: Sums,
  { occupied, folder, otherPath, allow }: Policies,
): readonly string[] {
  const elsewhere = (policy: string) => (policy === 'other_path' ? ` (${otherPath.trim()})` : '');
  return [
    ...(sums.back > 0 ? [`${counted(sums.back, 'file')}: back to where they were.`] : []),
    ...(sums.occupied > 0
      ? [
          `${counted(sums.occupied, 'file')} whose place another file has: ${lower(conflictPolicyWords[occupied])}${elsewhere(occupied)}.`,
        ]
      : []),
    ...(sums.folder > 0
      ? [
          `${counted(sums.folder, 'file')} whose folder is gone or another one: ${lower(parentPolicyWords[folder])}${elsewhere(folder)}.`,
        ]
      : []),
    ...(sums.fails > 0 ? [`${counted(sums.fails, 'file')} that cannot come back: reported as failed.`] : []),
    ...(plan.waiting.length > 0
      ? [`${counted(plan.waiting.length, 'endpoint')} have not answered: left as they are.`]
      : []),
    ...(allow ? ['The hash is taken off the block list, and allowed.'] : []),
  ];
}

function lower(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}
