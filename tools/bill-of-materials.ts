import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');
const mostBytes = 64 * 1024 * 1024;
/** As in the packages: the same program makes the same bill. */
const madeAt = new Date(1_700_000_000_000).toISOString();

const manifestSchema = z.object({ name: z.string(), version: z.string() });
const componentSchema = z.looseObject({
  'bom-ref': z.string(),
  properties: z.array(z.object({ name: z.string(), value: z.string() })),
});
const billSchema = z.looseObject({
  serialNumber: z.string(),
  metadata: z.looseObject({ timestamp: z.string(), component: z.looseObject({ name: z.string() }) }),
  components: z.array(componentSchema),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

/**
 * Writes `custody-VERSION.cdx.json`, CycloneDX as `npm sbom` makes it from the lockfile: every package that is shipped, with its
 * licence and the hash that `npm ci` demands of it. What npm takes from the moment and the directory is set, so that a bill can be
 * compared with another one.
 * @returns the file.
 */
export async function writeBillOfMaterials(directory: string): Promise<string> {
  const { name, version } = manifestSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const words = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
  const { stdout } = await promisify(execFile)('npm', words, { cwd: root, maxBuffer: mostBytes });
  const bill = shipped(billSchema.parse(JSON.parse(stdout)));
  bill.metadata.component.name = name;
  bill.metadata.timestamp = madeAt;
  bill.serialNumber = `urn:uuid:${uuidOf(JSON.stringify(bill.components))}`;
  const file = join(directory, `custody-${version}.cdx.json`);
  await writeFile(file, `${JSON.stringify(bill, null, 2)}\n`);
  return file;
}

/** npm's own `--omit=dev` leaves out what is shipped where something for development needs it too. */
function shipped(bill: z.infer<typeof billSchema>): z.infer<typeof billSchema> {
  const components = bill.components.filter(
    ({ properties }) => !properties.some(({ name }) => name === 'cdx:npm:package:development'),
  );
  const refs = new Set(components.map((each) => each['bom-ref']));
  const dependencies = bill.dependencies
    .filter(({ ref }) => refs.has(ref) || !bill.components.some((each) => each['bom-ref'] === ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) }));
  return { ...bill, components, dependencies };
}

/** RFC 9562, version 8: by a hash. */
function uuidOf(text: string): string {
  const digits = createHash('sha256').update(text).digest('hex');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}
