import type { Installation, ShownCertificate } from '#core/ports/installation.ts';
import { type Setting, settings } from '#core/settings.ts';
import { instantOf } from '../instant.ts';
import { guarded } from '../operation.ts';
import { readInstallation } from '../schemas/server.ts';

export const readInstallationOperation = guarded(
  readInstallation,
  { permission: 'server.manage', licence: [] },
  async (_, { ports: { installation } }) => ({
    store: installation.storeKind,
    certificate: installation.certificate === undefined ? null : showCertificate(installation.certificate),
    settings: settings.map((setting) => showSetting(setting, installation.given.get(setting.name))),
  }),
);

function showCertificate({ subject, issuer, names, notBefore, notAfter, sha256 }: ShownCertificate) {
  return {
    ...{ subject, issuer, names: [...names], sha256 },
    ...{ notBefore: instantOf(notBefore), notAfter: instantOf(notAfter) },
  };
}

type Given = ReturnType<Installation['given']['get']>;

function showSetting({ name, flag, help, fallback }: Setting, given: Given) {
  return { name, flag, help, fallback: fallback ?? null, source: given?.source ?? null, value: given?.text ?? null };
}
