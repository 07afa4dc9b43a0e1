import { expect, test } from 'bun:test';
import fs from 'node:fs';
import { isSystemCritical } from '#agent/platform/linux/critical.ts';
import { handleFacts } from '#agent/platform/linux/node.ts';
import type { Handle } from '#agent/platform/platform.ts';
import { readAccounts } from '#agent/platform/user-names.ts';

/** The facts of a file that is none of the machine's own. */
function plainFacts() {
  const handle = fs.openSync(import.meta.path, 'r') as Handle;
  try {
    return handleFacts(handle);
  } finally {
    fs.closeSync(handle);
  }
}

test.each([
  ['/etc/passwd', true],
  ['/etc/shadow', true],
  ['/etc/group', true],
  ['/etc/gshadow', true],
  ['/boot/vmlinuz-6.1.0', true],
  ['/usr/lib/modules/6.1.0/kernel/fs/ext4.ko', true],
  ['/lib/ld-musl-x86_64.so.1', true],
  ['/usr/lib/x86_64-linux-gnu/libc.so.6', true],
  // A favourite of malware, and no machine needs it.
  ['/etc/ld.so.preload', false],
  ['/etc/passwd-', false],
  ['/srv/etc/passwd', false],
  ['/srv/libc.so.6', false],
])('%s is critical: %p', (path, critical) => {
  expect(isSystemCritical(Buffer.from(path), plainFacts())).toBe(critical);
});

test('a machine without a list of accounts is no reason for an agent to fail', () => {
  expect(readAccounts('/nonexistent/passwd')).toBe('');
});
