import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { monitorFrom } from '../../operators/doris/src/monitor/objects/from.ts';
import { alloyConf } from '../../operators/doris/src/monitor/objects/alloy-conf.ts';
import { promtailConf } from '../../operators/doris/src/monitor/objects/promtail-conf.ts';
import { cacheFolder, goProgram } from '../go.ts';

/**
 * Alloy's configuration, read by the parser of Alloy itself; Alloy as a whole is in no registry that we use. So its grammar is proven here, and that it names its
 * own parts and no others; whether each component has an argument of that name is not: that is from Alloy's reference pages.
 */
const MODULE = fileURLToPath(new URL('./alloy-syntax/', import.meta.url));
const monitor = monitorFrom({ metadata: { name: 'm', namespace: 'ns' }, spec: { cluster: 'c', loki: { image: '' }, alloy: { image: '' } } });
const text = alloyConf(monitor);

let parser: string;
before(async () => {
  const made = createHash('sha256')
    .update(readFileSync(join(MODULE, 'main.go')))
    .update(readFileSync(join(MODULE, 'go.sum')))
    .digest('hex')
    .slice(0, 12);
  parser = await goProgram({ name: "Alloy's parser", module: MODULE, flags: [], path: join(cacheFolder(), `alloy-syntax-${made}`), takes: 'some seconds' });
});

const read = (configuration: string) => spawnSync(parser, { input: configuration, encoding: 'utf8' });

test("the configuration is one that Alloy's parser takes, and a broken one is not", () => {
  const { status, stderr } = read(text);
  assert.equal(status, 0, stderr);
  assert.notEqual(read(text.replace('names = [', 'names = ')).status, 0);
});

test('every component that is referred to is there', () => {
  const declared = [...text.matchAll(/^([a-z_.]+) "([a-z]+)" \{$/gm)].map(([, component, label]) => `${component}.${label}`);
  const referred = [...text.matchAll(/(?:= |\[)((?:discovery|local|loki)\.[a-z_]+\.[a-z]+)\.(?:targets|output|receiver)/g)].map(([, component]) => component!);
  assert.equal(new Set(declared).size, declared.length);
  for (const component of referred) assert.ok(declared.includes(component), component);
  // All but the end of the line is used by somebody.
  assert.deepEqual(
    declared.filter((component) => !referred.includes(component)),
    ['loki.source.file.logs'],
  );
});

test("lines have the labels that Promtail's have, from the same source", () => {
  interface Relabeling {
    readonly source_labels: readonly string[];
    readonly target_label?: string;
    readonly action?: string;
  }
  const promtail = parse(promtailConf(monitor)) as { readonly scrape_configs: readonly { readonly relabel_configs: readonly Relabeling[] }[] };
  // Which pods: Promtail keeps them by label and drops those of other nodes by __host__, Alloy asks for no others.
  const wanted = promtail.scrape_configs[0]!.relabel_configs.filter((one) => one.action !== 'keep' && one.target_label !== '__host__').map((one) => [
    one.source_labels.join(),
    one.target_label,
  ]);
  const rules = [...text.matchAll(/rule \{\n\s*source_labels = (\[[^\]]*\])[^}]*target_label\s+= "([^"]+)"/g)];
  assert.deepEqual(
    rules.map(([, sources, target]) => [(JSON.parse(sources!) as string[]).join(), target]),
    wanted,
  );
  assert.match(text, /field = "spec\.nodeName=" \+ sys\.env\("HOSTNAME"\)/);
  assert.match(text, /label = "app\.kubernetes\.io\/name=doris-cluster,app\.kubernetes\.io\/instance=c"/);
});
