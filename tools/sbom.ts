import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBillOfMaterials } from './bill-of-materials.ts';

const usage = `usage: npm run sbom [-- [--out DIR]]

  Writes a CycloneDX bill of materials of what Custody ships, made by npm from package-lock.json.
  --out  default: dist`;

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: { out: { type: 'string', default: join(import.meta.dirname, '..', 'dist') } },
});
if (positionals.length > 0) {
  throw new Error(usage);
}
const out = resolve(values.out);
await mkdir(out, { recursive: true });
process.stdout.write(`${await writeBillOfMaterials(out)}\n`);
