import { expect, test } from 'bun:test';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Metadata } from '#agent/vault/metadata.ts';
import { seal } from './sealed-object.ts';
import { pathOf, sha256Of, type VaultWorld, vaultWorld } from './vault-world.ts';

const programs = ['age', 'jq', 'setfattr', 'getfattr', 'setfacl', 'setcap', 'chattr', 'fallocate'];
const missing = programs.filter((program) => Bun.which(program) === null);
const whyNot = [
  ...(process.geteuid?.() === 0 ? [] : ['only root gives files away']),
  ...(missing.length === 0 ? [] : [`${missing.join(', ')} not installed`]),
].join('; ');
const words = whyNot === '' ? '' : ` (skipped: ${whyNot})`;

const document = readFileSync(path.join(import.meta.dir, '../../docs/recovery.md'), 'utf8');

/** The document's own commands, all of them, in their order. */
const commands = [...document.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, text]) => text).join('\n');

/** What somebody has on the desk who holds an object, the recovery identity and the document. */
async function prepare(world: VaultWorld, content: Buffer, facts: Partial<Metadata>): Promise<string> {
  const desk = path.join(world.base, 'desk');
  mkdirSync(desk);
  const { file } = await seal(content, { directory: world.base, keys: world.room.keys, facts });
  copyFileSync(file, path.join(desk, 'object.age'));
  writeFileSync(path.join(desk, 'recovery-identity.txt'), `# a comment\n${world.recoveryIdentity}\n`);
  return desk;
}

function run(desk: string): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync('bash', { cwd: desk, input: commands, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

/** As `getfattr` shows it: base64. */
function attributeOf(file: string, name: string): string {
  const shown = execFileSync('getfattr', ['--absolute-names', '--encoding=base64', '--name', name, file]).toString();
  return /=0s(\S+)/.exec(shown)?.[1] ?? '';
}

/** A file with all that a file can have, made by the system's own programs. */
function decorated(world: VaultWorld): { readonly file: string; readonly names: readonly string[] } {
  const file = path.join(world.files, 'decorated');
  writeFileSync(file, '');
  chmodSync(file, 0o4751);
  execFileSync('setfattr', ['--name=user.note', '--value=0sAP8KPQ==', file]);
  execFileSync('setfacl', ['--modify=user:1234:r', file]);
  execFileSync('setcap', ['cap_net_raw+ep', file]);
  return { file, names: ['user.note', 'system.posix_acl_access', 'security.capability'] };
}

test.skipIf(whyNot !== '')(
  `the commands of the recovery document bring a file back with all that it had${words}`,
  async () => {
    using world = await vaultWorld();
    const { file: model, names } = decorated(world);
    const attributes = names.map((name) => ({ name, value: Buffer.from(attributeOf(model, name), 'base64') }));
    const name = Buffer.concat([
      Buffer.from(`${world.files}/-rf \n`),
      Buffer.from([0xff, 0xfe]),
      Buffer.from("'$(x)\n"),
    ]);
    const content = Buffer.concat([randomBytes(300_000), Buffer.alloc(4_000_000), randomBytes(5)]);
    const desk = await prepare(world, content, {
      path: pathOf(name),
      ...{ mode: 0o4751, uid: 1_234, gid: 4_321, sparse: true, flags: 0x40 | 0x80, attributes },
      ...{ accessedNs: '1700000000000000001', modifiedNs: '-5300000000' },
    });
    expect(run(desk)).toMatchObject({ status: 0 });
    const stats = lstatSync(name, { bigint: true });
    expect([stats.mode & 0o7777n, stats.uid, stats.gid]).toEqual([0o4751n, 1_234n, 4_321n]);
    expect([stats.atimeNs, stats.mtimeNs]).toEqual([1_700_000_000_000_000_001n, -5_300_000_000n]);
    expect(Number(stats.blocks) * 512).toBeLessThan(1_000_000);
    const plain = path.join(world.files, 'plain');
    renameSync(name, plain);
    expect(names.map((each) => attributeOf(plain, each))).toEqual(names.map((each) => attributeOf(model, each)));
    expect(execFileSync('lsattr', [plain]).toString()).toMatch(/^\S*d\S*A\S* /);
    expect(readFileSync(plain).equals(content)).toBe(true);
    expect(existsSync(path.join(desk, 'recovered/plaintext'))).toBe(false);
  },
);

test.skipIf(whyNot !== '')(
  `the commands stop at a damaged object, at another file than was recorded, and at a name that is taken${words}`,
  async () => {
    const content = randomBytes(200_000);
    for (const [wrong, complaint] of [
      ['damaged', 'failed to decrypt'],
      ['another', 'FAILED'],
      ['taken', ''],
    ] as const) {
      using world = await vaultWorld();
      const place = path.join(world.files, 'place');
      const facts = wrong === 'another' ? { sha256: sha256Of('something else') } : {};
      const desk = await prepare(world, content, { path: pathOf(place), ...facts });
      if (wrong === 'damaged') {
        const object = readFileSync(path.join(desk, 'object.age'));
        object[object.length - 1] = (object.at(-1) ?? 0) ^ 1;
        writeFileSync(path.join(desk, 'object.age'), object);
      }
      if (wrong === 'taken') {
        writeFileSync(place, 'an occupant');
      }
      const { status, said } = run(desk);
      expect(status).not.toBe(0);
      expect(said).toContain(complaint);
      expect(existsSync(place) ? readFileSync(place, 'utf8') : undefined).toBe(
        wrong === 'taken' ? 'an occupant' : undefined,
      );
    }
  },
);
