import type { Migration } from './migration.ts';

/**
 * How long evidence is kept and what forbids deleting it: which files of which actions were kept as which bytes, incidents on hold,
 * and of bytes that are gone when, by whom and why.
 */
export const evidenceCare: Migration = {
  version: 25,
  statements: ({ text, integer, tableOptions }) => [
    `create table evidence_claims (
      sha256 ${text} not null,
      task_id ${text} not null references tasks (id),
      ordinal ${integer} not null,
      claimed_at ${integer} not null,
      primary key (sha256, task_id, ordinal)
    )${tableOptions}`,
    `insert into evidence_claims (sha256, task_id, ordinal, claimed_at)
      select outcomes.sha256, outcomes.task_id, outcomes.ordinal, outcomes.ended_at
      from outcomes
      join tasks on tasks.id = outcomes.task_id
      join evidence on evidence.sha256 = outcomes.sha256
      where tasks.verb in ('fetch', 'logs') and outcomes.outcome = 'done'`,
    `alter table evidence add column wanted_at ${integer} not null default 0`,
    `update evidence set wanted_at = coalesce(
      (select max(evidence_claims.claimed_at) from evidence_claims where evidence_claims.sha256 = evidence.sha256),
      evidence.stored_at
    )`,
    `alter table evidence add column damaged_at ${integer}`,
    `alter table evidence add column deleted_at ${integer}`,
    `alter table evidence add column deletion_rule ${text}`,
    `alter table evidence add column deletion_reason ${text}`,
    `alter table evidence add column deleted_by_kind ${text}`,
    `alter table evidence add column deleted_by_id ${text}`,
    `alter table evidence add column deleted_by_name ${text}`,
    `alter table evidence add column erased_at ${integer}`,
    'create index evidence_by_age on evidence (wanted_at, sha256)',
    `create table incident_holds (
      incident_id ${text} not null primary key references incidents (id),
      reason ${text} not null,
      held_at ${integer} not null,
      held_by_kind ${text} not null,
      held_by_id ${text} not null,
      held_by_name ${text} not null
    )${tableOptions}`,
    'create index incident_processes_by_sha256 on incident_processes (sha256)',
  ],
};
