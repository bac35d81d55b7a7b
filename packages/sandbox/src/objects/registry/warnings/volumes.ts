import { isObject, listAt, objectAt, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';

/** Kinds of volumes that are no more, or soon. */
const DEPRECATED: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
};

/** Of a pod's volumes: old kinds, and files that hide each other. Source: pkg/api/pod/warnings.go, `warningsForOverlappingVirtualPaths`. */
export function volumeWarnings(volumes: readonly JsonObject[], path: string): readonly string[] {
  const old = volumes.flatMap((volume, index) =>
    Object.keys(volume).flatMap((kind) => (Object.hasOwn(DEPRECATED, kind) ? [`${path}[${index}].${kind}: ${DEPRECATED[kind]}`] : [])),
  );
  return [...old, ...volumes.flatMap(overlapWarnings)];
}

interface File {
  readonly path: string;
  /** Of a projected volume. */
  readonly source: string;
}

function overlapWarnings(volume: JsonObject): readonly string[] {
  const name = JSON.stringify(stringAt(volume, 'name') ?? '');
  const told = (what: string, files: readonly File[]) => overlaps(files).map((pair) => `volume ${name} (${what}): overlapping paths: ${pair}`);
  const config = objectAt(volume, 'configMap');
  const secret = objectAt(volume, 'secret');
  const sources = listAt(objectAt(volume, 'projected'), 'sources').filter(isObject);
  return [
    ...told(`ConfigMap ${JSON.stringify(stringAt(config, 'name') ?? '')}`, itemsOf(config, '')),
    ...told(`Secret ${JSON.stringify(stringAt(secret, 'secretName') ?? '')}`, itemsOf(secret, '')),
    ...told('DownwardAPI', itemsOf(objectAt(volume, 'downwardAPI'), '')),
    ...sources.flatMap((source) => (Object.keys(source).length === 0 ? [`volume ${name} (Projected) has no sources provided`] : [])),
    ...told('Projected', sources.flatMap(filesOf)),
  ];
}

function filesOf(source: JsonObject): readonly File[] {
  const named = (kind: string) => `${kind} ${JSON.stringify(stringAt(objectAt(source, kind === 'Secret' ? 'secret' : 'configMap'), 'name') ?? '')}`;
  const token = stringAt(objectAt(source, 'serviceAccountToken'), 'path');
  const bundle = objectAt(source, 'clusterTrustBundle');
  const bundled = stringAt(bundle, 'path');
  return [
    ...itemsOf(objectAt(source, 'configMap'), named('ConfigMap')),
    ...itemsOf(objectAt(source, 'secret'), named('Secret')),
    ...itemsOf(objectAt(source, 'downwardAPI'), 'DownwardAPI'),
    ...(token === undefined ? [] : [{ path: token, source: 'ServiceAccountToken' }]),
    ...(bundled === undefined
      ? []
      : [{ path: bundled, source: `ClusterTrustBundle ${JSON.stringify(stringAt(bundle, 'name') ?? stringAt(bundle, 'signerName') ?? '')}` }]),
  ];
}

const itemsOf = (parent: JsonObject, source: string): readonly File[] =>
  listAt(parent, 'items')
    .filter(isObject)
    .map((item) => ({ path: stringAt(item, 'path') ?? '', source }));

/** Pairs of which one is the other, or a folder that it is in. */
function overlaps(files: readonly File[]): readonly string[] {
  const show = ({ path, source }: File) => (source === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`);
  const plain = files.map(({ path, source }) => ({ path: path.replace(/\/+$/, ''), source })).filter(({ path }) => path !== '');
  const within = (inner: File, outer: File) => `${inner.path}/`.startsWith(`${outer.path}/`);
  return plain.flatMap((file, index) =>
    plain.slice(0, index).flatMap((other) => (within(other, file) || within(file, other) ? [`${show(file)} with ${show(other)}`] : [])),
  );
}
