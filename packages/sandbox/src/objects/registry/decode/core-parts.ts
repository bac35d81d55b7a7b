import { isObject, listAt, objectAt, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { Defaults } from './defaults.ts';
import { fill, fillText } from './fill.ts';
import { pullPolicy } from './pod.ts';

const CORE = 'io.k8s.api.core.v1.';
/** rw-r--r-- */
const FILE_MODE = 420;

const mode: Defaults = (source) => fill(source, { defaultMode: FILE_MODE });

/** Parts of core kinds: volumes, references, claims, endpoints. */
export const corePartDefaults: Readonly<Record<string, Defaults>> = {
  [`${CORE}Volume`]: (volume) => (Object.keys(volume).some((key) => key !== 'name') ? volume : { ...volume, emptyDir: {} }),
  [`${CORE}SecretVolumeSource`]: mode,
  [`${CORE}ConfigMapVolumeSource`]: mode,
  [`${CORE}DownwardAPIVolumeSource`]: mode,
  [`${CORE}ProjectedVolumeSource`]: mode,
  [`${CORE}HostPathVolumeSource`]: (source) => fill(source, { type: '' }),
  [`${CORE}ImageVolumeSource`]: (source) => fillText(source, { pullPolicy: pullPolicy(stringAt(source, 'reference') ?? '') }),
  [`${CORE}ServiceAccountTokenProjection`]: (projection) => fill(projection, { expirationSeconds: 3600 }),
  [`${CORE}ObjectFieldSelector`]: (selector) => fillText(selector, { apiVersion: 'v1' }),
  [`${CORE}HTTPGetAction`]: (action) => fillText(action, { path: '/', scheme: 'HTTP' }),
  [`${CORE}GRPCAction`]: (action) => fill(action, { service: '' }),
  [`${CORE}PersistentVolumeClaim`]: (claim) => fillStatus(claim, { phase: 'Pending' }),
  [`${CORE}PersistentVolumeClaimSpec`]: (spec) => fill(spec, { resources: {}, volumeMode: 'Filesystem' }),
  [`${CORE}PersistentVolume`]: (volume) => fillStatus(volume, { phase: 'Pending' }),
  [`${CORE}PersistentVolumeSpec`]: (spec) => fillText(fill(spec, { volumeMode: 'Filesystem' }), { persistentVolumeReclaimPolicy: 'Retain' }),
  [`${CORE}Secret`]: secret,
  [`${CORE}Namespace`]: namespace,
  [`${CORE}NodeStatus`]: (status) => fill(status, { allocatable: status['capacity'] }),
  [`${CORE}EndpointPort`]: (port) => fillText(port, { protocol: 'TCP' }),
  [`${CORE}ReplicationControllerSpec`]: (spec) => fill(spec, { replicas: 1 }),
  [`${CORE}LimitRangeItem`]: limitRangeItem,
};

function fillStatus(object: JsonObject, values: Readonly<Record<string, string>>): JsonObject {
  const status = objectAt(object, 'status');
  const filled = fillText(status, values);
  return filled === status ? object : { ...object, status: filled };
}

/** `stringData` is a way to write, not a field that is kept: it goes into `data`, over what is there. */
function secret(object: JsonObject): JsonObject {
  const out = fillText(object, { type: 'Opaque' });
  const { stringData, ...rest } = out;
  if (stringData === undefined) return out;
  const texts = isObject(stringData) ? stringData : {};
  const encoded = Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]));
  const data = { ...objectAt(rest, 'data'), ...encoded };
  return Object.keys(data).length === 0 ? rest : { ...rest, data };
}

function namespace(object: JsonObject): JsonObject {
  const metadata = objectAt(object, 'metadata');
  const name = stringAt(metadata, 'name');
  const labels = objectAt(metadata, 'labels');
  if (name === undefined || labels['kubernetes.io/metadata.name'] === name) return object;
  return { ...object, metadata: { ...metadata, labels: { ...labels, 'kubernetes.io/metadata.name': name } } };
}

/** For containers, the largest is the default limit, the default limit the default request, and the smallest that where there is none. */
function limitRangeItem(item: JsonObject): JsonObject {
  if (item['type'] !== 'Container') return item;
  const limits = fill(objectAt(item, 'default'), objectAt(item, 'max'));
  const requests = fill(fill(objectAt(item, 'defaultRequest'), limits), objectAt(item, 'min'));
  const out = Object.keys(limits).length > 0 && limits !== item['default'] ? { ...item, default: limits } : item;
  return Object.keys(requests).length > 0 && requests !== item['defaultRequest'] ? { ...out, defaultRequest: requests } : out;
}

/** Whether an object lists anything at `key`. */
export const lists = (object: JsonObject, key: string): boolean => listAt(object, key).length > 0;
