import type { Migration } from './migration.ts';

/** The place of each endpoint in the order of enrolment: clients page by it, and a clock that is set back must not change it. */
export const enrolmentOrder: Migration = {
  version: 16,
  statements: ({ integer }) => [
    `alter table endpoints add column enrolment ${integer} not null default 0`,
    `update endpoints set enrolment = ranked.place
      from (select id, row_number() over (order by enrolled_at, id) as place from endpoints) as ranked
      where ranked.id = endpoints.id`,
    'create unique index endpoints_by_enrolment on endpoints (enrolment)',
  ],
};
