import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { writeBillOfMaterials } from './bill-of-materials.ts';
import { run } from './run.ts';
import { allBytes } from './tree-size.ts';

const root = join(import.meta.dirname, '..');
const packaging = join(root, 'packaging');
const version = await readVersion();
const program = '/usr/lib/custody/custody';
const data = '/var/lib/custody-agent';
/** What goes into archives as their time, so that the same program makes the same package. */
const environment = { SOURCE_DATE_EPOCH: '1700000000' };

/** What each package manager calls a processor. */
const architectures = {
  'linux-x64': { deb: 'amd64', rpm: 'x86_64' },
  'linux-arm64': { deb: 'arm64', rpm: 'aarch64' },
} as const;

type Target = keyof typeof architectures;

interface Packing {
  readonly target: Target;
  /** The machine's files, as they will lie there. */
  readonly tree: string;
  readonly scratch: string;
  readonly out: string;
}

const usage = `usage: npm run package [-- [--executables DIR] [--out DIR] [TARGET...]]

  Makes a Debian and an RPM package of the agent from each executable that "npm run build" has made, and a bill of materials.
  TARGET         one of ${Object.keys(architectures).join(', ')}; default: all
  --executables  default: dist
  --out          default: dist`;

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    executables: { type: 'string', default: join(root, 'dist') },
    out: { type: 'string', default: join(root, 'dist') },
  },
});
const out = resolve(values.out);
await mkdir(out, { recursive: true });
const bill = await writeBillOfMaterials(out);
for (const target of chosenTargets()) {
  await packageTarget(target);
}

async function readVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return z.object({ version: z.string() }).parse(manifest).version;
}

function chosenTargets(): readonly Target[] {
  const unknown = positionals.find((word) => !isTarget(word));
  if (unknown !== undefined) {
    throw new Error(`There is no package for ${unknown}.\n${usage}`);
  }
  const named = positionals.filter(isTarget);
  return named.length > 0 ? named : Object.keys(architectures).filter(isTarget);
}

function isTarget(word: string): word is Target {
  return Object.hasOwn(architectures, word);
}

async function packageTarget(target: Target): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'custody-package-'));
  try {
    const tree = join(scratch, 'tree');
    await stage(tree, join(resolve(values.executables), `custody-${target}`));
    const packing = { target, tree, scratch, out };
    await buildRpm(packing);
    await buildDeb(packing);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function stage(tree: string, executable: string): Promise<void> {
  const doc = join(tree, 'usr/share/doc/custody-agent');
  const units = join(tree, 'usr/lib/systemd/system');
  for (const directory of ['usr/bin', 'usr/lib/custody', 'etc/custody'].map((each) => join(tree, each))) {
    await mkdir(directory, { recursive: true });
  }
  await mkdir(join(doc, 'examples'), { recursive: true });
  await mkdir(units, { recursive: true });
  await mkdir(join(tree, data), { recursive: true, mode: 0o700 });
  await cp(executable, join(tree, program));
  await symlink('../lib/custody/custody', join(tree, 'usr/bin/custody'));
  await cp(join(packaging, 'custody-agent.service'), join(units, 'custody-agent.service'));
  await cp(join(packaging, 'agent-policy.toml'), join(doc, 'examples', 'agent-policy.toml'));
  await cp(join(root, 'docs', 'agent.md'), join(doc, 'agent.md'));
  await cp(join(root, 'docs', 'recovery.md'), join(doc, 'recovery.md'));
  await cp(join(root, 'LICENSE'), join(doc, 'copyright'));
  await cp(bill, join(doc, 'sbom.cdx.json'));
  await run('chmod', ['-R', 'u=rwX,go=rX', tree], { directory: root });
  await chmod(join(tree, data), 0o700);
}

async function buildDeb({ target, tree, out: directory }: Packing): Promise<void> {
  const control = join(tree, 'DEBIAN');
  const size = Math.ceil((await allBytes(tree)) / 1024);
  await mkdir(control, { mode: 0o755 });
  await chmod(control, 0o755);
  const facts = { version, architecture: architectures[target].deb, size: String(size) };
  await writeFile(join(control, 'control'), await filled(join(packaging, 'debian', 'control'), facts));
  for (const name of ['postinst', 'prerm', 'postrm']) {
    await cp(join(packaging, 'debian', name), join(control, name));
    await chmod(join(control, name), 0o755);
  }
  const file = join(directory, `custody-agent_${version}_${architectures[target].deb}.deb`);
  await run('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z3', '--build', tree, file], {
    directory: root,
    environment,
  });
}

async function buildRpm({ target, tree, scratch, out: directory }: Packing): Promise<void> {
  const spec = join(scratch, 'custody-agent.spec');
  await writeFile(spec, await filled(join(packaging, 'rpm', 'custody-agent.spec'), { version, tree }));
  const definitions = [
    `_topdir ${join(scratch, 'rpm')}`,
    `_rpmdir ${directory}`,
    '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm',
    '_buildhost localhost',
    'use_source_date_epoch_as_buildtime 1',
    'clamp_mtime_to_source_date_epoch 1',
  ];
  const defined = definitions.flatMap((each) => ['--define', each]);
  const words = ['--quiet', '-bb', '--target', `${architectures[target].rpm}-linux`, ...defined, spec];
  await run('rpmbuild', words, { directory: root, environment });
}

/** A template with its `@name@` filled in. */
async function filled(file: string, facts: Readonly<Record<string, string>>): Promise<string> {
  const text = await readFile(file, 'utf8');
  return text.replace(/@(\w+)@/g, (_, name: string) => {
    const value = facts[name];
    if (value === undefined) {
      throw new Error(`${file} asks for "${name}", which is not known.`);
    }
    return value;
  });
}
