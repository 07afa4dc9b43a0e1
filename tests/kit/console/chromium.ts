import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** The browser of the system, as administrators have it; none is downloaded. */
const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** @throws Error where the system has none, with what to install. */
function systemChromium(): string {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  const found = directories.flatMap((directory) => names.map((name) => join(directory, name))).find(canRun);
  if (found === undefined) {
    throw new Error('The console is tried in Chromium, which is not installed: apt-get install chromium.');
  }
  return found;
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Chromium's own sandbox needs a user other than root; nothing but this server's pages is opened in it. */
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: systemChromium(), args: [...asRoot, '--disable-dev-shm-usage'] });
}
