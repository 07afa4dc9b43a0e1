import type { Migration } from './migration.ts';

/** Wide orders go out ring by ring. Whatever was ordered before goes out as it did. */
export const rings: Migration = {
  version: 34,
  statements: ({ text, integer, tableOptions }) => [
    `create table rollouts (
      action_id ${text} not null references actions (id),
      round ${integer} not null,
      sizes_json ${text} not null,
      revision ${integer} not null,
      stage ${text} not null,
      ring ${integer} not null,
      released_at ${integer},
      left_at ${integer},
      halt_json ${text},
      primary key (action_id, round)
    )${tableOptions}`,
    `create index rollouts_open on rollouts (stage) where stage in ('clear', 'watched', 'halted')`,
    `alter table tasks add column ring ${integer}`,
    'create index tasks_by_ring on tasks (action_id, round, ring, id) where ring is not null',
  ],
};
