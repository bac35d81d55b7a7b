import { test } from 'node:test';
import { crashEverywhere } from './birth-and-death.ts';
import { doris } from './subjects.ts';

test('Doris: a cluster is born and goes the same way wherever the operator dies', { timeout: 150_000 }, (t) => crashEverywhere(t, doris, 'doris/basic.yaml'));
