import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPolicy, ruleAgainst } from '#agent/policy/policy.ts';
import { PolicyKeeper } from '#agent/policy/policy-keeper.ts';
import { parsePolicy } from '#agent/policy/policy-text.ts';
import { readPolicy } from '#agent/policy/read-policy.ts';
import { parsePath } from '#core/file/file-path.ts';

const sample = `
vault_quota = "20 GiB"
upload_rate = 1_000_000
largest_fetch = "1 MiB"
largest_quarantine = "2MiB"

[[deny]]
name = "private-keys"
verbs = ["fetch", "search"]
paths = ["/etc/ssl/private/**", "/home/*/.ssh/id_*"]

[[deny]]
name = "no-purge"
verbs = ["purge"]

[[deny]]
name = "hands-off"
paths = ["/srv/db/**"]
`;

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'custody-policy-'));
  file = join(directory, 'agent-policy.toml');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('A policy', () => {
  const policy = parsePolicy(sample);

  test('has its sizes in bytes and null for what it does not limit', () => {
    expect(policy).toMatchObject({
      vaultQuotaBytes: 20 * 2 ** 30,
      uploadBytesPerSecond: 1_000_000,
      largestFetchBytes: 2 ** 20,
      largestQuarantineBytes: 2 ** 21,
    });
    expect(parsePolicy('')).toEqual(openPolicy);
  });

  test('denies a path to the verbs of the rule, and names the rule', () => {
    const path = parsePath('/home/ann/.ssh/id_ed25519');
    expect(ruleAgainst(policy, { verb: 'fetch', path })).toBe('private-keys');
    expect(ruleAgainst(policy, { verb: 'quarantine', path })).toBeUndefined();
    expect(ruleAgainst(policy, { verb: 'fetch', path: parsePath('/home/ann/.ssh/known_hosts') })).toBeUndefined();
  });

  test('that denies restores denies whatever puts files back, and has no other name for it', () => {
    const stays = parsePolicy('[[deny]]\nname = "stays"\nverbs = ["restore"]\n');
    expect(ruleAgainst(stays, { verb: 'undo', path: null })).toBe('stays');
    expect(ruleAgainst(stays, { verb: 'purge', path: null })).toBeUndefined();
    expect(() => parsePolicy('[[deny]]\nname = "stays"\nverbs = ["undo"]\n')).toThrow('deny 1, verbs 1');
  });

  test('denies a verb whatever the path, and a path whatever the verb', () => {
    expect(ruleAgainst(policy, { verb: 'purge', path: null })).toBe('no-purge');
    expect(ruleAgainst(policy, { verb: 'restore', path: parsePath('/srv/db/a') })).toBe('hands-off');
    expect(ruleAgainst(policy, { verb: 'restore', path: null })).toBeUndefined();
  });

  test('denies what is larger than a cap, by the name of its key', () => {
    const path = parsePath('/a');
    expect(ruleAgainst(policy, { verb: 'fetch', path, size: 2 ** 20 })).toBeUndefined();
    expect(ruleAgainst(policy, { verb: 'fetch', path, size: 2 ** 20 + 1 })).toBe('largest_fetch');
    expect(ruleAgainst(policy, { verb: 'quarantine', path, size: 2 ** 22 })).toBe('largest_quarantine');
  });

  test('denies names that are no text by their display form', () => {
    const rules = parsePolicy('[[deny]]\nname = "odd"\npaths = ["/tmp/\\\\xff*"]').rules;
    const path = parsePath('/tmp/\\xff\\xfe');
    expect(ruleAgainst({ ...openPolicy, rules }, { verb: 'fetch', path })).toBe('odd');
  });

  test('travels to a child as plain data and denies the same there', () => {
    const travelled = structuredClone(policy);
    expect(ruleAgainst(travelled, { verb: 'fetch', path: parsePath('/etc/ssl/private/a/b') })).toBe('private-keys');
  });
});

