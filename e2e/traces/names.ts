import type { Change } from './history.ts';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const ADDRESS = /\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/g;
const AUTHORITY = /-----BEGIN CERTIFICATE-----[^]*-----END CERTIFICATE-----/g;
const TOKEN_VOLUME = /kube-api-access-\w{5}/g;
/** A node by its name, as a pod of a DaemonSet asks for it and as an endpoint tells it. */
const NODE = /(?<="key":"metadata\.name","operator":"In","values":)\["[^"]*"\]|(?<="nodeName":)"[^"]*"/g;
/** Labels whose values are hashes of a template; which hash is no matter, which revision is. */
const HASHES = ['pod-template-hash', 'controller-revision-hash', 'controller.kubernetes.io/hash'];

/** What the objects of one history are called without what is by chance: of alike pods all have one name, `d-#1-*`; a revision is a number. */
export interface Names {
  /** `Pod/d-#1-*`. */
  of(change: Change): string;
  /** A text of an object with nothing of chance in it. */
  mask(text: string): string;
}

/** Reads a history and gives names: hashes in the order in which they first appear below an owner. */
export function names(changes: readonly Change[], namespace: string): Names {
  const hashes = new Map<string, string>();
  const exact: (readonly [string, string])[] = [[namespace, '<namespace>']];
  const count = new Map<string, number>();
  const number = (owner: string, hash: string) => {
    if (hashes.has(hash)) return;
    count.set(owner, (count.get(owner) ?? 0) + 1);
    hashes.set(hash, `#${count.get(owner)}`);
  };
  const seen = new Set<string>();
  for (const { kind, object } of changes) {
    const { uid, name, generateName, labels = {}, ownerReferences = [] } = object.metadata;
    const [owner] = ownerReferences;
    if (seen.has(uid)) continue;
    seen.add(uid);
    if (kind === 'ReplicaSet' || kind === 'ControllerRevision')
      for (const label of HASHES) if (labels[label] !== undefined && owner !== undefined) number(owner.name, labels[label]);
    // A StatefulSet's pods have one too, and do not use it.
    if (generateName !== undefined && owner?.kind !== 'StatefulSet') exact.push([name, `${generateName}*`]);
    // One that was made for a claim: named after its uid.
    if (kind === 'PersistentVolume' && object.spec.claimRef?.uid !== undefined && name === `pvc-${object.spec.claimRef.uid}`)
      exact.push([name, `volume-of-${object.spec.claimRef.name}`]);
    if (kind === 'Job' && owner?.kind === 'CronJob') exact.push([name, `${owner.name}-*`]);
  }
  // The longest first: a pod's name holds its set's.
  const longest = exact.toSorted(([a], [b]) => b.length - a.length);
  const mask = (text: string) => {
    let masked = text;
    for (const [from, to] of longest) masked = masked.replaceAll(from, to);
    for (const [hash, to] of hashes) masked = masked.replaceAll(hash, to);
    masked = masked.replaceAll(AUTHORITY, '<certificate>').replaceAll(UUID, '<uid>').replaceAll(TIME, '<time>').replaceAll(ADDRESS, '<address>');
    return masked.replaceAll(TOKEN_VOLUME, 'kube-api-access').replaceAll(NODE, '<node>');
  };
  return { of: ({ kind, object }) => `${kind}/${mask(object.metadata.name)}`, mask };
}
