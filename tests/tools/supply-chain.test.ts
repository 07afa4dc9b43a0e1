import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout, runProgram } from '#kit/program.ts';

type Versions = Readonly<Record<string, string>>;

interface Manifest {
  readonly version: string;
  readonly dependencies: Versions;
  readonly devDependencies: Versions;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
  readonly dev?: boolean;
}

function read<Content>(name: string): Content {
  return JSON.parse(readFileSync(join(checkout, name), 'utf8')) as Content;
}

const manifest = read<Manifest>('package.json');
const { packages } = read<{ readonly packages: Readonly<Record<string, Locked>> }>('package-lock.json');
const locked = Object.entries(packages).filter(([place]) => place !== '');
const named = (isBad: (each: Locked) => boolean) => locked.filter(([, each]) => isBad(each)).map(([place]) => place);

describe('What is installed', () => {
  test('is named by exact versions', () => {
    const asked = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    const exact = /^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/;
    expect(asked.filter(([, version]) => !exact.test(version))).toEqual([]);
    expect(named(({ version }) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version ?? ''))).toEqual([]);
  });

  test('comes from a registry, with a hash that must be right', () => {
    expect(named(({ integrity }) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))).toEqual([]);
    expect(named(({ link }) => link === true)).toEqual([]);
    // Left out, the registry of whoever installs it is asked.
    const elsewhere = ({ resolved = 'https://registry.npmjs.org/' }: Locked) =>
      !resolved.startsWith('https://registry.npmjs.org/');
    expect(named(elsewhere)).toEqual([]);
  });

  test('runs no script of its own but that of Bun', () => {
    expect(named(({ hasInstallScript }) => hasInstallScript === true)).toEqual(['node_modules/bun']);
    expect(manifest.allowScripts).toEqual({ bun: true });
  });
});

test('The agent loads these packages and no others', async () => {
  const { metafile } = await Bun.build({
    ...{ root: checkout, target: 'bun', metafile: true },
    entrypoints: ['agent/main.ts', 'agent/child/entry.ts', 'cli/commands/agent.ts'].map((name) =>
      join(checkout, 'src', name),
    ),
  });
  const loaded = Object.keys(metafile?.inputs ?? {}).flatMap(
    (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
  );
  expect([...new Set(loaded)].toSorted()).toEqual([
    ...['@msgpack/msgpack', '@noble/curves', '@noble/hashes', '@noble/post-quantum', '@scure/base'],
    ...['age-encryption', 'commander', 'smol-toml', 'zod'],
  ]);
});

describe('The bill of materials', () => {
  const directory = mkdtempSync(join(tmpdir(), 'custody-sbom-'));
  let text: string;

  async function write(): Promise<string> {
    const words = [join(checkout, 'bin/bun'), join(checkout, 'tools/sbom.ts'), '--out', directory] as const;
    const { code, out, err } = await runProgram([...words], { environment: { HOME: directory } });
    expect([code, err]).toEqual([0, '']);
    return readFileSync(out.trim(), 'utf8');
  }

  beforeAll(async () => {
    text = await write();
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  interface Bill {
    readonly bomFormat: string;
    readonly specVersion: string;
    readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
    readonly components: readonly {
      readonly name: string;
      readonly version: string;
      readonly hashes: readonly { readonly alg: string; readonly content: string }[];
    }[];
  }

  test('is CycloneDX and has every package that is shipped, with its hash', () => {
    const bill = JSON.parse(text) as Bill;
    expect([bill.bomFormat, bill.specVersion]).toEqual(['CycloneDX', '1.5']);
    expect(bill.metadata.component).toMatchObject({ name: 'custody', version: manifest.version });
    const shipped = locked.filter(([, { dev }]) => dev !== true);
    const listed = new Map(
      bill.components.map(({ name, version, hashes }) => [`${name}@${version}`, hashes[0]?.content]),
    );
    for (const [place, { version, integrity = '' }] of shipped) {
      const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const hash = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
      expect([place, listed.get(`${name}@${version}`)]).toEqual([place, hash]);
    }
    expect(listed.size).toBe(new Set(shipped.map(([place, { version }]) => `${place}@${version}`)).size);
  });

  test('is the same each time, and says nothing of the machine that made it', async () => {
    expect(await write()).toBe(text);
    expect(text).not.toContain(checkout);
    expect(text).not.toContain(directory);
  });
});
