import type { DeepReadonly, Live } from '@binnacle/client';
import type { EnvVar, EnvVarSource, Pod, Container as PodContainer } from '@binnacle/client/kinds';
import { quantity } from '../controllers/volume/quantity.ts';
import type { ConfigSource } from './config.ts';
import { MissingConfig, entriesOf } from './config.ts';
import { serviceVariables } from './service-env.ts';

type LivePod = Live<typeof Pod>;
type Env = Readonly<Record<string, string>>;

/**
 * A container's environment: where services are, then `envFrom`, then `env` in order, where `$(NAME)` stands for what came before.
 * @throws {MissingConfig} a Secret or ConfigMap, or a key in it, that is not optional is missing.
 */
export function environment(pod: LivePod, container: DeepReadonly<PodContainer>, config: ConfigSource): Env {
  const env: Record<string, string> = serviceVariables(config.services(), pod.metadata.namespace, pod.spec?.enableServiceLinks ?? true);
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const [kind, reference] = secretRef === undefined ? (['configMap', configMapRef] as const) : (['secret', secretRef] as const);
    const entries = entriesOf(config, kind, pod.metadata.namespace, reference?.name ?? '');
    if (entries === undefined && reference?.optional !== true) throw missing(kind, reference?.name ?? '');
    for (const [key, value] of Object.entries(entries ?? {})) env[prefix + key] = value;
  }
  for (const variable of container.env ?? []) {
    const value = valueOf(pod, container, variable, env, config);
    if (value !== undefined) env[variable.name] = value;
  }
  return env;
}

/** `$(NAME)` becomes the variable's value, `$$(NAME)` a literal `$(NAME)`; an unknown name stays as it is. */
export function expand(text: string, env: Env): string {
  return text.replaceAll(/\$\$|\$\(([^()]*)\)/g, (all, name: string | undefined) => (name === undefined ? '$' : (env[name] ?? all)));
}

function valueOf(pod: LivePod, container: DeepReadonly<PodContainer>, variable: DeepReadonly<EnvVar>, env: Env, config: ConfigSource): string | undefined {
  if (variable.valueFrom === undefined) return expand(variable.value ?? '', env);
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = variable.valueFrom;
  if (fieldRef !== undefined) return field(pod, fieldRef.fieldPath);
  if (resourceFieldRef !== undefined) return resource(pod, container, resourceFieldRef);
  const [kind, reference] = secretKeyRef === undefined ? (['configMap', configMapKeyRef] as const) : (['secret', secretKeyRef] as const);
  if (reference === undefined) throw new MissingConfig(`environment variable ${variable.name}: the sandbox knows no such source of values`);
  const name = reference.name ?? '';
  const entries = entriesOf(config, kind, pod.metadata.namespace, name);
  const value = entries?.[reference.key];
  if (value !== undefined || reference.optional === true) return value;
  if (entries === undefined) throw missing(kind, name);
  const what = kind === 'secret' ? 'Secret' : 'ConfigMap';
  throw new MissingConfig(`couldn't find key ${reference.key} in ${what} ${pod.metadata.namespace}/${name}`);
}

function missing(kind: 'secret' | 'configMap', name: string): MissingConfig {
  return new MissingConfig(`${kind.toLowerCase()} "${name}" not found`);
}

/**
 * A field of the pod, by the paths that `fieldRef` and downward API volumes accept.
 * @throws {MissingConfig} for a path that is none of them.
 */
export function field(pod: LivePod, path: string): string {
  const { metadata, spec, status } = pod;
  const keyed = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(path);
  if (keyed !== null) return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]!] ?? '';
  const lines = (entries: Readonly<Record<string, string>> | undefined) =>
    Object.entries(entries ?? {})
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      .join('\n');
  const fields: Readonly<Record<string, () => string>> = {
    'metadata.name': () => metadata.name,
    'metadata.namespace': () => metadata.namespace,
    'metadata.uid': () => metadata.uid,
    'metadata.labels': () => lines(metadata.labels),
    'metadata.annotations': () => lines(metadata.annotations),
    'spec.nodeName': () => spec?.nodeName ?? '',
    'spec.serviceAccountName': () => spec?.serviceAccountName ?? '',
    'status.podIP': () => status?.podIP ?? '',
    'status.podIPs': () => status?.podIP ?? '',
    'status.hostIP': () => status?.hostIP ?? '',
    'status.hostIPs': () => status?.hostIP ?? '',
  };
  const read = fields[path];
  if (read === undefined) throw new MissingConfig(`unsupported fieldPath: ${path}`);
  return read();
}

/** What a node has for a container without a limit; there is no such limit in the sandbox, but programs size themselves by it. */
const UNLIMITED: Readonly<Record<string, number>> = { cpu: 4, memory: 8 * 2 ** 30, 'ephemeral-storage': 100 * 2 ** 30 };

function resource(pod: LivePod, container: DeepReadonly<PodContainer>, wanted: NonNullable<DeepReadonly<EnvVarSource>['resourceFieldRef']>): string {
  const of =
    wanted.containerName === undefined
      ? container
      : [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find(({ name }) => name === wanted.containerName);
  const [list, name] = wanted.resource.split(/\.(.*)/s);
  const amount = list === 'limits' || list === 'requests' ? of?.resources?.[list]?.[name ?? ''] : undefined;
  const divisor = quantity(wanted.divisor ?? 1);
  const value = amount === undefined ? (list === 'limits' ? (UNLIMITED[name ?? ''] ?? 0) : 0) : quantity(amount);
  return String(Math.ceil(value / (divisor > 0 ? divisor : 1)));
}
