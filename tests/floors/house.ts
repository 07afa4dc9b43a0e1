import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const root = join(import.meta.dirname, '..', '..');

/** What is checked by: the project's own files, so that the test tries the very rules that `npm run check` applies. */
const rules = ['.dependency-cruiser.mjs', '.gitignore', 'biome.json', 'package.json', 'tools', 'tsconfig.json'];

const cruiser = 'dependency-cruiser/bin/dependency-cruise.mjs';
const checked = ['src', 'tests', 'bench', 'tools'];

const reportSchema = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })),
    ruleSetUsed: z.object({ forbidden: z.array(z.object({ name: z.string() })) }),
  }),
});

export interface Cruise {
  /** How many modules were read. */
  readonly cruised: number;
  readonly rules: readonly string[];
  /** The names of the rules that each file breaks. */
  readonly found: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Answer {
  readonly code: number;
  readonly text: string;
}

/** A source tree of its own, checked by this project's rules; removed when its scope ends. */
export class House implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async build(files: Readonly<Record<string, string>>): Promise<House> {
    const house = new House(await mkdtemp(join(tmpdir(), 'custody-floors-')));
    for (const name of rules) {
      await cp(join(root, name), join(house.directory, name), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(house.directory, 'node_modules'));
    for (const [path, source] of Object.entries(files)) {
      await mkdir(dirname(join(house.directory, path)), { recursive: true });
      await writeFile(join(house.directory, path), source);
    }
    return house;
  }

  /** Runs dependency-cruiser just as `npm run check` does. */
  async check(): Promise<Answer> {
    return this.#run(cruiser, checked);
  }

  async cruise(): Promise<Cruise> {
    const { text } = await this.#run(cruiser, ['--output-type', 'json', ...checked]);
    const { summary } = reportSchema.parse(JSON.parse(text));
    const byFile = [...Map.groupBy(summary.violations, ({ from }) => from)];
    return {
      cruised: summary.totalCruised,
      rules: summary.ruleSetUsed.forbidden.map(({ name }) => name),
      found: new Map(byFile.map(([from, all]) => [from, new Set(all.map(({ rule }) => rule.name))])),
    };
  }

  /** Runs Biome's linter over one file. */
  lint(path: string): Promise<Answer> {
    return this.#run('@biomejs/biome/bin/biome', ['lint', '--max-diagnostics=100', path]);
  }

  /** Under Node, as npm runs them. */
  #run(tool: string, words: readonly string[]): Promise<Answer> {
    const parameters = [join(root, 'node_modules', tool), ...words];
    return new Promise((resolve) => {
      const child = execFile('node', parameters, { cwd: this.directory, maxBuffer: 2 ** 26 }, (_, output, words) =>
        resolve({ code: child.exitCode ?? 128, text: output + words }),
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