describe('The text of a policy', () => {
  test.each([
    ['no TOML', 'vault_quota = ', 'no TOML'],
    ['a key that there is not', 'largest_fech = 1', 'largest_fech'],
    ['a size without sense', 'largest_fetch = "1 GB"', 'largest_fetch'],
    ['a negative size', 'vault_quota = -1', 'vault_quota'],
    ['a rate of nothing', 'upload_rate = 0', 'more than 0'],
    ['a verb that there is not', '[[deny]]\nname = "a"\nverbs = ["delete"]', 'deny 1, verbs 1: '],
    ['a rule without a name', '[[deny]]\nverbs = ["fetch"]', 'deny 1, name: '],
    ['a rule that denies nothing', '[[deny]]\nname = "a"', 'verbs, or paths'],
    ['a glob that matches no absolute path', '[[deny]]\nname = "a"\npaths = ["*.key"]', 'begin with /'],
    ['no glob', '[[deny]]\nname = "a"\npaths = ["/[a"]', 'no glob'],
    ['a name of the program’s own', '[[deny]]\nname = "largest_fetch"\nverbs = ["fetch"]', 'taken'],
  ])('is refused with %s, in words that name it', (_, text, words) => {
    expect(() => parsePolicy(text)).toThrow(words);
  });

  test('is good as the packaged example, also with every line of it in force', () => {
    const example = readFileSync(join(import.meta.dirname, '../../packaging/agent-policy.toml'), 'utf8');
    expect(parsePolicy(example)).toEqual(openPolicy);
    const inForce = example.replace(/^# (?=[a-z_]+ = |\[\[deny)/gm, '');
    expect(parsePolicy(inForce).rules.map(({ name }) => name)).toEqual([
      'private-keys',
      'database-stays',
      'nothing-is-deleted-for-good',
    ]);
  });
});

describe.skipIf(process.geteuid?.() !== 0)('The file of a policy', () => {
  const read = () => readPolicy({ file, required: true });

  test('is read where root alone may write it', () => {
    writeFileSync(file, sample, { mode: 0o644 });
    expect(read().rules).toHaveLength(3);
  });

  test('need not be there, unless somebody named it', () => {
    expect(readPolicy({ file, required: false })).toEqual(openPolicy);
    expect(read).toThrow('no such file');
  });

  const unsafe: readonly (readonly [string, () => void, string])[] = [
    ['is writable by its group', () => chmodSync(file, 0o664), 'may write'],
    ['is writable by others', () => chmodSync(file, 0o646), 'may write'],
    ['belongs to somebody else', () => chownSync(file, 65_534, 0), 'belongs to user 65534'],
    ['lies in a directory that others may write', () => chmodSync(directory, 0o777), 'may write'],
    ['lies in a directory of somebody else', () => chownSync(directory, 65_534, 0), 'belongs to user 65534'],
    ['is a link', () => (rmSync(file), symlinkSync('/etc/hostname', file)), 'no regular file'],
    ['is a directory', () => (rmSync(file), mkdirSync(file)), 'no regular file'],
    ['is no text', () => writeFileSync(file, Uint8Array.of(0x23, 0xff)), 'cannot be followed'],
    ['is larger than any policy', () => writeFileSync(file, '#'.repeat(2 ** 20 + 1)), 'larger'],
  ];

  test.each(unsafe)('is not followed when it %s', (_, spoil, words) => {
    writeFileSync(file, sample, { mode: 0o644 });
    spoil();
    expect(() => readPolicy({ file, required: false })).toThrow(words);
  });

  test('is not followed when the way to it leads through a link', () => {
    writeFileSync(file, sample, { mode: 0o644 });
    symlinkSync(directory, `${directory}-link`);
    const through = join(`${directory}-link`, 'agent-policy.toml');
    try {
      expect(() => readPolicy({ file: through, required: false })).toThrow('link');
    } finally {
      rmSync(`${directory}-link`);
    }
  });

  test('is not "no policy" when its directory could be emptied by others', () => {
    chmodSync(directory, 0o777);
    expect(() => readPolicy({ file, required: false })).toThrow('may write');
  });

  test('is read again when it changes, and what is wrong is told once', () => {
    const said: string[] = [];
    const note = (message: string) => void said.push(message);
    const log = { debug: note, info: note, warn: note, error: note };
    const keeper = new PolicyKeeper({ file, required: false }, log);
    expect(keeper.state().ok).toBe(true);
    writeFileSync(file, 'nonsense', { mode: 0o644 });
    expect([keeper.state().ok, keeper.state().ok]).toEqual([false, false]);
    expect(keeper.limitations[0]).toContain('refuses every order');
    writeFileSync(file, sample);
    expect(keeper.state().ok).toBe(true);
    expect(keeper.limitations).toEqual([]);
    expect(said).toHaveLength(3);
  });
});
