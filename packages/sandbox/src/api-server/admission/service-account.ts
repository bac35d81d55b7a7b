import type { Core } from '../core/core.ts';
import { groupResource, list, objectKey, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { forbidden } from '../refusals.ts';
import type { Admission, Plugin } from './admission.ts';
import { nameOf } from './name.ts';

/** Where programs look for their token, the cluster's certificate authority and their namespace. */
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Every pod runs as a ServiceAccount that exists, `default` when it names none, and finds what it needs to speak as it, unless that is turned off. */
export const serviceAccount: Plugin = {
  create(core, admission, pod) {
    const { served, info } = admission;
    if (served.bucket !== 'pods' || info.subresource !== undefined) return pod;
    const spec = record(pod['spec']);
    const name = text(spec['serviceAccountName']) || text(spec['serviceAccount']) || 'default';
    const account = accountOf(core, admission, pod, name);
    const pullSecrets = list(spec['imagePullSecrets']).length > 0 ? [] : list(account['imagePullSecrets']);
    const named = { ...spec, serviceAccountName: name, serviceAccount: name, ...(pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets }) };
    const mounts = spec['automountServiceAccountToken'] ?? account['automountServiceAccountToken'] ?? true;
    return { ...pod, spec: mounts === true ? withToken(named, `kube-api-access-${core.chance.suffix(5)}`) : named };
  },
};

/** @throws {Refusal} 403 when there is none of that name. */
function accountOf(core: Core, { served, info }: Admission, pod: ApiObject, name: string): ApiObject {
  const account = core.store.get('serviceaccounts', objectKey(info.namespace, name));
  if (account !== undefined) return account.object;
  const missing = `${groupResource({ group: '', plural: 'serviceaccount' })} "${name}" not found`;
  throw forbidden(served, nameOf(pod), `error looking up service account ${info.namespace}/${name}: ${missing}`);
}

type Fields = Readonly<Record<string, unknown>>;

/** The spec with a volume of that name mounted in each container that has nothing of its own at that place. */
function withToken(spec: Fields, volume: string): Fields {
  let mounted = false;
  const mounting = (containers: unknown) =>
    list(containers).map((one) => {
      const container = record(one);
      const mounts = list(container['volumeMounts']);
      if (mounts.some((mount) => record(mount)['mountPath'] === TOKEN_PATH)) return one;
      mounted = true;
      return { ...container, volumeMounts: [...mounts, { name: volume, readOnly: true, mountPath: TOKEN_PATH }] };
    });
  const changed = Object.fromEntries(['initContainers', 'containers'].flatMap((key) => (spec[key] === undefined ? [] : [[key, mounting(spec[key])]])));
  return mounted ? { ...spec, ...changed, volumes: [...list(spec['volumes']), tokenVolume(volume)] } : spec;
}

/** Source: plugin/pkg/admission/serviceaccount, `TokenVolumeSource`. */
function tokenVolume(name: string): Fields {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
      defaultMode: 420,
    },
  };
}
