import type { Migration } from './migration.ts';

/**
 * The Merkle log over the events. Of the levels of the tree, every eighth is kept, the leaves first: any other node is made of at most 128 of these.
 */
export const ledger: Migration = {
  version: 17,
  statements: ({ text, integer, bytes, tableOptions }) => [
    `create table ledger (
      name ${text} not null primary key,
      size ${integer} not null,
      peaks ${bytes} not null
    )${tableOptions}`,
    `create table ledger_nodes (
      level ${integer} not null,
      ordinal ${integer} not null,
      hash ${bytes} not null,
      primary key (level, ordinal)
    )${tableOptions}`,
  ],
};
