import { expect, test } from 'bun:test';
import { mostRows, writeCustodyReport } from '#core/bundle/custody-report.ts';
import type { BundledEndpoint, Manifest } from '#core/bundle/manifest.ts';
import { sha256Of } from '#kit/fleet.ts';

/** Of one content that was fetched from so many endpoints. */
function reportOf(count: number): string {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const sources = numbers.map((number) => ({
    ...{ actionId: '1', taskId: `t${number}`, ordinal: 0, endpointId: `e${number}`, hostName: null },
    path: `/srv/${number}`,
  }));
  const manifest: Manifest = {
    ...{ format: 'custody-bundle-1', subject: { kind: 'incident', id: '7', name: 'incident 7' } },
    ...{ exportedAt: '2026-11-22T12:00:00.000Z', exportedBy: 'ana (user)', reason: null, server: 'custody' },
    counts: { actions: 1, events: count, reports: count, endpoints: count },
    evidence: [{ sha256: sha256Of(new Uint8Array([1])), size: 1, absent: null, sources }],
  };
  const endpoints = numbers.map(
    (number): BundledEndpoint => ({
      ...{ id: `e${number}`, number, hostName: `host-${number}`, platform: 'linux', operatingSystem: 'Linux' },
      ...{ agentVersion: '0.1.0', enrolledAt: '2026-11-22T12:00:00.000Z', publicKey: '' },
    }),
  );
  return writeCustodyReport({ manifest, endpoints, events: [] });
}

test('the page for people says of everything that it cuts how much there is, and where all of it stands', () => {
  const count = mostRows + 1;
  const page = reportOf(count);
  for (const file of ['manifest.json', 'endpoints.json', 'events.jsonl']) {
    expect(page).toContain(`<p>The first ${mostRows} of ${count}; all are in ${file}.</p>`);
  }
  expect(page).not.toContain(`/srv/${mostRows}<`);
  expect(page).toContain(`/srv/${mostRows - 1}<`);
  expect(reportOf(mostRows)).not.toContain('The first');
});
