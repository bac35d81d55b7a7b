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
  ];
}

function goImage(name: 'pause' | 'coredns'): ImageParts {
  return { name: `docker.io/binnacle/${name}:e2e`, layers: [[file(goProgram(name), name)]], start: { entrypoint: [`/${name}`], user: '65532:65532' } };
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

/** A program of `programs/`, built by Go once for each state of its source and module. */
function goProgram(name: 'pause' | 'coredns'): string {
  const source = join(ROOT, 'e2e/cluster/programs');
  const inputs = ['go.mod', 'go.sum', `${name}/main.go`].map((path) => readFileSync(join(source, path)));
  const path = join(CACHE, `${name}-${hash(inputs)}`);
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const env = { ...process.env, CGO_ENABLED: '0' };
  execFileSync('go', ['build', '-ldflags=-s -w', '-o', `${path}.new`, `./${name}`], { cwd: source, env, stdio: ['ignore', 'inherit', 'inherit'] });
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
