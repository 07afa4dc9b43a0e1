import type { Migration } from './migration.ts';

/** What people say of an incident beside what was reported. */
export const incidentJudgements: Migration = {
  version: 12,
  statements: ({ text, integer }) => [
    `alter table incidents add column manual_severity ${text}`,
    `alter table incidents add column starred ${integer} not null default 0`,
    `alter table incidents add column resolve_comment ${text} not null default ''`,
  ],
};
