import type { Reply } from './server.ts';
import type { Heard, Json } from './step.ts';

const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** UIDs that scripts say themselves are compared. */
const SAID = /^(1{8}|2{8}|3{8})-/;
/** A name that the server has made from one of the bases in scripts. */
const MADE = /^(g-|g|G_)[a-z0-9]{5}$/;
const VALUES: Readonly<Record<string, string>> = {
  resourceVersion: 'VERSION',
  creationTimestamp: 'TIME',
  deletionTimestamp: 'TIME',
  time: 'TIME',
  continue: 'TOKEN',
  token: 'TOKEN',
  expirationTimestamp: 'TIME',
};
/** The volume with a pod's token, whose name ends by chance. */
const TOKEN_VOLUME = /^(kube-api-access-)[a-z0-9]{5}$/;
/** Chosen by the server. */
const CHOSEN = new Set(['clusterIP', 'nodePort', 'healthCheckNodePort']);

/** An answer without what no two servers agree on: uids, versions, times, chosen addresses and names, the words of messages. */
export function heard({ status, json, warnings }: Reply): Heard {
  if (json?.kind === 'Status' && status >= 400) {
    const { reason, details = {} } = json;
    // A set: some rules of Kubernetes are told twice, and which ones differs from version to version.
    const causes = [...new Set<string>((details.causes ?? []).map((cause: Json) => `${cause.reason} ${cause.field ?? ''}`))].toSorted();
    return { status, said: { reason, name: details.name?.replace(MADE, '$1*').replace(UID, 'UID'), kind: details.kind, group: details.group, causes } };
  }
  return { status, said: { ...(typeof json === 'string' ? { text: json } : (normal(json) as object)), ...(warnings === 0 ? {} : { warnings }) } };
}

/** An object, or what is left of it. */
export function normal(object: Json): Json {
  return walk(object, '', object?.metadata?.generateName);
}

/** What has no order, in one. */
export function byText(all: readonly Json[]): readonly Json[] {
  return all.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Whether a name is one that the server has made. */
export function isMade(name: unknown): boolean {
  return typeof name === 'string' && (name === 'UID' || name.endsWith('*'));
}

/** Of an item of a list, or of a row of a table. */
export function nameIn(item: Json): unknown {
  return (item?.object ?? item)?.metadata?.name;
}

/** What a table shows, without times, ages, addresses and ports that are by chance. */
function cell(text: string): string {
  if (/^(\d+[ydhms])+$/.test(text)) return 'AGE';
  return text
    .replaceAll(UID, 'UID')
    .replace(MADE, '$1*')
    .replace(/^\d{4}-\d\d-\d\dT[\d:]+Z$/, 'TIME')
    .replace(/^10(\.\d+){3}$/, 'CHOSEN')
    .replaceAll(/:\d{5}\//g, ':CHOSEN/');
}

function walk(value: Json, key: string, generated: string | undefined): Json {
  if (Array.isArray(value)) {
    if (key === 'columnDefinitions') return value.map(({ description: _words, ...column }) => column);
    if (key === 'cells') return value.map((one) => (typeof one === 'string' ? cell(one) : one));
    if (key === 'clusterIPs') return value.map((one) => (one === 'None' ? one : 'CHOSEN'));
    const walked = value.map((one) => walk(one, '', one?.metadata?.generateName ?? generated));
    // Who manages what is a set, in the order of times; a list with names that the server has made is in the order of those.
    const isByChance = key === 'managedFields' || ((key === 'items' || key === 'rows') && walked.some((one) => isMade(nameIn(one))));
    return isByChance ? byText(walked) : walked;
  }
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.keys(value)
        .toSorted()
        .map((name) => [name, walk(value[name], name, value['metadata']?.generateName ?? generated)]),
    );
  if (VALUES[key] !== undefined && value !== '' && value !== null) return VALUES[key];
  if (key === 'name' && typeof value === 'string' && generated !== undefined && value.startsWith(generated) && value !== generated) return `${generated}*`;
  if (CHOSEN.has(key) && value !== '' && value !== 'None' && value !== 0) return 'CHOSEN';
  // A Job's name is in its labels and its template's.
  if (key.endsWith('job-name') && typeof value === 'string') return value.replace(MADE, '$1*');
  if (key === 'name' && typeof value === 'string' && TOKEN_VOLUME.test(value)) return value.replace(TOKEN_VOLUME, '$1*');
  if (typeof value === 'string') return value.replace(UID, (uid) => (SAID.test(uid) ? uid : 'UID'));
  return value;
}
