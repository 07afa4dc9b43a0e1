import type { Migration } from './migration.ts';

/**
 * What waits, or waited, for a second person; who stands behind each key, so that nobody is a second person to themselves; and how many
 * files a task names, of which older tasks count as one.
 */
export const approvals: Migration = {
  version: 24,
  statements: ({ text, integer, tableOptions }) => [
    `create table approvals (
      action_id ${text} not null primary key references actions (id),
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
      reason ${text} not null
    )${tableOptions}`,
    'create index approvals_waiting on approvals (expires_at) where verdict is null',
    `alter table api_keys add column owner ${text}`,
    // By way of other keys, of which some may be deleted: their events stay. Exact, for whatever is in quotes within a name has them escaped:
    // the events tell by whom, and names of makers are anybody's choice.
    `update api_keys set owner = (
      with recursive makers (kind, id) as (
        select events.actor_kind, events.actor_id from events
        where events.type = 'key_created' and events.facts_json like '%"keyId":' || cast(api_keys.id as text) || ',%'
        union
        select events.actor_kind, events.actor_id from makers join events
        on events.type = 'key_created' and events.facts_json like '%"keyId":' || makers.id || ',%'
        where makers.kind = 'key'
      )
      select max(makers.id) from makers where makers.kind = 'user'
    )`,
    `alter table tasks add column files_count ${integer} not null default 1`,
    'create index actions_by_principal on actions (principal_id, created_at)',
  ],
};
