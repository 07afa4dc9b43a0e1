import { verbs } from '#core/action/verb.ts';
import type { CustodyEvent, Json } from '#core/custody/event.ts';
import type { Milliseconds } from '#core/time.ts';
import { auditActions, hasSucceeded, startedActions } from './audit-actions.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const longestDetails = 8_000;

/**
 * One line of the audit log in CEF, with its line feed; undefined for events that machines caused. The device version is empty and
 * the user's name begins with a slash, as in the vendor's log; clients read the extension in groups of four words.
 * @param details what was done to what.
 */
export function cefLine(event: CustodyEvent, host: string, details: Json = event.facts): string | undefined {
  const action = actionOf(event);
  if (action === undefined) {
    return undefined;
  }
  const { at, actor } = event;
  const extension = [
    ['cs1', 'username', `/${actor.name}`],
    ['cn1', 'actionSuccess', hasSucceeded(event) ? '1' : '0'],
    ['deviceCustomDate1', 'userActionTime', dateOf(at)],
    ['cs2', 'details', JSON.stringify(details).slice(0, longestDetails)],
  ].map(([field, label, value]) => `${field}Label=${label} ${field}=${extensionText(value ?? '')}`);
  const header = ['CEF:0', 'Cybereason', 'Cybereason', '', 'UserAction', headerText(action), '0'].join('|');
  return `${stampOf(at)} ${headerText(host)} auditSyslogLogger ${header}|${extension.join(' ')}\n`;
}

function actionOf({ type, facts, actor }: CustodyEvent): string | undefined {
  if (actor.kind === 'agent') {
    return undefined;
  }
  const verb = type === 'action_started' ? verbs.find((known) => known === facts['verb']) : undefined;
  return verb === undefined ? (auditActions[type] ?? undefined) : startedActions[verb];
}

/** `May 16 2023, 03:10:41 UTC` */
function dateOf(at: Milliseconds): string {
  const date = new Date(at);
  return `${months[date.getUTCMonth()]} ${two(date.getUTCDate())} ${date.getUTCFullYear()}, ${clockOf(date)} UTC`;
}

/** As syslog has it: `May 16 03:10:41`. */
function stampOf(at: Milliseconds): string {
  const date = new Date(at);
  return `${months[date.getUTCMonth()]} ${two(date.getUTCDate())} ${clockOf(date)}`;
}

function clockOf(date: Date): string {
  return [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** Nobody's text begins a line or a field of its own. */
function headerText(text: string): string {
  return oneLine(text).replaceAll(/[\\|]/g, String.raw`\$&`);
}

function extensionText(text: string): string {
  return oneLine(text).replaceAll(/[\\=]/g, String.raw`\$&`);
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').toWellFormed();
}
