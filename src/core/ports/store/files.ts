import type { EndpointId } from '../../endpoint/endpoint-id.ts';
import type { FileRecord, FileState } from '../../file/file.ts';
import type { Guid } from '../../file/guid.ts';
import type { Md5, Sha1, Sha256 } from '../../file/hash.ts';
import type { HashAlgorithm } from '../../list/listed-hash.ts';
import type { Milliseconds } from '../../time.ts';
import type { Listing, Page } from './page.ts';

export type FileField = 'name' | 'displayPath' | 'sha256' | 'sha1' | 'md5' | 'endpointName' | 'endpointId' | 'guid';

export type FileOperator = 'equals' | 'equals_ignore_case' | 'contains_ignore_case' | 'matches_wildcard';

/** Holds when the field matches any of the values. In `matches_wildcard`, `*` is any text and `?` one character. */
export interface FileCondition {
  readonly field: FileField;
  readonly operator: FileOperator;
  readonly values: readonly string[];
}

export interface FileFilter {
  /** All must hold. */
  readonly conditions: readonly FileCondition[];
  /** A file for which all of these hold is left out; an empty list leaves out none. */
  readonly except?: readonly FileCondition[];
  readonly states: readonly FileState[];
}

export interface ContentHashes {
  readonly sha256: Sha256;
  readonly sha1: Sha1;
  readonly md5: Md5;
}

/** What the fleet has of one content. */
export interface FileCopies extends ContentHashes {
  /** Present files. */
  readonly copies: number;
  /** A package that vouches for a present copy; null: none does. */
  readonly package: string | null;
}

/** Hashes in lower case. */
export type HashesByAlgorithm = Readonly<Record<HashAlgorithm, readonly string[]>>;

/** A content on an endpoint. */
export interface FileHolder {
  readonly sha256: Sha256;
  readonly endpointId: EndpointId;
}

/** Where one content is in the fleet, counted; of endpoints that were removed nothing is. */
export interface FileSpread {
  /** Present files. */
  readonly files: number;
  /** That have one. */
  readonly endpoints: number;
  /** Of those, how many are connected. */
  readonly connected: number;
  /** The earliest `firstSeenAt`; null where there is no file. */
  readonly firstSeenAt: Milliseconds | null;
  /** Different paths, however many files have each; case counts. */
  readonly pathsCount: number;
  /** The paths that most files have, by number of files and then by path. */
  readonly paths: readonly { readonly displayPath: string; readonly files: number }[];
  /** What vouches for how many of the files, by number of files and then by name. */
  readonly packages: readonly { readonly package: string; readonly files: number }[];
}

export interface FileReader {
  /** In no particular order; unknown GUIDs are left out. Any number of GUIDs. */
  byGuids(guids: readonly Guid[]): Promise<readonly FileRecord[]>;
  /** By name, then path, then GUID. @throws Fault `limit_exceeded` for more than 100 patterns in all conditions. */
  list(filter: FileFilter, page: Page): Promise<Listing<FileRecord>>;
  /**
   * By GUID, the first `limit` behind `after`: for going through any number of files, which `list` would sort again for each page.
   * @throws Fault as `list`.
   */
  scan(
    filter: FileFilter,
    from: { readonly after: Guid | undefined; readonly limit: number },
  ): Promise<readonly FileRecord[]>;
  /** Which endpoints have files that the filter leaves, each once, in no particular order. @throws Fault as `list`. */
  endpointsWith(filter: FileFilter): Promise<readonly EndpointId[]>;
  /**
   * The hashes of each of these contents, as one of the files tells them that has it, or had it; contents of no file are left out.
   * Any number, in few statements, however many files have one.
   */
  hashesOf(sha256: readonly Sha256[]): Promise<readonly ContentHashes[]>;
  /** The contents of present files with any of these hashes, by SHA-256: counted, however many files there are. Any number of hashes. */
  copiesOf(hashes: HashesByAlgorithm): Promise<readonly FileCopies[]>;
  /** Those of these contents of which a package vouches for a present file. Any number. */
  packagedAmong(sha256: readonly Sha256[]): Promise<readonly Sha256[]>;
  /** Where present files with this content are, judged at `now`; with at most `most` paths and packages. */
  spreadOf(sha256: Sha256, at: { readonly now: Milliseconds; readonly most: number }): Promise<FileSpread>;
  /** The endpoints with a present file with this content, but for those that were removed; each once, sorted. */
  reachableHolders(sha256: Sha256): Promise<readonly EndpointId[]>;
  /** Which endpoints have present files with these contents, each pair once; by SHA-256, then endpoint. */
  holdersOf(sha256: readonly Sha256[]): Promise<readonly FileHolder[]>;
}

export interface FileWriter extends FileReader {
  /**
   * Inserts or replaces, by GUID; a GUID that another endpoint holds is left alone and returned. A file that has not
   * changed since the endpoint's vault took one from its place is that one, seen before: it is `quarantined`. What has the bytes that
   * it had before keeps its `firstSeenAt`.
   */
  upsert(files: readonly FileRecord[]): Promise<readonly Guid[]>;
  /** Files that are not on the disk: `quarantined` where the vault holds one, else `gone`. Unknown GUIDs are fine. */
  markGone(guids: readonly Guid[]): Promise<void>;
  /** Unknown GUIDs are fine. */
  setState(guids: readonly Guid[], state: FileState): Promise<void>;
  /** `quarantined` files of which no vault holds anything any more are `gone`. */
  releaseQuarantined(guids: readonly Guid[]): Promise<void>;
  /** As `markGone`, every present file of the endpoint that is not among `keep`: after a whole inventory. */
  retainOnly(endpointId: EndpointId, keep: readonly Guid[]): Promise<void>;
}
