import { bundleNames as names } from './layout.ts';
import type { Manifest } from './manifest.ts';

/** How to check a bundle: with this program, and in ten years without it. */
export function writeReadMe({ subject, exportedAt, exportedBy }: Manifest): string {
  return `CUSTODY BUNDLE

${subject.name}
Exported ${exportedAt} by ${exportedBy}.

CAREFUL: what is under evidence/ was taken from endpoints because somebody thought it malicious. The files are as they were.

${line(names.report, 'what happened, for people')}
${line(names.manifest, 'what this bundle is about, and where each file in evidence/ is from')}
${line(names.events, 'the record: one event on each line, as it was hashed')}
${line(names.reports, 'what agents reported, with their signatures')}
${line(names.endpoints, 'the endpoints and their public keys')}
${line('evidence/', 'fetched files, named by their SHA-256')}
${line(names.verifier, 'checks all of this with Python 3 and OpenSSL 3')}
${line(names.sums, 'the hashes of all of the above')}
${line(names.exported, `the event of this export, which holds the hash of ${names.sums}`)}
${line(names.proof, 'that these events are in the ledger')}
${line(names.checkpoint, 'what the ledger was, signed')}
${line(names.key, 'the key that signed it')}


TO CHECK IT

    custody verify BUNDLE.zip

needs no server and no network, and names the first thing that is wrong. Whose ledger it is, only you can know: compare
${names.key} with the key that the server's people gave you (\`custody ledger checkpoint --json\`), or give it with --key.


TO CHECK IT WITHOUT CUSTODY

    python3 ${names.verifier}

does, in the unpacked directory. What it does, and you can do by hand:

1. The files:           sha256sum -c ${names.sums}
2. The list of files:   the SHA-256 of ${names.sums} stands in ${names.exported}, as "sums". With sha256sum ${names.sums} you see that it is the same.
3. Each event is a leaf of an RFC 6962 Merkle tree. A line is a JSON list: format, number, type, time (milliseconds since 1970, UTC), kind,
   id and name of who caused it, action, endpoint, incident, facts. Event n is leaf n - 1; its hash is SHA-256 of one byte 0 and
   the line without its line break. A node's hash is SHA-256 of one byte 1 and the hashes of its two children, of which the left one has the
   largest power of two of leaves that is smaller than their number. ${names.proof} has, from left to right, the hashes of
   all parts of the tree with no event in this bundle: [from, to, hash in base64], leaves from "from" up to, and without, "to".
   Together they give the root.
4. ${names.checkpoint} is a signed note (c2sp.org/signed-note): a line with the ledger's name, how many events there were, the root in
   base64; an empty line; and "— name signature". The signature is base64 of 4 bytes key id and 64 bytes Ed25519 over the first
   three lines with their line breaks. ${names.key} is name+key id+base64 of one byte 1 and the 32 bytes of the public key.
5. Each report in ${names.reports} is Ed25519 over the text "custody-report-v1", one byte 0, and the report's bytes (MessagePack), with the
   endpoint's key in ${names.endpoints}. The SHA-256 of that key begins with the endpoint's id. The SHA-256 of the
   report stands in its event "task_finished", as "reportSha256", and the SHA-256 of every fetched file in the report.

${verifierNote}
`;
}

/** One row of the list of files. */
function line(name: string, words: string): string {
  return `${name.padEnd(22)}${words}`;
}

const verifierNote = `An Ed25519 key as OpenSSL takes it is, in DER, the hex digits 302a300506032b6570032100 and the 32 bytes of the key:
    openssl pkeyutl -verify -pubin -keyform DER -inkey KEY.der -rawin -in SIGNED -sigfile SIGNATURE`;
