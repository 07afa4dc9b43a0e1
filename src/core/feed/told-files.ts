import { type CustodyEvent, isJsonObject, type Json } from '../custody/event.ts';
import { isSuccess, outcomes } from '../outcome.ts';

const sha256 = /^[0-9a-f]{64}$/;

/** What the facts of an event say of files, wherever events of its type say it. */
export interface ToldFiles {
  /** Each once, in the order of the facts. */
  readonly hashes: readonly string[];
  readonly paths: readonly string[];
  /** Undefined where nothing is said of how anything ended. */
  readonly succeeded: boolean | undefined;
}

export function toldFiles({ facts }: Pick<CustodyEvent, 'facts'>): ToldFiles {
  const files = listOf(facts['files']).filter(isJsonObject);
  const hashes = [facts, ...files].flatMap((each) => [each['sha256'], each['hash']]);
  const paths = [facts, ...files].map((each) => each['path']);
  const ends = files.flatMap(({ outcome }) => outcomes.filter((known) => known === outcome));
  return {
    hashes: distinct([...hashes, ...listOf(facts['hashes'])]).filter((hash) => sha256.test(hash)),
    paths: distinct(paths),
    succeeded: ends.length === 0 ? undefined : ends.every(isSuccess),
  };
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function distinct(values: readonly (Json | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => typeof value === 'string'))];
}
