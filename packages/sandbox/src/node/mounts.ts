import type { DeepReadonly, Live } from '@binnacle/client';
import type { Pod, Container as PodContainer, Volume } from '@binnacle/client/kinds';
import type { ConfigSource } from './config.ts';
import { MissingConfig, entriesOf } from './config.ts';
import type { NodeContext } from './context.ts';
import { expand, field } from './env.ts';
import { MountedFiles } from './mounted-files.ts';
import { podToken } from './pod-token.ts';
import type { Token } from './pod-token.ts';

type LivePod = Live<typeof Pod>;
type Files = Readonly<Record<string, string>>;
interface KeyToPath {
  readonly key: string;
  readonly path: string;
}

/** A pod's volume: files that are written elsewhere and follow it, among them tokens by their path; or files that containers write. */
type Source =
  | { readonly type: 'config'; readonly read: () => Files; readonly tokens: ReadonlyMap<string, Token> }
  | { readonly type: 'files'; readonly files: Map<string, string> };

/** All volumes of a pod. */
export type PodVolumes = ReadonlyMap<string, Source>;

/** What a container sees of them. */
export interface ContainerFiles {
  readFile(path: string): string | undefined;
  read(path: string): Promise<string | undefined>;
  volume(mountPath: string): Map<string, string> | undefined;
}

/**
 * Opens a pod's volumes on its node.
 * @throws {MissingConfig} a Secret, ConfigMap or claim that is not optional is missing; or the sandbox has no such volumes, which waiting does not heal.
 */
export function openVolumes(pod: () => LivePod, node: Node): PodVolumes {
  return new Map((pod().spec?.volumes ?? []).map((volume) => [volume.name, openVolume(volume, pod, node)]));
}

type Node = Pick<NodeContext, 'api' | 'clock' | 'config' | 'volumes' | 'hostPaths'>;

function openVolume(volume: DeepReadonly<Volume>, pod: () => LivePod, node: Node): Source {
  const { config, volumes } = node;
  const { namespace } = pod().metadata;
  if (volume.emptyDir !== undefined) return { type: 'files', files: new Map() };
  if (volume.hostPath !== undefined) return { type: 'files', files: node.hostPaths.open(volume.hostPath.path) };
  if (volume.persistentVolumeClaim !== undefined) {
    const { claimName } = volume.persistentVolumeClaim;
    const claim = config.claim(namespace, claimName);
    if (claim?.status?.phase !== 'Bound') throw new MissingConfig(`persistentvolumeclaim "${claimName}" not bound`);
    return { type: 'files', files: volumes.open(claim.spec?.volumeName ?? '') };
  }
  const { secret, configMap, downwardAPI, projected } = volume;
  const sources =
    projected?.sources ??
    (secret !== undefined
      ? [{ secret: { ...secret, name: secret.secretName ?? '' } }]
      : configMap !== undefined
        ? [{ configMap }]
        : downwardAPI !== undefined
          ? [{ downwardAPI }]
          : undefined);
  if (sources === undefined) throw new MissingConfig(`volume "${volume.name}": the sandbox has no volumes of this type`);
  const tokens = new Map<string, Token>();
  const reads = sources.map((source): (() => Files) => {
    if (source.secret !== undefined) return configFiles(config, 'secret', namespace, source.secret);
    if (source.configMap !== undefined) return configFiles(config, 'configMap', namespace, source.configMap);
    if (source.downwardAPI !== undefined) {
      const items = source.downwardAPI.items ?? [];
      return () => Object.fromEntries(items.flatMap(({ path, fieldRef }) => (fieldRef === undefined ? [] : [[path, field(pod(), fieldRef.fieldPath)]])));
    }
    if (source.serviceAccountToken !== undefined) {
      tokens.set(source.serviceAccountToken.path, podToken(node, pod(), source.serviceAccountToken));
      return () => ({});
    }
    throw new MissingConfig(`volume "${volume.name}": the sandbox has no projected sources of this type: ${Object.keys(source).join(', ')}`);
  });
  return { type: 'config', read: () => Object.assign({}, ...reads.map((read) => read())) as Files, tokens };
}

