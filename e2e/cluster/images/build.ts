import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../go.ts';
import { libraries, shell, skeleton, versions } from './debian.ts';
import { file, text } from './folder.ts';
import { HAZELCAST_START, jar, java } from './hazelcast.ts';
import { NODE_LIBRARIES, OPERATOR_START, operatorLayers } from './operator.ts';
import { writeImages } from './oci.ts';
import type { ImageParts } from './oci.ts';
import type { Entry } from './tar.ts';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What is built stays here, outside the checkout, named after what it was built from. */
export const CACHE = cacheFolder();

/** The members' versions: the last of 5.3, the default, the newest. */
export const HAZELCAST_VERSIONS = ['5.3.8', '5.5.0', '5.7.0'] as const;
export const OPERATOR_IMAGE = 'docker.io/binnacle/operator:e2e';

const JAVA_LIBRARIES = [...NODE_LIBRARIES, 'zlib1g'];
const DORIS = ['2.0.3', '2.0.4'].flatMap((version) => ['fe', 'be', 'cn', 'broker'].map((one) => `ghcr.io/linsoss/doris-${one}:${version}`));
const SIMULATED = [
  ...DORIS,
  ...['fe', 'be', 'broker'].map((one) => `docker.io/apache/doris:${one}-2.1.7`),
  'docker.io/hazelcast/platform-operator-agent:0.1.29',
  'docker.io/tnir/mysqlclient:1.4.6',
];
/** The newest that the Go module proxy has; operands under this name run it. Its discovery is Kubernetes' alone: that of every cloud would take minutes more to build. */
export const PROMETHEUS_IMAGE = 'docker.io/prom/prometheus:v3.16.0';
const SIMULATED_PROGRAM = 'e2e/cluster/programs/simulated/main.ts';
const BUSYBOX = 'docker.io/library/busybox:1.36';
/** The real one would change a setting of this machine. */
const SYSCTL = '#!/bin/sh\necho "$2"\n';

/** An archive of images, and what it is called in the cache. */
interface Group {
  readonly name: string;
  readonly images: readonly ImageParts[];
}

/** How long an archive that no run has asked for again stays in the cache; ms. */
const KEEP_MS = 3 * 24 * 3_600_000;

/** Archives of all images a run needs, built or from the cache, the smallest first. Needs a network only for what is not in the cache. */
export function images(log: (line: string) => void): readonly string[] {
  const folder = join(CACHE, 'images');
  mkdirSync(folder, { recursive: true });
  const archives = groups().map(({ name, images }) => {
    const path = join(folder, `${name}-${hash(images.map(keyOf)).slice(0, 16)}.tar`);
    const now = new Date();
    if (existsSync(path)) utimesSync(path, now, now);
    else for (const [index, digest] of writeImages(path, images).entries()) log(`built ${images[index]!.name} ${digest}`);
    return path;
  });
  for (const old of readdirSync(folder).map((one) => join(folder, one))) {
    if (!archives.includes(old) && statSync(old).mtimeMs < Date.now() - KEEP_MS) rmSync(old, { recursive: true, force: true });
  }
  return archives;
}

function groups(): readonly Group[] {
  const ours = operatorLayers(ROOT);
  const simulated = [...ours, [...shell(), file(join(ROOT, SIMULATED_PROGRAM), `app/${SIMULATED_PROGRAM}`)]];
  const member = [[...skeleton(), ...libraries(JAVA_LIBRARIES), ...shell()], java(CACHE, jdk())];
  const sysctl = { layers: [[...ours[0]!, ...shell(), text('usr/local/bin/sysctl', SYSCTL, 0o755)]], start: { entrypoint: ['/bin/sh'], user: '0:0' } };
  return [
    { name: 'system', images: [goImage('pause'), goImage('coredns'), { name: BUSYBOX, ...sysctl }] },
    { name: 'node', images: [{ name: OPERATOR_IMAGE, layers: ours, start: OPERATOR_START }, ...SIMULATED.map((name) => simulatedImage(name, simulated))] },
    {
      name: 'hazelcast',
      images: HAZELCAST_VERSIONS.map((version) => ({
        name: `docker.io/hazelcast/hazelcast:${version}`,
        layers: [...member, jar(CACHE, version)],
        start: HAZELCAST_START,
      })),
    },
    { name: 'prometheus', images: [prometheusImage()] },
  ];
}

