import type { Migration } from './migration.ts';

/** Where events are sent to, how far each receiver is, and what could not be delivered. */
export const feeds: Migration = {
  version: 32,
  statements: ({ text, integer, bytes, tableOptions }) => [
    `create table webhooks (
      id ${text} not null primary key,
      name ${text} not null,
      url ${text} not null,
      format ${text} not null,
      groups_json ${text} not null,
      types_json ${text} not null,
      attempts ${integer} not null,
      paused ${integer} not null,
      sealed_secret ${bytes} not null,
      sealed_former_secret ${bytes},
      former_until ${integer},
      created_at ${integer} not null,
      created_by ${text} not null
    )${tableOptions}`,
    `create table feed_cursors (
      feed ${text} not null primary key,
      sequence ${integer} not null,
      failures ${integer} not null,
      first_failed_at ${integer},
      not_before ${integer} not null,
      failing_since ${integer},
      last_error ${text} not null,
      delivered_at ${integer},
      holder ${text},
      held_until ${integer} not null
    )${tableOptions}`,
    `create table dead_letters (
      webhook_id ${text} not null references webhooks (id),
      sequence ${integer} not null,
      given_up_at ${integer} not null,
      attempts ${integer} not null,
      error ${text} not null,
      wanted ${integer} not null,
      primary key (webhook_id, sequence)
    )${tableOptions}`,
  ],
};
