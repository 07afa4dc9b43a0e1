import fs from 'node:fs';
import path from 'node:path';
import { Fault } from '#core/fault.ts';
import { demandOwnedByRoot, demandOwnFile } from './owned-by-root.ts';
import { type EndpointPolicy, openPolicy } from './policy.ts';
import { parsePolicy } from './policy-text.ts';

/** Where a policy is looked for when nobody says otherwise: no link on the way there. */
const usualPolicyFiles: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: '/Library/Application Support/Custody/agent-policy.toml',
  win32: 'C:\\ProgramData\\Custody\\agent-policy.toml',
};

const longestPolicy = 2 ** 20;

/** A file that somebody named must be there; the usual one need not be. */
export function policyPlace(named: string | undefined): PolicyPlace {
  const usual = usualPolicyFiles[process.platform] ?? '/etc/custody/agent-policy.toml';
  return { file: path.resolve(named ?? usual), required: named !== undefined };
}

export interface PolicyPlace {
  readonly file: string;
  /** Somebody named this file: then it must be there. */
  readonly required: boolean;
}

/**
 * Reads the policy of this endpoint. Whoever can write the file or a directory above it could lift the policy, so only
 * root may, and the agent's own user where that is not root.
 * @returns the open policy where there is no file and none is required.
 * @throws Fault `invalid_request` for a file that is there but unsafe or wrong: then nothing may be done at all.
 */
export function readPolicy({ file, required }: PolicyPlace): EndpointPolicy {
  try {
    if (demandOwnedByRoot(file)) {
      return parsePolicy(readText(file));
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('invalid_request', `The policy ${file} cannot be followed: ${why.replace(/\.$/, '')}.`, { cause });
  }
  if (required) {
    throw new Fault('invalid_request', `The policy ${file} cannot be followed: there is no such file.`);
  }
  return openPolicy;
}

function readText(file: string): string {
  const handle = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
  try {
    const facts = fs.fstatSync(handle);
    demandOwnFile(file, facts);
    if (facts.size > longestPolicy) {
      throw new Fault('invalid_request', `it is larger than ${longestPolicy} bytes`);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(fs.readFileSync(handle));
  } finally {
    fs.closeSync(handle);
  }
}
