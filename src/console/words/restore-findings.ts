import type { Client } from '#sdk/client.ts';
import type { Worded } from './statuses.ts';

export type RestorePlan = Awaited<ReturnType<Client['readRestorePlan']>>;
export type PlannedObject = RestorePlan['items'][number];
export type Finding = PlannedObject['finding'];
export type RunOptions = Parameters<Client['runRestorePlan']>[1];
export type ConflictPolicy = NonNullable<RunOptions['ifOccupied']>;
export type ParentPolicy = NonNullable<RunOptions['ifParentMissing']>;

/** What a restore would meet, in plain words, those first that come back. Total. */
export const findingWords: Readonly<Record<Finding, Worded>> = {
  free: { label: 'Its place is free', tone: 'good' },
  occupied_same: { label: 'The same file is there already', tone: 'good' },
  occupied_other: { label: 'Another file has its place', tone: 'wait' },
  parent_missing: { label: 'Its folder is gone', tone: 'wait' },
  parent_changed: { label: 'Its folder is another one now', tone: 'wait' },
  volume_gone: { label: 'Its volume is not there', tone: 'wait' },
  denied_by_policy: { label: 'The endpoint’s policy forbids it', tone: 'bad' },
  damaged: { label: 'Damaged in the vault', tone: 'bad' },
  not_possible: { label: 'Not possible', tone: 'bad' },
  not_held: { label: 'Not in the vault', tone: 'bad' },
};

export const findings = Object.keys(findingWords).filter((finding): finding is Finding => finding in findingWords);

type Occupant = NonNullable<PlannedObject['details']['occupant']>;

/** What stands in the place of a file. Total. */
export const occupantWords: Readonly<Record<Occupant['kind'], string>> = {
  file: 'A file',
  directory: 'A folder',
  link: 'A link',
  other: 'Something else',
};

/** What the restore is asked to do about a finding. */
export type Decision = 'back' | 'occupied' | 'folder' | 'fails';

export const decisionOf: Readonly<Record<Finding, Decision>> = {
  free: 'back',
  occupied_same: 'back',
  occupied_other: 'occupied',
  parent_missing: 'folder',
  parent_changed: 'folder',
  volume_gone: 'folder',
  denied_by_policy: 'fails',
  damaged: 'fails',
  not_possible: 'fails',
  not_held: 'fails',
};

export const conflictPolicyWords: Readonly<Record<ConflictPolicy, string>> = {
  skip: 'Leave it in the vault',
  keep_both: 'Keep both (restore it beside, under another name)',
  swap: 'Swap (restore it, and take what stands there into the vault)',
  other_path: 'Restore it into another folder',
  fail: 'Try, and report it as failed',
};

export const parentPolicyWords: Readonly<Record<ParentPolicy, string>> = {
  skip: 'Leave it in the vault',
  other_path: 'Restore it into another folder',
  fail: 'Try, and report it as failed',
};
