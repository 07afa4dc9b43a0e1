import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { BuildTarget } from './build-targets.ts';
import { run } from './run.ts';

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), integrity: z.string().optional() })),
});

/**
 * Another platform's Bun, from the npm registry. It goes into executables that run as root, so it is taken only if its
 * bytes are those that the lock file names.
 * @returns the path of the program, kept for the next build.
 */
export async function platformBun(target: BuildTarget, root: string): Promise<string> {
  const { version, integrity } = await lockedPackage(target, root);
  const home = join(
    root,
    'node_modules',
    '.cache',
    'custody-build',
    `${target.package.replaceAll('/', '-')}-${version}`,
  );
  const program = join(home, 'package', ...target.program.split('/'));
  const complete = await readdir(home).catch(() => undefined);
  if (complete === undefined) {
    await fetchPackage({ name: `${target.package}@${version}`, integrity, home, root });
    await chmod(program, 0o755);
  }
  return program;
}

async function lockedPackage(target: BuildTarget, root: string): Promise<{ version: string; integrity: string }> {
  const lock = lockSchema.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  const { version, integrity } = lock.packages[`node_modules/${target.package}`] ?? {};
  if (version === undefined || integrity === undefined) {
    throw new Error(`package-lock.json has no ${target.package} with an integrity to check it by.`);
  }
  return { version, integrity };
}

async function fetchPackage(wanted: { name: string; integrity: string; home: string; root: string }): Promise<void> {
  const incoming = `${wanted.home}.incoming`;
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true });
  try {
    await run('npm', ['pack', '--silent', '--pack-destination', incoming, wanted.name], { directory: wanted.root });
    const [archive] = await readdir(incoming);
    if (archive === undefined) {
      throw new Error(`npm fetched nothing for ${wanted.name}.`);
    }
    await checkIntegrity(join(incoming, archive), wanted);
    await run('tar', ['-xzf', archive], { directory: incoming });
    await rm(join(incoming, archive));
    await rename(incoming, wanted.home);
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
}

async function checkIntegrity(file: string, wanted: { name: string; integrity: string }): Promise<void> {
  const digest = createHash('sha512')
    .update(await readFile(file))
    .digest('base64');
  if (wanted.integrity !== `sha512-${digest}`) {
    throw new Error(`${wanted.name} from the registry is not the package that package-lock.json names.`);
  }
}
