import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileSystem } from './file-system.ts';

/** Harmless files for a first try. */
const samples: Readonly<Record<string, string>> = {
  'report.txt': 'Quarterly report. Nothing in here is real: fetch it, quarantine it, restore it.\n',
  'invoice.txt': 'Invoice 0001. Nothing in here is real either.\n',
  'hello.sh': '#!/bin/sh\necho "Hello from a quarantined file? Then something is wrong."\n',
};

/** Fills an empty sample directory; one that exists is left as it is, for its files may be in the vault. */
export async function makeSampleFiles(directory: string): Promise<void> {
  if ((await fileSystem.list(directory)).length > 0) {
    return;
  }
  await fileSystem.makeDirectory(directory);
  for (const [name, text] of Object.entries(samples)) {
    await writeFile(join(directory, name), text, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
  }
}
