import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A key and a certificate that vouches for itself, PEM, for one name. */
export function certificateFor(name: string, directory: string): { readonly key: string; readonly cert: string } {
  const [key, cert] = [join(directory, `${name}-key.pem`), join(directory, `${name}-cert.pem`)];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const named = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-keyout', key, '-out', cert];
  execFileSync('openssl', [...request, ...named], { stdio: 'ignore' });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
