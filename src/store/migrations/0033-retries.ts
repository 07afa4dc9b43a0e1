import type { Migration } from './migration.ts';

/**
 * What tries again what a task did not do, in which round of its action, and what was held of each round; and when an order that its
 * endpoint has not had for long was confirmed anew.
 */
export const retries: Migration = {
  version: 33,
  statements: ({ text, integer, tableOptions }) => [
    `alter table actions add column rounds ${integer} not null default 1`,
    `alter table tasks add column round ${integer} not null default 1`,
    `alter table tasks add column retried_by ${text}`,
    `alter table tasks add column confirmed_at ${integer}`,
    `alter table tasks add column confirmation_awaited_at ${integer}`,
    `create table approvals_of_rounds (
      action_id ${text} not null references actions (id),
      round ${integer} not null,
      requested_at ${integer} not null,
      requested_by_kind ${text} not null,
      requested_by_id ${text} not null,
      requested_by_name ${text} not null,
      endpoints_count ${integer} not null,
      rules_json ${text} not null,
      files_count ${integer} not null,
      digest ${text} not null,
      requester ${text},
      expires_at ${integer} not null,
      lifetime ${integer} not null,
      verdict ${text},
      decided_at ${integer},
      decided_by_kind ${text},
      decided_by_id ${text},
      decided_by_name ${text},
      reason ${text} not null,
      primary key (action_id, round)
    )${tableOptions}`,
    `insert into approvals_of_rounds
      select action_id, 1, created_at, principal_kind, principal_id, principal_name, endpoints_count, rules_json,
        files_count, digest, requester, expires_at, lifetime, verdict, decided_at, decided_by_kind, decided_by_id,
        decided_by_name, approvals.reason
      from approvals join actions on actions.id = approvals.action_id`,
    'drop table approvals',
    'alter table approvals_of_rounds rename to approvals',
    'create index approvals_waiting on approvals (expires_at) where verdict is null',
  ],
};
