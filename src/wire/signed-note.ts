import type { KeyObject } from 'node:crypto';
import { createHash, sign, verify } from 'node:crypto';
import { Fault } from '#core/fault.ts';
import { areSameBytes } from './same-bytes.ts';
import { readPublicKey } from './signature.ts';

/** Who signs notes, as C2SP signed-note has it: a name, and an Ed25519 key of 32 bytes. */
export interface NoteKey {
  /** No spaces, no plus sign. */
  readonly name: string;
  readonly publicKey: Uint8Array;
}

const ed25519 = 0x01;
const idLength = 4;
const signatureLength = 64;
const dash = '—';
/** More than any note here has; what is longer is not looked at. */
const mostLines = 64;

/** The key in the one line in which verifiers of signed notes take it: `name+id+key`. */
export function writeNoteKey(key: NoteKey): string {
  const coded = Buffer.concat([Uint8Array.of(ed25519), key.publicKey]).toString('base64');
  return `${key.name}+${Buffer.from(noteKeyId(key)).toString('hex')}+${coded}`;
}

/** @throws Fault `invalid_request` where the text is no such line, or its id is not that of its key. */
export function readNoteKey(text: string): NoteKey {
  const [, name, id, coded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text) ?? [];
  const bytes = Buffer.from(coded ?? '', 'base64');
  if (name === undefined || bytes.length !== 33 || bytes[0] !== ed25519) {
    throw new Fault('invalid_request', 'This is no verifier key of signed notes: name+id+key, of the kind Ed25519.');
  }
  const key = { name, publicKey: new Uint8Array(bytes.subarray(1)) };
  if (Buffer.from(noteKeyId(key)).toString('hex') !== id) {
    throw new Fault('invalid_request', 'The id of this verifier key is not that of its key.');
  }
  return key;
}

/** @param text ends with a line break and has no empty line. */
export function signNote(text: string, { name, publicKey }: NoteKey, key: KeyObject): string {
  const signature = sign(null, Buffer.from(text), key);
  const coded = Buffer.concat([noteKeyId({ name, publicKey }), signature]).toString('base64');
  return `${text}\n${dash} ${name} ${coded}\n`;
}

/**
 * The text of a note that the key signed, among others or alone.
 * @throws Fault `invalid_request` where the note has another shape, or none of its signatures is right and of this key
 */
export function openNote(note: string, key: NoteKey): string {
  const known = lastOpened;
  if (known?.note === note && known.key.name === key.name && areSameBytes(known.key.publicKey, key.publicKey)) {
    return known.text;
  }
  const text = openAnew(note, key);
  lastOpened = { note, key: { name: key.name, publicKey: key.publicKey.slice() }, text };
  return text;
}

/** The same checkpoint is met again and again for as long as nothing happens: to check it once is enough. */
let lastOpened: { readonly note: string; readonly key: NoteKey; readonly text: string } | undefined;

function openAnew(note: string, key: NoteKey): string {
  const end = note.lastIndexOf('\n\n');
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2).split('\n');
  if (end < 1 || lines.pop() !== '' || lines.length > mostLines) {
    throw new Fault('invalid_request', 'This is no signed note: a text, an empty line, and signatures.');
  }
  const id = Buffer.from(noteKeyId(key));
  const publicKey = readPublicKey(key.publicKey);
  const isSigned = lines.some((line) => {
    const coded = signatureOf(line, key.name);
    const bytes = Buffer.from(coded, 'base64');
    const isWhole = bytes.length === idLength + signatureLength && bytes.toString('base64') === coded;
    return (
      isWhole &&
      bytes.subarray(0, idLength).equals(id) &&
      verify(null, Buffer.from(text), publicKey, bytes.subarray(idLength))
    );
  });
  if (!isSigned) {
    throw new Fault('invalid_request', `The note has no right signature of ${key.name}.`);
  }
  return text;
}

function signatureOf(line: string, name: string): string {
  const head = `${dash} ${name} `;
  return line.startsWith(head) ? line.slice(head.length) : '';
}

function noteKeyId({ name, publicKey }: NoteKey): Uint8Array {
  const hash = createHash('sha256').update(`${name}\n`).update(Uint8Array.of(ed25519)).update(publicKey);
  return new Uint8Array(hash.digest().subarray(0, idLength));
}
