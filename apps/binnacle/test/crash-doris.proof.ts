import { test } from 'node:test';
import { crashEverywhere } from './birth-and-death.ts';
import { doris } from './subjects.ts';

/** Volumes keep the data, and the account keeps the password that this data knows. */
const SURVIVORS = [
  'PersistentVolumeClaim default/be-storage-basic-be-0',
  'PersistentVolumeClaim default/fe-meta-basic-fe-0',
  'Secret default/basic-opr-account',
];

test('Doris: a cluster is born and goes the same way wherever the operator dies', (t) => crashEverywhere(t, doris, 'doris/basic.yaml', SURVIVORS));
