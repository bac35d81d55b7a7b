import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

/**
 * What operators write for Prometheus, judged by Prometheus' own tool. Debian's is built without the discovery of pods, so that one section is exchanged for
 * another before it looks: all else, relabelling above all, is as it was generated.
 */
const GOLDEN = fileURLToPath(new URL('../../operators/doris/test/golden/', import.meta.url));

interface Generated {
  readonly kind?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** Every generated file of this name, by the golden file it is in. */
const generated = (key: string) =>
  readdirSync(GOLDEN).flatMap((name) =>
    parseAllDocuments(readFileSync(join(GOLDEN, name), 'utf8'))
      .map((document) => document.toJS() as Generated | null)
      .filter((object) => object?.kind === 'ConfigMap' && object.data?.[key] !== undefined)
      .map((object) => ({ name, text: object!.data![key]! })),
  );

const configurations = generated('prometheus.yml');

function check(written: string) {
  const text = written
    .replaceAll('rule_files: [/etc/prometheus/rules.yml]\n', '')
    .replaceAll(/ {4}kubernetes_sd_configs:\n {6}- role: pod\n {8}namespaces:\n {10}names: .*\n/g, '    static_configs: []\n');
  return promtool({ 'prometheus.yml': text }, ['check', 'config', 'prometheus.yml']);
}

test('every generated scrape configuration is one that Prometheus takes', (t) => {
  assert.ok(configurations.length > 0 && configurations.every(({ text }) => text.includes('role: pod\n        namespaces:')));
  for (const { name, text } of configurations) {
    const { ok, said } = check(text);
    assert.ok(ok, `${name}: ${said}`);
  }
  t.diagnostic(`${configurations.length} configurations, ${execFileSync('promtool', ['--version'], { encoding: 'utf8' }).split('\n')[0]}`);
});

test('promtool would have seen a mistake in one of them', () => {
  assert.ok(!check(configurations[0]!.text.replace('action: keep', 'action: kept')).ok);
});

test('every alert rule is one that Prometheus takes, with words and a runbook', () => {
  for (const { name, text } of generated('rules.yml')) {
    const { ok, said } = promtool({ 'rules.yml': text }, ['check', 'rules', 'rules.yml']);
    assert.ok(ok, `${name}: ${said}`);
  }
});

/** Minutes of a series: 60 values, one each minute. */
const steady = (value: number) => `${value}x60`;
const labels = 'kubernetes_namespace="default",cluster="basic"';

/** What a cluster is like, and which alerts wake somebody after an hour of it. */
const TROUBLES: readonly { readonly name: string; readonly series: Readonly<Record<string, string>>; readonly firing: readonly string[] }[] = [
  {
    name: 'all is well',
    series: {
      [`up{job="doris-fe",instance="basic-fe-0",${labels}}`]: steady(1),
      [`up{job="doris-fe",instance="basic-fe-1",${labels}}`]: steady(1),
      [`up{job="doris-fe",instance="basic-fe-2",${labels}}`]: steady(1),
      [`node_info{type="be_node_num",state="total",${labels}}`]: steady(3),
      [`node_info{type="be_node_num",state="alive",${labels}}`]: steady(3),
      [`doris_be_disks_avail_capacity{path="/a",instance="basic-be-0",${labels}}`]: steady(60),
      [`doris_be_disks_total_capacity{path="/a",instance="basic-be-0",${labels}}`]: steady(100),
      [`doris_fe_max_tablet_compaction_score{${labels}}`]: steady(20),
    },
    firing: [],
  },
  {
    name: 'no front end answers',
    series: { [`up{job="doris-fe",instance="basic-fe-0",${labels}}`]: steady(0) },
    firing: ['DorisNodeDown', 'DorisQuorumLost'],
  },
  {
    name: 'a back end is dead in the eyes of the front ends, and another is to leave and does not get empty',
    series: {
      [`up{job="doris-fe",instance="basic-fe-0",${labels}}`]: steady(1),
      [`node_info{type="be_node_num",state="total",${labels}}`]: steady(3),
      [`node_info{type="be_node_num",state="alive",${labels}}`]: steady(2),
      [`node_info{type="be_node_num",state="decommissioned",${labels}}`]: steady(1),
      [`doris_fe_tablet_num{backend="b",${labels}}`]: steady(12),
    },
    firing: ['DorisBackEndDead', 'DorisDecommissionStuck'],
  },
  {
    name: 'a disk is full, and versions pile up',
    series: {
      [`up{job="doris-fe",instance="basic-fe-0",${labels}}`]: steady(1),
      [`doris_be_disks_avail_capacity{path="/a",instance="basic-be-0",${labels}}`]: steady(5),
      [`doris_be_disks_total_capacity{path="/a",instance="basic-be-0",${labels}}`]: steady(100),
      [`doris_fe_max_tablet_compaction_score{${labels}}`]: steady(1_800),
    },
    firing: ['DorisCompactionBacklog', 'DorisCompactionStuck', 'DorisDiskFilling', 'DorisDiskFull'],
  },
];

/** Whether of these rules those fire, and no others, after an hour of it. */
function fires(text: string, { name, series, firing }: (typeof TROUBLES)[number]): void {
  const { groups } = JSON.parse(text) as { readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[] };
  const names = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  for (const alert of firing) assert.ok(names.includes(alert), `${alert} is no rule`);
  const ask = { expr: 'count by (alertname) (ALERTS{alertstate="firing"})', eval_time: '1h' };
  const samples = firing.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 }));
  const unit = {
    rule_files: ['rules.yml'],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: Object.entries(series).map(([of, values]) => ({ series: of, values })),
        promql_expr_test: [{ ...ask, exp_samples: samples }],
      },
    ],
  };
  const { ok, said } = promtool({ 'rules.yml': text, 'unit.yml': JSON.stringify(unit) }, ['test', 'rules', 'unit.yml']);
  assert.ok(ok, `${name}: ${said}`);
}

test('alerts fire for what wakes people up, and for nothing else', () => {
  for (const trouble of TROUBLES) fires(generated('rules.yml')[0]!.text, trouble);
});

test('as a PrometheusRule they fire for the same, and not for another cluster that the same Prometheus watches', () => {
  const rule = readdirSync(GOLDEN)
    .flatMap((name) => parseAllDocuments(readFileSync(join(GOLDEN, name), 'utf8')))
    .map((document) => document.toJS() as { readonly kind?: string; readonly spec?: unknown } | null)
    .find((object) => object?.kind === 'PrometheusRule');
  const text = JSON.stringify(rule?.spec);
  const named = (series: (typeof TROUBLES)[number]['series'], cluster: string) =>
    Object.fromEntries(Object.entries(series).map(([of, values]) => [of.replaceAll('"basic', `"${cluster}`), values]));
  for (const trouble of TROUBLES) {
    fires(text, { ...trouble, series: named(trouble.series, 'tiered') });
    fires(text, { ...trouble, series: { ...named(TROUBLES[0]!.series, 'tiered'), ...named(trouble.series, 'other') }, firing: [] });
  }
});

function promtool(files: Readonly<Record<string, string>>, args: readonly string[]): { readonly ok: boolean; readonly said: string } {
  const cwd = mkdtempSync(join(tmpdir(), 'promtool-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd, encoding: 'utf8' });
    return { ok: status === 0, said: stdout + stderr };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
