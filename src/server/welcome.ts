import { typedCommand } from './program.ts';
import type { RunningServer } from './start-server.ts';

/** What a person reads who has just started a server; the password is shown this once and kept nowhere. */
export function welcome(server: RunningServer, { withSamples }: { readonly withSamples: boolean }): string {
  const { publicUrl, administrator, directory } = server;
  const lines = ['', `  Custody answers at ${publicUrl}`, `  Its console is at ${publicUrl}/console/`, ''];
  if (administrator !== undefined) {
    lines.push(`  First user      ${administrator.email}`);
    lines.push(`  First password  ${administrator.generatedPassword ?? 'the one from CUSTODY_ADMIN_PASSWORD'}`);
    lines.push('', '  The password is shown this once. Keep it.');
    lines.push(
      `  Move ${directory.recoveryIdentity} off this machine: it opens quarantined files when a machine is lost.`,
      '',
    );
  }
  const custody = typedCommand();
  const data = `--data ${directory.root}`;
  lines.push(
    '  Try it, in another terminal:',
    ...(withSamples
      ? [
          `    ${custody} endpoints list ${data}`,
          `    ${custody} file find report.txt ${data}`,
          `    ${custody} quarantine --path ${directory.sample}/report.txt --all --wait ${data}`,
          `    ${custody} restore --path ${directory.sample}/report.txt --wait ${data}`,
        ]
      : [`    ${custody} tokens create ${data}`, `    ${custody} endpoint list ${data}`]),
    '',
    '  Ctrl-C stops it.',
    '',
  );
  return lines.join('\n');
}