/** Looked at once now, so that a pod waits for what it needs; after that what was there last stays, as on a real node, when the object is deleted. */
function configFiles(
  config: ConfigSource,
  kind: 'secret' | 'configMap',
  namespace: string,
  wanted: { readonly name?: string; readonly optional?: boolean; readonly items?: readonly KeyToPath[] },
): () => Files {
  const name = wanted.name ?? '';
  const read = () => entriesOf(config, kind, namespace, name);
  let last = read();
  if (last === undefined && wanted.optional !== true) throw new MissingConfig(`${kind.toLowerCase()} "${name}" not found`);
  const absent = wanted.items?.find(({ key }) => last?.[key] === undefined);
  if (absent !== undefined && wanted.optional !== true) throw new MissingConfig(`${kind.toLowerCase()} references non-existent config key: ${absent.key}`);
  return () => {
    last = read() ?? last;
    const entries = last ?? {};
    if (wanted.items === undefined) return entries;
    return Object.fromEntries(wanted.items.flatMap(({ key, path }) => (entries[key] === undefined ? [] : [[path, entries[key]]])));
  };
}

/**
 * A container's view of the volumes, by mount path; the longest path that fits wins, as mounts hide each other. `gone`: the container has ended,
 * nothing may be written any more.
 */
export function mount(container: DeepReadonly<PodContainer>, volumes: PodVolumes, env: Readonly<Record<string, string>>, gone: () => boolean): ContainerFiles {
  const mounts = (container.volumeMounts ?? []).map(({ name, mountPath, subPath, subPathExpr, readOnly }) => {
    const source = volumes.get(name);
    if (source === undefined) throw new MissingConfig(`volumeMount "${name}" names no volume of the pod`);
    const part = trim(subPathExpr === undefined ? (subPath ?? '') : expand(subPathExpr, env));
    const refuse = () => (gone() ? `${mountPath}: the process has ended` : readOnly === true ? `${mountPath}: read-only file system` : undefined);
    return { at: `/${trim(mountPath)}`, part, source, refuse };
  });
  const deepestFirst = mounts.toSorted((a, b) => b.at.length - a.at.length);
  const find = (path: string) => {
    const wanted = `/${trim(path)}`;
    const found = deepestFirst.find(({ at }) => wanted === at || wanted.startsWith(at === '/' ? '/' : `${at}/`));
    if (found === undefined) return undefined;
    const inside = [found.part, trim(wanted.slice(found.at.length))].filter((piece) => piece !== '').join('/');
    return { source: found.source, inside, token: found.source.type === 'config' ? found.source.tokens.get(inside) : undefined };
  };
  const readFile = (path: string) => {
    const found = find(path);
    if (found === undefined) return undefined;
    const { source, inside, token } = found;
    if (token !== undefined) throw new Error(`${path}: the node asks for a token when it is read: read it with read()`);
    return source.type === 'config' ? source.read()[inside] : source.files.get(inside);
  };
  return {
    readFile,
    read: async (path) => (await find(path)?.token?.()) ?? readFile(path),
    volume(mountPath) {
      const found = mounts.find(({ at }) => at === `/${trim(mountPath)}`);
      if (found === undefined) return undefined;
      const { source, part, refuse } = found;
      const files = source.type === 'config' ? new Map(Object.entries(source.read())) : source.files;
      const refuseConfig = () => `${mountPath}: read-only file system`;
      return new MountedFiles(files, part === '' ? '' : `${part}/`, source.type === 'config' ? refuseConfig : refuse);
    },
  };
}

function trim(path: string): string {
  return path.replaceAll(/\/+/g, '/').replace(/^\//, '').replace(/\/$/, '');
}