function goImage(name: 'pause' | 'coredns'): ImageParts {
  const program = goProgram({ name, module: 'e2e/cluster/programs', source: `./${name}`, inputs: [`${name}/main.go`] });
  return { name: `docker.io/binnacle/${name}:e2e`, layers: [[file(program, name)]], start: { entrypoint: [`/${name}`], user: '65532:65532' } };
}

function prometheusImage(): ImageParts {
  const program = goProgram({
    name: 'prometheus',
    module: 'e2e/cluster/programs/prometheus',
    source: 'github.com/prometheus/prometheus/cmd/prometheus',
    tags: 'remove_all_sd,enable_kubernetes_sd',
  });
  return {
    name: PROMETHEUS_IMAGE,
    layers: [[...skeleton(), file(program, 'usr/bin/prometheus')]],
    start: { entrypoint: ['/bin/prometheus'], user: '65534:65534' },
  };
}

/** Doris and what else cannot be had without a registry: our simulation of it as the program of a real container. */
function simulatedImage(name: string, layers: readonly (readonly Entry[])[]): ImageParts {
  const program = ['/usr/local/bin/node', `/app/${SIMULATED_PROGRAM}`];
  const stand = (command: string) => text(`usr/local/bin/${command}`, `#!/usr/bin/busybox sh\nexec ${program.join(' ')} --command ${command} "$@"\n`, 0o755);
  // A process ends by its own signal, so the stop scripts of preStop hooks have nothing to do.
  const stop = (component: string) => text(`opt/apache-doris/${component}/bin/stop_${component}.sh`, '#!/bin/sh\nexit 0\n', 0o755);
  const own = name.includes('mysqlclient') ? ['sh', 'python'].map(stand) : ['fe', 'be', 'broker'].map(stop);
  const component = /doris[-:](fe|be|cn|broker)\b/.exec(name)?.[1];
  const home = component === undefined ? { user: '65532:65532' } : { user: '0:0', workdir: `/opt/apache-doris/${component === 'cn' ? 'be' : component}` };
  return { name, layers: [...layers, own], start: { entrypoint: program, env: { BINNACLE_IMAGE: name }, ...home } };
}

const jdk = (): string =>
  versions(['openjdk-17-jdk-headless'])
    .trim()
    .replace(/.*=/, '')
    .replace(/[^A-Za-z0-9.]+/g, '-');

/** A program of a Go module: which package of it, and what beside `go.mod` and `go.sum` goes into it. */
interface GoSource {
  readonly name: string;
  /** Folder of the module, from the root of the repository. */
  readonly module: string;
  readonly source: string;
  readonly inputs?: readonly string[];
  readonly tags?: string;
}

/** Path of the program, built by Go once for each state of its source and module. */
function goProgram({ name, module, source, inputs = [], tags = '' }: GoSource): string {
  const folder = join(ROOT, module);
  const files = ['go.mod', 'go.sum', ...inputs].map((path) => readFileSync(join(folder, path)));
  const path = join(CACHE, `${name}-${hash(tags === '' ? files : [...files, tags])}`);
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const env = { ...process.env, CGO_ENABLED: '0' };
  const flags = ['-ldflags=-s -w', ...(tags === '' ? [] : ['-tags', tags])];
  execFileSync('go', ['build', ...flags, '-o', `${path}.new`, source], { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'] });
  renameSync(`${path}.new`, path);
  return path;
}

/** Of all that the archive depends on: every file, every mode, every name. */
function keyOf({ name, layers, start }: ImageParts): string {
  return hash([name, JSON.stringify(start), ...layers.map(layerKey)]).slice(0, 16);
}

/** Layers are shared, and Node alone is 120 MB: each is read once. */
const layerKeys = new WeakMap<readonly Entry[], string>();
function layerKey(layer: readonly Entry[]): string {
  const known = layerKeys.get(layer);
  if (known !== undefined) return known;
  const parts = layer.map((entry) => {
    const content = entry.type !== 'file' ? '' : hash([typeof entry.content === 'function' ? entry.content() : entry.content]);
    return JSON.stringify({ ...entry, content });
  });
  const key = hash(parts.toSorted());
  layerKeys.set(layer, key);
  return key;
}

function hash(parts: readonly (string | Uint8Array)[]): string {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part).update('\0');
  return sum.digest('hex');
}
